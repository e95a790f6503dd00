import { entryOf } from '#kernel';
import { objectsAt, respell, spellings, textAt, valueAt } from '../native-value.ts';
import { msFromIsoSeconds, notIp } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, NativeFields } from '../types.ts';

// AWS CloudTrail record contents: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

type Kind = 'api' | 'signin' | 'account' | 'group';

const ROWS: Row[] = [
  ['eventID', 'metadata.uid'],
  ['eventType', 'metadata.event_code'],
  ['eventVersion', 'metadata.product.version'],
  ['eventCategory', 'metadata.product.feature.name'],
  ['eventTime', 'metadata.original_time'],
  ['userIdentity/type', 'actor.user.type'],
  ['userIdentity/principalId', 'actor.user.uid_alt'],
  ['userIdentity/arn', 'actor.user.uid'],
  ['userIdentity/userName', 'actor.user.name'],
  ['userIdentity/accountId', 'actor.user.account.uid'],
  ['userIdentity/accessKeyId', 'actor.user.credential_uid'],
  ['userIdentity/invokedBy', 'actor.invoked_by'],
  ['userIdentity/onBehalfOf/identityStoreArn', 'actor.idp.uid'],
  ['userIdentity/sessionContext/sessionIssuer/arn', 'actor.session.issuer'],
  ['userIdentity/sessionContext/attributes/creationDate', 'actor.session.created_time', msFromIsoSeconds],
  ['userIdentity/sessionContext/attributes/mfaAuthenticated', 'actor.session.is_mfa'],
  ['eventSource', 'api.service.name'],
  ['eventName', 'api.operation'],
  ['apiVersion', 'api.version'],
  ['requestID', 'api.request.uid'],
  ['requestParameters', 'api.request.data'],
  ['responseElements', 'api.response.data'],
  ['errorCode', 'api.response.error'],
  ['errorCode', 'status_code'],
  ['errorMessage', 'api.response.error_message'],
  ['errorMessage', 'status_detail'],
  ['awsRegion', 'cloud.region'],
  ['recipientAccountId', 'cloud.account.uid'],
  ['userAgent', 'http_request.user_agent'],
  ['sourceIPAddress', 'src_endpoint.ip'],
  ['sourceIPAddress', 'src_endpoint.domain', notIp],
];

const SIGNIN_ROWS: Row[] = [
  ...ROWS,
  ['userIdentity/type', 'user.type'],
  ['userIdentity/arn', 'user.uid'],
  ['userIdentity/userName', 'user.name'],
  ['userIdentity/accountId', 'user.account.uid'],
  ['eventSource', 'service.name'],
];

const CONSTANTS = {
  'metadata.product.name': 'CloudTrail',
  'metadata.product.vendor_name': 'AWS',
  'cloud.provider': 'AWS',
};
const GENERAL = defineFieldMap(ROWS, CONSTANTS);

/** IAM calls that change a user: the activity of Account Change (3001). */
const ACCOUNT_CALLS: Readonly<Record<string, number>> = {
  CreateUser: 1,
  CreateLoginProfile: 2,
  ChangePassword: 3,
  UpdateLoginProfile: 4,
  DeleteLoginProfile: 5,
  DeleteUser: 6,
  AttachUserPolicy: 7,
  PutUserPolicy: 7,
  DetachUserPolicy: 8,
  DeleteUserPolicy: 8,
  EnableMFADevice: 10,
  DeactivateMFADevice: 11,
};

/** IAM calls that change a group: the activity of Group Management (3006). */
const GROUP_CALLS: Readonly<Record<string, number>> = {
  AttachGroupPolicy: 1,
  PutGroupPolicy: 1,
  DetachGroupPolicy: 2,
  DeleteGroupPolicy: 2,
  AddUserToGroup: 3,
  RemoveUserFromGroup: 4,
  DeleteGroup: 5,
  CreateGroup: 6,
};

const VERBS: readonly (readonly [RegExp, number])[] = [
  [
    /^(?:Batch)?(?:Get|Describe|List|Lookup|Head|Search|Scan|Query|Select|Download|View|Check|Verify|Validate|Test|Simulate)/,
    2,
  ],
  [/^(?:Batch)?(?:Delete|Remove|Terminate|Deregister|Destroy|Purge|Revoke|Detach|Disassociate|Cancel)/, 4],
  [/^(?:Batch)?(?:Create|Run|Register|Import|Add|Issue|Allocate|Generate|Copy|Upload|Request|Launch)/, 1],
  [
    /^(?:Batch)?(?:Update|Modify|Put|Set|Change|Attach|Associate|Enable|Disable|Start|Stop|Reboot|Reset|Restore|Replace|Tag|Untag|Authorize|Apply|Rotate|Edit)/,
    3,
  ],
];

const family = defineFamily<Kind>({
  name: 'cloudtrail',
  title: 'AWS CloudTrail',
  maps: { api: GENERAL, account: GENERAL, group: GENERAL, signin: defineFieldMap(SIGNIN_ROWS, CONSTANTS) },
  kind: kindOf,
  time: (fields, context) => isoTime(fields['eventTime'], context),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    draft.statusId = statusOf(fields);
    draft.set('cloud.provider', 'AWS');
    if (kind === 'signin') fillSignIn(fields, draft);
    else if (kind === 'account') fillAccount(fields, draft);
    else if (kind === 'group') fillGroup(fields, draft);
    else fillApi(fields, draft);
  },
});

function kindOf(fields: NativeFields): Kind {
  const name = textAt(fields, 'eventName') ?? '';
  if (fields['eventSource'] === 'signin.amazonaws.com') return 'signin';
  if (fields['eventSource'] !== 'iam.amazonaws.com') return 'api';
  if (Object.hasOwn(ACCOUNT_CALLS, name) && targetUser(fields) !== undefined) return 'account';
  return Object.hasOwn(GROUP_CALLS, name) && targetGroup(fields) !== undefined ? 'group' : 'api';
}

function targetUser(fields: NativeFields): string | undefined {
  return textAt(fields, 'requestParameters', 'userName') ?? textAt(fields, 'responseElements', 'user', 'userName');
}

function targetGroup(fields: NativeFields): string | undefined {
  return textAt(fields, 'requestParameters', 'groupName') ?? textAt(fields, 'responseElements', 'group', 'groupName');
}

/** CloudTrail states errors only; a call without one succeeded. A console sign-in states its outcome itself. */
function statusOf(fields: NativeFields): number {
  const signIn = textAt(fields, 'responseElements', 'ConsoleLogin');
  if (signIn !== undefined) return signIn === 'Success' ? 1 : 2;
  return fields['errorCode'] === undefined && fields['errorMessage'] === undefined ? 1 : 2;
}

function fillSignIn(fields: NativeFields, draft: Draft): void {
  draft.classUid = 3002;
  const name = textAt(fields, 'eventName');
  draft.activityId = name === 'ConsoleLogin' ? 1 : name === 'SwitchRole' || name === 'ExitRole' ? 7 : 99;
  const mfa = textAt(fields, 'additionalEventData', 'MFAUsed');
  if (mfa !== undefined) draft.set('is_mfa', mfa === 'Yes');
  if (textAt(fields, 'userIdentity', 'userName') !== undefined) return;
  draft.set('user.name', textAt(fields, 'additionalEventData', 'UserName'));
  draft.set(
    'user.uid_alt',
    textAt(fields, 'userIdentity', 'onBehalfOf', 'userId') ?? textAt(fields, 'userIdentity', 'principalId'),
  );
}

function fillAccount(fields: NativeFields, draft: Draft): void {
  draft.classUid = 3001;
  draft.activityId = entryOf(ACCOUNT_CALLS, textAt(fields, 'eventName')) ?? 99;
  draft.set('user.name', targetUser(fields));
  draft.set('user.uid', textAt(fields, 'responseElements', 'user', 'arn'));
  draft.set('user.uid_alt', textAt(fields, 'responseElements', 'user', 'userId'));
  draft.set('policy.uid', textAt(fields, 'requestParameters', 'policyArn'));
}

function fillGroup(fields: NativeFields, draft: Draft): void {
  draft.classUid = 3006;
  draft.activityId = entryOf(GROUP_CALLS, textAt(fields, 'eventName')) ?? 99;
  draft.set('group.name', targetGroup(fields));
  draft.set('user.name', textAt(fields, 'requestParameters', 'userName'));
}

function fillApi(fields: NativeFields, draft: Draft): void {
  draft.classUid = 6003;
  draft.activityId = activityOf(textAt(fields, 'eventName') ?? '', valueAt(fields, 'readOnly'));
  const resources = objectsAt(fields, 'resources').flatMap((one) => {
    const uid = textAt(one, 'ARN') ?? textAt(one, 'arn');
    const type = textAt(one, 'type');
    return uid === undefined ? [] : [type === undefined ? { uid } : { uid, type }];
  });
  if (resources.length > 0) draft.set('resources', resources);
}

function activityOf(name: string, readOnly: unknown): number {
  for (const [verb, activity] of VERBS) if (verb.test(name)) return activity;
  return readOnly === true || readOnly === 'true' ? 2 : 99;
}

const NAMES = spellings([
  ...new Set(ROWS.map(([native]) => native.split('/')[0] ?? '')),
  'additionalEventData',
  'readOnly',
  'managementEvent',
  'resources',
]);

/** CloudTrail log files, Lake and EventBridge exports; also with the folded names that Athena gives. */
export const cloudtrail: JsonSource = {
  name: 'cloudtrail',
  title: 'AWS CloudTrail',
  families: [family],
  oracle: 'ocsf/examples pairs; panther-analysis rule tests',
  shape: 'json',
  accepts(value) {
    const record = 'eventName' in value || 'eventname' in value;
    return (
      record &&
      ('awsRegion' in value ||
        'awsregion' in value ||
        'eventSource' in value ||
        'eventsource' in value ||
        'userIdentity' in value)
    );
  },
  parse: (value) => ({ family: 'cloudtrail', fields: respell(value, NAMES) }),
};
