import { entryOf } from '#kernel';
import { merged, objectsAt, textAt, valueAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { isPlain, put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, NativeFields, NativeRecord } from '../types.ts';

// Admin SDK Reports API, activities: https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities

type Kind = 'signin' | 'account' | 'group' | 'file' | 'api';

const ROWS: Row[] = [
  ['id/time', 'metadata.original_time'],
  ['id/uniqueQualifier', 'metadata.uid'],
  ['id/customerId', 'metadata.tenant_uid'],
  ['id/applicationName', 'metadata.product.feature.name'],
  ['name', 'metadata.event_code'],
  ['type', 'metadata.log_name'],
  ['actor/email', 'actor.user.name'],
  ['actor/email', 'actor.user.email_addr'],
  ['actor/profileId', 'actor.user.uid'],
  ['actor/callerType', 'actor.user.type'],
  ['ipAddress', 'src_endpoint.ip'],
];

const SIGNIN_ROWS: Row[] = [
  ...ROWS,
  ['actor/email', 'user.name'],
  ['actor/profileId', 'user.uid'],
  ['id/applicationName', 'service.name'],
  ['parameters/login_failure_type', 'status_detail'],
];

const FILE_ROWS: Row[] = [
  ...ROWS,
  ['parameters/doc_title', 'file.name'],
  ['parameters/doc_id', 'file.uid'],
  ['parameters/doc_type', 'file.type'],
  ['parameters/owner', 'file.owner.name'],
];

const API_ROWS: Row[] = [...ROWS, ['name', 'api.operation'], ['id/applicationName', 'api.service.name']];

const PRODUCT = { 'metadata.product.name': 'Google Workspace', 'metadata.product.vendor_name': 'Google' };
const GENERAL = defineFieldMap(ROWS, PRODUCT);

const SIGNIN_ACTIVITIES: Readonly<Record<string, number>> = {
  login_success: 1,
  login_failure: 1,
  login_challenge: 99,
  login_verification: 99,
  logout: 2,
  suspicious_login: 1,
};

const ACCOUNT_ACTIVITIES: readonly (readonly [RegExp, number])[] = [
  [/^CREATE_USER$/, 1],
  [/^(?:UNSUSPEND_USER|UNDELETE_USER)$/, 2],
  [/^(?:password_edit|CHANGE_PASSWORD)$/, 3],
  [/^(?:CHANGE_PASSWORD_ON_NEXT_LOGIN|RESET_SIGNIN_COOKIES)$/, 4],
  [/^(?:SUSPEND_USER|account_disabled_.*)$/, 5],
  [/^DELETE_USER$/, 6],
  [/^2sv_enroll|^titanium_enroll/, 10],
  [/^2sv_disable|^titanium_unenroll|^TURN_OFF_2_STEP_VERIFICATION$/, 11],
  [/^recovery_(?:email|phone|secret_qa)_edit$|^email_forwarding/, 99],
];

const FILE_ACTIVITIES: Readonly<Record<string, number>> = {
  create: 1,
  upload: 1,
  download: 2,
  edit: 3,
  delete: 4,
  trash: 4,
  rename: 5,
  copy: 6,
  move: 7,
  untrash: 8,
  preview: 9,
  view: 14,
  change_user_access: 12,
  change_acl_editors: 12,
  change_document_visibility: 12,
  change_owner: 12,
};

const family = defineFamily<Kind>({
  name: 'google-workspace',
  title: 'Google Workspace',
  maps: {
    signin: defineFieldMap(SIGNIN_ROWS, PRODUCT),
    file: defineFieldMap(FILE_ROWS, PRODUCT),
    api: defineFieldMap(API_ROWS, PRODUCT),
    account: GENERAL,
    group: GENERAL,
  },
  kind: kindOf,
  time: (fields, context) => isoTime(valueAt(fields, 'id', 'time'), context),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    draft.statusId = statusOf(textAt(fields, 'name') ?? '', kind);
    FILLS[kind](fields, draft);
  },
});

function kindOf(fields: NativeFields): Kind {
  const application = textAt(fields, 'id', 'applicationName');
  const name = textAt(fields, 'name') ?? '';
  if (Object.hasOwn(SIGNIN_ACTIVITIES, name.trim())) return 'signin';
  if (application === 'drive' && textAt(fields, 'parameters', 'doc_title') !== undefined) return 'file';
  if (ACCOUNT_ACTIVITIES.some(([pattern]) => pattern.test(name))) return 'account';
  return /^(?:add|remove)_(?:member|user)$/i.test(name) && groupOf(fields) !== undefined ? 'group' : 'api';
}

/** Google reports what was done; only sign-ins may have failed, and warnings about them say nothing of the outcome. */
function statusOf(name: string, kind: Kind): number {
  if (/fail/i.test(name)) return 2;
  return kind === 'signin' && !/success|logout/.test(name) ? 0 : 1;
}

function groupOf(fields: NativeFields): string | undefined {
  return (
    textAt(fields, 'parameters', 'group_email') ??
    textAt(fields, 'parameters', 'GROUP_EMAIL') ??
    textAt(fields, 'parameters', 'group_id')
  );
}

const FILLS: Readonly<Record<Kind, (fields: NativeFields, draft: Draft) => void>> = {
  signin(fields, draft) {
    draft.classUid = 3002;
    draft.activityId = entryOf(SIGNIN_ACTIVITIES, (textAt(fields, 'name') ?? '').trim()) ?? 99;
  },
  account(fields, draft) {
    draft.classUid = 3001;
    const name = textAt(fields, 'name') ?? '';
    draft.activityId = ACCOUNT_ACTIVITIES.find(([pattern]) => pattern.test(name))?.[1] ?? 99;
    const target = textAt(fields, 'parameters', 'USER_EMAIL') ?? textAt(fields, 'parameters', 'affected_email_address');
    draft.set('user.name', target ?? textAt(fields, 'actor', 'email'));
  },
  group(fields, draft) {
    draft.classUid = 3006;
    draft.activityId = /^add/i.test(textAt(fields, 'name') ?? '') ? 3 : 4;
    draft.set('group.name', groupOf(fields));
    draft.set('user.name', textAt(fields, 'parameters', 'USER_EMAIL') ?? textAt(fields, 'parameters', 'member_id'));
  },
  file(fields, draft) {
    draft.classUid = 6006;
    draft.activityId = entryOf(FILE_ACTIVITIES, textAt(fields, 'name')) ?? 99;
    draft.set('file.type_id', textAt(fields, 'parameters', 'doc_type') === 'folder' ? 2 : 1);
  },
  api(fields, draft) {
    draft.classUid = 6003;
    const name = textAt(fields, 'name') ?? '';
    draft.activityId = apiActivity(name);
  },
};

function apiActivity(name: string): number {
  if (/^(?:create|add|authorize)/i.test(name)) return 1;
  if (/^(?:view|download|get|list|access)/i.test(name)) return 2;
  if (/^(?:change|edit|update|set|toggle|move)/i.test(name)) return 3;
  return /^(?:delete|remove|revoke|trash)/i.test(name) ? 4 : 99;
}

/** Events in one activity; Google sends at most a few. */
const EVENTS_MAX = 100;

/** One activity as the API gives it: its events, each with the activity's own fields; what is no event stays with them. */
function split(activity: NativeFields): NativeRecord[] {
  const { events, ...shared } = activity;
  const all: unknown[] = Array.isArray(events) ? events : [];
  const own = all.slice(0, EVENTS_MAX).filter(isPlain);
  const records = own.map((event) => {
    const fields = merged(shared, event);
    if (Array.isArray(event['parameters'])) fields['parameters'] = parametersOf(event);
    return { family: 'google-workspace', fields };
  });
  const rest = all.filter((event, index) => index >= EVENTS_MAX || !isPlain(event));
  if (rest.length > 0) records.push({ family: 'google-workspace', fields: merged(shared, { events: rest }) });
  return records;
}

function parametersOf(event: NativeFields): NativeFields {
  const parameters: NativeFields = {};
  for (const parameter of objectsAt(event, 'parameters')) {
    const { name, ...values } = parameter;
    const [value] = Object.values(values);
    if (typeof name === 'string') put(parameters, name, value ?? null);
  }
  return parameters;
}

/** Activities of the Reports API, and exports with one event a line. */
export const googleWorkspace: JsonSource = {
  name: 'google-workspace',
  title: 'Google Workspace activity',
  families: [family],
  oracle: 'panther-analysis rule tests',
  shape: 'json',
  accepts: (value) => typeof valueAt(value, 'id', 'applicationName') === 'string',
  parse(value) {
    const isActivity = Array.isArray(value['events']) && value['events'].length > 0;
    return isActivity ? split(value) : { family: 'google-workspace', fields: value };
  },
};
