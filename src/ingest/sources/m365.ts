import { entryOf } from '#kernel';
import { objectsAt, pairValue, respell, spellings, textAt } from '../native-value.ts';
import { ip, keep, type Codec } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, MapContext, NativeFields } from '../types.ts';

// Management activity: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
// Message trace: https://learn.microsoft.com/previous-versions/office/developer/o365-enterprise-developers/jj984335(v=office.15)
// Alerts: https://learn.microsoft.com/graph/api/resources/security-alert

type Kind = 'signin' | 'file' | 'account' | 'group' | 'api' | 'trace' | 'alert';

/** `203.0.113.7:443` and `[2001:db8::1]:443`, as Exchange writes clients. */
const hostOfAddress: Codec = {
  to(value) {
    if (typeof value !== 'string') return undefined;
    return ip.to(value.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1'));
  },
  from: (value) => value,
};

const ROWS: Row[] = [
  ['Id', 'metadata.uid'],
  ['CreationTime', 'metadata.original_time'],
  ['Operation', 'metadata.event_code'],
  ['Workload', 'metadata.product.feature.name'],
  ['RecordType', 'metadata.log_name'],
  ['OrganizationId', 'metadata.tenant_uid'],
  ['UserId', 'actor.user.name'],
  ['UserKey', 'actor.user.uid'],
  ['UserType', 'actor.user.type'],
  ['AppAccessContext/AADSessionId', 'actor.session.uid'],
  ['ClientIP', 'src_endpoint.ip', keep(hostOfAddress)],
  ['ActorIpAddress', 'src_endpoint.ip', keep(hostOfAddress)],
  ['ClientIPAddress', 'src_endpoint.ip', keep(hostOfAddress)],
  ['UserAgent', 'http_request.user_agent'],
  ['ResultStatus', 'status'],
  ['LogonError', 'status_detail'],
];

const API_ROWS: Row[] = [
  ...ROWS,
  ['Operation', 'api.operation'],
  ['Workload', 'api.service.name'],
  ['Parameters', 'api.request.data', keep({ to: (value) => value ?? undefined, from: (value) => value })],
];

const SIGNIN_ROWS: Row[] = [
  ...ROWS,
  ['UserId', 'user.name'],
  ['UserKey', 'user.uid'],
  ['ApplicationId', 'service.uid'],
  ['Workload', 'service.name'],
];

const FILE_ROWS: Row[] = [
  ...ROWS,
  ['SourceFileName', 'file.name'],
  ['ObjectId', 'file.path'],
  ['SourceFileExtension', 'file.ext'],
  ['SourceRelativeUrl', 'file.parent_folder'],
  ['SiteUrl', 'share'],
];

const TRACE_ROWS: Row[] = [
  ['MessageTraceId', 'message_trace_uid'],
  ['MessageId', 'email.message_uid'],
  ['Received', 'metadata.original_time'],
  ['Organization', 'metadata.tenant_uid'],
  ['SenderAddress', 'email.from'],
  ['SenderAddress', 'email.smtp_from'],
  ['SenderAddress', 'from'],
  ['RecipientAddress', 'email.to.0'],
  ['RecipientAddress', 'email.smtp_to.0'],
  ['RecipientAddress', 'to.0'],
  ['Subject', 'email.subject'],
  ['Size', 'email.size'],
  ['FromIP', 'src_endpoint.ip'],
  ['ToIP', 'dst_endpoint.ip'],
  ['Status', 'status_detail'],
];

const ALERT_ROWS: Row[] = [
  ['id', 'finding_info.uid'],
  ['title', 'finding_info.title'],
  ['description', 'finding_info.desc'],
  ['createdDateTime', 'metadata.original_time'],
  ['productName', 'metadata.product.feature.name'],
  ['tenantId', 'metadata.tenant_uid'],
  ['alertWebUrl', 'finding_info.src_url'],
  ['category', 'finding_info.types.0'],
  ['status', 'status'],
  ['severity', 'severity'],
];

const PRODUCT = { 'metadata.product.name': 'Microsoft 365', 'metadata.product.vendor_name': 'Microsoft' };
const GENERAL = defineFieldMap(ROWS, PRODUCT);

/** SharePoint and OneDrive operations by name → activity of File Hosting (6006). */
const FILE_ACTIVITIES: readonly (readonly [RegExp, number])[] = [
  [/^File(?:Uploaded|SyncUploaded)/, 1],
  [/^File(?:Downloaded|SyncDownloaded)/, 2],
  [/^File(?:Modified|CheckedIn|VersionRecycled)/, 3],
  [/^File(?:Deleted|Recycled|DeletedFirstStage|DeletedSecondStage)/, 4],
  [/^FileRenamed/, 5],
  [/^FileCopied/, 6],
  [/^FileMoved/, 7],
  [/^FileRestored/, 8],
  [/^FilePreviewed/, 9],
  [/^(?:FileAccessed|FileViewed)/, 14],
  [/^(?:SharingRevoked|RemovedFromSecureLink|SecureLinkDeleted)/, 13],
  [/Sharing|SecureLink|AnonymousLink|CompanyLink|Shared/, 12],
];

const SEVERITY: Readonly<Record<string, number>> = { informational: 1, low: 2, medium: 3, high: 4 };

const family = defineFamily<Kind>({
  name: 'm365',
  title: 'Microsoft 365',
  maps: {
    signin: defineFieldMap(SIGNIN_ROWS, PRODUCT),
    file: defineFieldMap(FILE_ROWS, PRODUCT),
    account: GENERAL,
    group: GENERAL,
    api: defineFieldMap(API_ROWS, PRODUCT),
    trace: defineFieldMap(TRACE_ROWS, PRODUCT),
    alert: defineFieldMap(ALERT_ROWS, PRODUCT),
  },
  kind: kindOf,
  time(fields, context) {
    const stated = fields['CreationTime'] ?? fields['Received'] ?? fields['createdDateTime'];
    // Both reports state UTC without writing it.
    const isUtc = 'CreationTime' in fields || 'Received' in fields;
    const text = isUtc && typeof stated === 'string' && /\d$/.test(stated) ? `${stated}Z` : stated;
    const time = isoTime(text, context);
    return time?.original !== undefined && typeof stated === 'string' ? { ...time, original: stated } : time;
  },
  fill(fields, draft, kind, context) {
    draft.severityId = kind === 'trace' ? 0 : 1;
    if (kind !== 'trace' && kind !== 'alert') draft.statusId = statusOf(fields);
    FILLS[kind](fields, draft, context);
  },
});

function kindOf(fields: NativeFields): Kind {
  if ('MessageTraceId' in fields) return 'trace';
  if ('title' in fields && 'createdDateTime' in fields) return 'alert';
  const operation = textAt(fields, 'Operation') ?? '';
  if (/^UserLog(?:gedIn|inFailed)$|^(?:Mailbox|Team)Login$/.test(operation)) return 'signin';
  if (
    /^(?:SharePoint|OneDrive)$/.test(textAt(fields, 'Workload') ?? '') &&
    textAt(fields, 'SourceFileName') !== undefined
  )
    return 'file';
  if (/ member (?:to|from) group/i.test(operation)) return 'group';
  return /^(?:Add|Delete|Update|Disable|Enable) (?:user|account)|password/i.test(operation) &&
    textAt(fields, 'ObjectId') !== undefined
    ? 'account'
    : 'api';
}

function statusOf(fields: NativeFields): number {
  if (fields['Operation'] === 'UserLoginFailed') return 2;
  const result = (textAt(fields, 'ResultStatus') ?? '').toLowerCase();
  if (/^(?:success|succeeded|true|partiallysucceeded)$/.test(result)) return 1;
  return result === '' ? 0 : 2;
}

const FILLS: Readonly<Record<Kind, (fields: NativeFields, draft: Draft, context: MapContext) => void>> = {
  signin(fields, draft) {
    draft.classUid = 3002;
    draft.activityId = 1;
    const requestType = pairValue(objectsAt(fields, 'ExtendedProperties'), 'RequestType');
    draft.set('logon_type', requestType);
  },
  file(fields, draft) {
    draft.classUid = 6006;
    const operation = textAt(fields, 'Operation') ?? '';
    draft.activityId = FILE_ACTIVITIES.find(([pattern]) => pattern.test(operation))?.[1] ?? 99;
    draft.set('file.type_id', textAt(fields, 'ItemType') === 'Folder' ? 2 : 1);
  },
  account(fields, draft) {
    draft.classUid = 3001;
    const operation = textAt(fields, 'Operation') ?? '';
    draft.activityId = accountActivity(operation);
    draft.set('user.name', textAt(fields, 'ObjectId'));
  },
  group(fields, draft) {
    draft.classUid = 3006;
    draft.activityId = (textAt(fields, 'Operation') ?? '').startsWith('Remove') ? 4 : 3;
    const properties = objectsAt(fields, 'ModifiedProperties');
    const group = pairNewValue(properties, 'Group.DisplayName');
    draft.set('group.name', group);
    draft.set('group.uid', pairNewValue(properties, 'Group.ObjectID'));
    draft.set('user.name', textAt(fields, 'ObjectId'));
  },
  api(fields, draft) {
    draft.classUid = 6003;
    const operation = textAt(fields, 'Operation') ?? '';
    draft.activityId = apiActivity(operation);
    const object = textAt(fields, 'ObjectId');
    if (object !== undefined) draft.set('resources', [{ uid: object }]);
  },
  trace(fields, draft) {
    draft.classUid = 4009;
    draft.activityId = 4;
    draft.set('direction_id', 0);
    const status = textAt(fields, 'Status');
    draft.statusId = status === 'Delivered' ? 1 : status === 'Failed' ? 2 : status === undefined ? 0 : 99;
  },
  alert(fields, draft) {
    draft.classUid = 2004;
    draft.activityId = 1;
    draft.severityId = entryOf(SEVERITY, textAt(fields, 'severity')) ?? 0;
    const evidences = objectsAt(fields, 'evidence').flatMap(evidenceOf);
    if (evidences.length > 0) draft.set('evidences', evidences);
  },
};

function evidenceOf(evidence: NativeFields): Record<string, unknown>[] {
  const name = textAt(evidence, 'userAccount', 'userPrincipalName') ?? textAt(evidence, 'userAccount', 'accountName');
  const address = ip.to(textAt(evidence, 'ipAddress'));
  if (name !== undefined) return [{ user: { name } }];
  return address === undefined ? [] : [{ src_endpoint: { ip: address } }];
}

function pairNewValue(properties: readonly NativeFields[], name: string): string | undefined {
  const property = properties.find((one) => textAt(one, 'Name') === name);
  return property && (textAt(property, 'NewValue') ?? textAt(property, 'OldValue'));
}

function accountActivity(operation: string): number {
  if (operation.startsWith('Add')) return 1;
  if (operation.startsWith('Delete')) return 6;
  if (operation.startsWith('Disable')) return 5;
  if (operation.startsWith('Enable')) return 2;
  if (/reset/i.test(operation)) return 4;
  return /password/i.test(operation) ? 3 : 99;
}

function apiActivity(operation: string): number {
  if (/^(?:New|Add|Create|Install)/i.test(operation)) return 1;
  if (/^(?:Get|Search|Mail(?:ItemsAccessed)|Export|View)/i.test(operation)) return 2;
  if (/^(?:Set|Update|Enable|Disable|Change|Move)/i.test(operation)) return 3;
  return /^(?:Remove|Delete|HardDelete|SoftDelete|Uninstall)/i.test(operation) ? 4 : 99;
}

const NAMES = spellings([
  ...new Set([...SIGNIN_ROWS, ...FILE_ROWS].map(([native]) => native.split('/')[0] ?? '')),
  'ObjectId',
  'Parameters',
  'ExternalAccess',
  'OrganizationName',
  'OriginatingServer',
  'ResultStatus',
  'UserKey',
]);

/** Management activity (Unified Audit Log), Exchange message trace and Graph security alerts. */
export const m365: JsonSource = {
  name: 'm365',
  title: 'Microsoft 365 audit, message trace and alerts',
  families: [family],
  oracle: 'ocsf/examples pairs; panther-analysis rule tests',
  shape: 'json',
  accepts(value) {
    if ('Operation' in value || 'operation' in value)
      return (
        'Workload' in value || 'workload' in value || 'RecordType' in value || 'AzureActiveDirectoryEventType' in value
      );
    if ('MessageTraceId' in value) return true;
    return 'title' in value && 'severity' in value && 'createdDateTime' in value && 'lastUpdateDateTime' in value;
  },
  // Graph alerts are in camel case already; only the audit log is folded by exports.
  parse: (value) => ({ family: 'm365', fields: 'title' in value ? value : respell(value, NAMES) }),
};
