import { entryOf } from '#kernel';
import { objectsAt, respell, spellings, textAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, NativeFields } from '../types.ts';

// Okta System Log: https://developer.okta.com/docs/reference/api/system-log/

type Kind = 'auth' | 'account' | 'group' | 'entity' | 'finding' | 'api';

const RECORD_ROWS: Row[] = [
  ['uuid', 'metadata.uid'],
  ['eventType', 'metadata.event_code'],
  ['version', 'metadata.product.version'],
  ['published', 'metadata.original_time'],
  ['displayMessage', 'message'],
  ['severity', 'severity'],
  ['outcome/result', 'status'],
  ['outcome/reason', 'status_detail'],
];

const endpointRows = (endpoint: string): Row[] => [
  ['client/ipAddress', `${endpoint}.ip`],
  ['client/id', `${endpoint}.uid`],
  ['client/zone', `${endpoint}.zone`],
  ['client/device', `${endpoint}.type`],
  ['client/userAgent/os', `${endpoint}.os.name`],
  ['client/geographicalContext/city', `${endpoint}.location.city`],
  ['client/geographicalContext/country', `${endpoint}.location.country`],
  ['client/geographicalContext/state', `${endpoint}.location.region`],
  ['client/geographicalContext/postalCode', `${endpoint}.location.postal_code`],
  ['client/geographicalContext/geolocation/lat', `${endpoint}.location.lat`],
  ['client/geographicalContext/geolocation/lon', `${endpoint}.location.long`],
  ['securityContext/asNumber', `${endpoint}.autonomous_system.number`],
  ['securityContext/asOrg', `${endpoint}.autonomous_system.name`],
  ['securityContext/isp', `${endpoint}.isp`],
  ['securityContext/domain', `${endpoint}.domain`],
];

const ROWS: Row[] = [
  ...RECORD_ROWS,
  ...endpointRows('src_endpoint'),
  ['actor/id', 'actor.user.uid'],
  ['actor/alternateId', 'actor.user.email_addr'],
  ['actor/displayName', 'actor.user.name'],
  ['actor/type', 'actor.user.type'],
  ['authenticationContext/externalSessionId', 'actor.session.uid'],
  ['client/userAgent/rawUserAgent', 'http_request.user_agent'],
  ['debugContext/debugData/requestId', 'http_request.uid'],
  ['debugContext/debugData/requestUri', 'http_request.url.path'],
];

const AUTH_ROWS: Row[] = [
  ...ROWS,
  ['actor/id', 'user.uid'],
  ['actor/alternateId', 'user.email_addr'],
  ['actor/displayName', 'user.name'],
  ['actor/type', 'user.type'],
  ['authenticationContext/externalSessionId', 'session.uid'],
  ['debugContext/debugData/url', 'dst_endpoint.svc_name'],
];

const API_ROWS: Row[] = [
  ...ROWS,
  ['eventType', 'api.operation'],
  ['debugContext/debugData/url', 'dst_endpoint.svc_name'],
];

const FINDING_ROWS: Row[] = [
  ...RECORD_ROWS,
  ...endpointRows('evidences.0.src_endpoint'),
  ['uuid', 'finding_info.uid'],
  ['outcome/reason', 'finding_info.title'],
];

const PRODUCT = { 'metadata.product.name': 'Okta System Log', 'metadata.product.vendor_name': 'Okta' };
const GENERAL = defineFieldMap(ROWS, PRODUCT);

/** Event types by their beginnings, in order: class by kind, and the activity within it. */
const TYPES: readonly (readonly [RegExp, Kind, number])[] = [
  [/^security\.(?:threat|attack|breached)/, 'finding', 1],
  [/^user\.session\.start$/, 'auth', 1],
  [/^user\.session\.(?:end|clear)/, 'auth', 2],
  [/^user\.authentication\.(?:auth_via|sso|authenticate|slo)/, 'auth', 1],
  [/^user\.authentication\./, 'auth', 99],
  [/^user\.mfa\.(?:attempt|okta_verify)|^policy\.evaluate_sign_on$|^app\.generic\..*sign/, 'auth', 99],
  [/^user\.lifecycle\.create/, 'account', 1],
  [/^user\.lifecycle\.(?:activate|unsuspend|reactivate)/, 'account', 2],
  [/^user\.lifecycle\.(?:deactivate|suspend)/, 'account', 5],
  [/^user\.lifecycle\.delete/, 'account', 6],
  [/^user\.account\.update_password/, 'account', 3],
  [/^user\.account\.reset_password/, 'account', 4],
  [/^user\.account\.lock/, 'account', 9],
  [/^user\.account\.unlock/, 'account', 12],
  [/^user\.mfa\.factor\.(?:activate|update)/, 'account', 10],
  [/^user\.mfa\.factor\.(?:deactivate|reset|suspend)/, 'account', 11],
  [/^user\.account\.(?!privilege)/, 'account', 99],
  [/^group\.user_membership\.(?:add|rule_add)/, 'group', 3],
  [/^group\.user_membership\.remove/, 'group', 4],
  [/^group\.lifecycle\.create/, 'group', 6],
  [/^group\.lifecycle\.delete/, 'group', 5],
  [/^group\.privilege\.grant/, 'group', 1],
  [/^group\.privilege\.revoke/, 'group', 2],
  [/^(?:policy|zone|application|device|network_zone)\..*(?:create|add)$/, 'entity', 1],
  [/^(?:policy|zone|application|device|network_zone)\..*(?:update|override|change)$/, 'entity', 3],
  [/^(?:policy|zone|application|device|network_zone)\..*(?:delete|remove)$/, 'entity', 4],
  [/^(?:policy|zone|application|device|network_zone)\..*\.activate$/, 'entity', 10],
  [/^(?:policy|zone|application|device|network_zone)\..*\.deactivate$/, 'entity', 11],
  [/\.create$/, 'api', 1],
  [/\.(?:update|grant|change)$/, 'api', 3],
  [/\.(?:delete|revoke)$/, 'api', 4],
];

const STATUS: Readonly<Record<string, number>> = {
  SUCCESS: 1,
  ALLOW: 1,
  FAILURE: 2,
  DENY: 2,
  SKIPPED: 99,
  CHALLENGE: 99,
  DEFERRED: 99,
};
const SEVERITY: Readonly<Record<string, number>> = { DEBUG: 1, INFO: 1, WARN: 3, ERROR: 4 };

const family = defineFamily<Kind>({
  name: 'okta',
  title: 'Okta System Log',
  maps: {
    auth: defineFieldMap(AUTH_ROWS, PRODUCT),
    account: GENERAL,
    group: GENERAL,
    entity: GENERAL,
    finding: defineFieldMap(FINDING_ROWS, PRODUCT),
    api: defineFieldMap(API_ROWS, PRODUCT),
  },
  kind: (fields) => meaningOf(fields).kind,
  time: (fields, context) => isoTime(fields['published'], context),
  fill(fields, draft, kind) {
    draft.activityId = meaningOf(fields).activity;
    draft.severityId = entryOf(SEVERITY, textAt(fields, 'severity')) ?? 0;
    if (kind !== 'finding') draft.statusId = entryOf(STATUS, textAt(fields, 'outcome', 'result')) ?? 0;
    FILLS[kind](fields, draft);
  },
});

function meaningOf(fields: NativeFields): { kind: Kind; activity: number } {
  const type = textAt(fields, 'eventType') ?? '';
  for (const [pattern, kind, activity] of TYPES) {
    if (!pattern.test(type)) continue;
    if (kind === 'entity' && target(fields, /./) === undefined) break;
    if (kind === 'group' && target(fields, /Group/) === undefined) break;
    return { kind, activity };
  }
  return { kind: 'api', activity: 99 };
}

function target(fields: NativeFields, type: RegExp): NativeFields | undefined {
  return objectsAt(fields, 'target').find((one) => type.test(textAt(one, 'type') ?? 'unknown'));
}

const FILLS: Readonly<Record<Kind, (fields: NativeFields, draft: Draft) => void>> = {
  auth(fields, draft) {
    draft.classUid = 3002;
    const app = target(fields, /^App/);
    // The sign-in is to Okta itself unless the target names an application behind it.
    draft.set('service.name', (app && textAt(app, 'displayName')) ?? 'Okta');
    draft.set('service.uid', app && textAt(app, 'id'));
    if (/auth_via_mfa|mfa/.test(textAt(fields, 'eventType') ?? '')) draft.set('is_mfa', true);
  },
  account(fields, draft) {
    draft.classUid = 3001;
    setUser(target(fields, /^User$/) ?? actorOf(fields), draft);
  },
  group(fields, draft) {
    draft.classUid = 3006;
    const group = target(fields, /Group/);
    draft.set('group.name', group && textAt(group, 'displayName'));
    draft.set('group.uid', group && textAt(group, 'id'));
    draft.set('group.type', group && textAt(group, 'type'));
    setUser(target(fields, /^User$/), draft);
  },
  entity(fields, draft) {
    draft.classUid = 3004;
    const entity = target(fields, /./);
    const isPolicy = entity !== undefined && textAt(entity, 'type')?.startsWith('Policy') === true;
    const at = isPolicy ? 'entity.policy' : 'entity';
    draft.set(`${at}.name`, entity && textAt(entity, 'displayName'));
    draft.set(`${at}.uid`, entity && textAt(entity, 'id'));
    draft.set('entity.type', entity && textAt(entity, 'type'));
    if (isPolicy) draft.set('entity.type_id', 5);
  },
  finding(fields, draft) {
    draft.classUid = 2004;
    const isDenied = textAt(fields, 'outcome', 'result') === 'DENY';
    draft.set('action_id', isDenied ? 2 : 0);
    draft.set('disposition_id', isDenied ? 2 : 0);
  },
  api(_fields, draft) {
    draft.classUid = 6003;
  },
};

function actorOf(fields: NativeFields): NativeFields | undefined {
  return objectsAt({ actor: [fields['actor']] }, 'actor')[0];
}

function setUser(user: NativeFields | undefined, draft: Draft): void {
  if (user === undefined) return;
  draft.set('user.name', textAt(user, 'displayName'));
  draft.set('user.uid', textAt(user, 'id'));
  draft.set('user.email_addr', textAt(user, 'alternateId'));
  draft.set('user.type', textAt(user, 'type'));
}

const NAMES = spellings([
  ...new Set(ROWS.map(([native]) => native.split('/')[0] ?? '')),
  'target',
  'request',
  'transaction',
  'legacyEventType',
]);

/** The System Log API, its event hooks and exports; also with folded names. */
export const okta: JsonSource = {
  name: 'okta',
  title: 'Okta System Log',
  families: [family],
  oracle: 'ocsf/examples pairs; panther-analysis rule tests',
  shape: 'json',
  accepts(value) {
    if (!('eventType' in value || 'eventtype' in value)) return false;
    return 'outcome' in value || 'published' in value || 'legacyEventType' in value || 'legacyeventtype' in value;
  },
  parse: (value) => ({ family: 'okta', fields: respell(value, NAMES) }),
};
