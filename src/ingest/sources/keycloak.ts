import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, NativeFields } from '../types.ts';

// Events: https://www.keycloak.org/docs/latest/server_admin/#event-types (written by the jboss-logging listener)

type Kind = 'signin' | 'account' | 'admin';

const ROWS: Row[] = [
  ['timestamp', 'metadata.original_time'],
  ['type', 'metadata.event_code'],
  ['logger', 'metadata.log_name'],
  ['realmId', 'metadata.tenant_uid'],
  ['ipAddress', 'src_endpoint.ip'],
  ['error', 'status_detail'],
  ['reason', 'status_code'],
];

const SIGNIN_ROWS: Row[] = [
  ...ROWS,
  ['username', 'user.name'],
  ['userId', 'user.uid'],
  ['username', 'actor.user.name'],
  ['userId', 'actor.user.uid'],
  ['clientId', 'service.name'],
  ['sessionId', 'session.uid'],
  ['auth_method', 'auth_protocol'],
  ['redirect_uri', 'http_request.url.url_string'],
];

const ACCOUNT_ROWS: Row[] = [
  ...ROWS,
  ['username', 'user.name'],
  ['userId', 'user.uid'],
  ['clientId', 'actor.app_name'],
];
const ADMIN_ROWS: Row[] = [
  ...ROWS,
  ['operationType', 'api.operation'],
  ['clientId', 'actor.app_name'],
  ['userId', 'actor.user.uid'],
  ['resourceType', 'resources.0.type'],
  ['resourcePath', 'resources.0.uid'],
];

const PRODUCT = { 'metadata.product.name': 'Keycloak', 'metadata.product.vendor_name': 'Keycloak' };

/** Event types that change an account → activity of Account Change (3001). */
const ACCOUNT_ACTIVITIES: Readonly<Record<string, number>> = {
  REGISTER: 1,
  UPDATE_PASSWORD: 3,
  UPDATE_CREDENTIAL: 3,
  RESET_PASSWORD: 4,
  SEND_RESET_PASSWORD: 4,
  DELETE_ACCOUNT: 6,
  USER_DISABLED_BY_TEMPORARY_LOCKOUT: 9,
  USER_DISABLED_BY_PERMANENT_LOCKOUT: 9,
  UPDATE_TOTP: 10,
  REMOVE_TOTP: 11,
  REMOVE_CREDENTIAL: 11,
  UPDATE_EMAIL: 99,
  UPDATE_PROFILE: 99,
};

const ADMIN_ACTIVITIES: Readonly<Record<string, number>> = { CREATE: 1, UPDATE: 3, DELETE: 4, ACTION: 99 };

const family = defineFamily<Kind>({
  name: 'keycloak',
  title: 'Keycloak',
  maps: {
    signin: defineFieldMap(SIGNIN_ROWS, PRODUCT),
    account: defineFieldMap(ACCOUNT_ROWS, PRODUCT),
    admin: defineFieldMap(ADMIN_ROWS, PRODUCT),
  },
  kind(fields) {
    if (textAt(fields, 'operationType') !== undefined) return 'admin';
    return Object.hasOwn(ACCOUNT_ACTIVITIES, eventType(fields)) ? 'account' : 'signin';
  },
  time: (fields, context) => isoTime(fields['timestamp'], context),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    draft.statusId = fields['error'] === undefined && !(textAt(fields, 'type') ?? '').endsWith('_ERROR') ? 1 : 2;
    if (kind === 'signin') fillSignIn(fields, draft);
    else if (kind === 'account') {
      draft.classUid = 3001;
      draft.activityId = entryOf(ACCOUNT_ACTIVITIES, eventType(fields)) ?? 99;
    } else {
      draft.classUid = 6003;
      draft.activityId = entryOf(ADMIN_ACTIVITIES, textAt(fields, 'operationType')) ?? 99;
    }
  },
});

function eventType(fields: NativeFields): string {
  return (textAt(fields, 'type') ?? '').replace(/_ERROR$/, '');
}

function fillSignIn(fields: NativeFields, draft: Draft): void {
  draft.classUid = 3002;
  const type = eventType(fields);
  draft.activityId = /^(?:LOGIN|IDENTITY_PROVIDER_LOGIN|CLIENT_LOGIN)$/.test(type) ? 1 : type === 'LOGOUT' ? 2 : 99;
  const protocol = textAt(fields, 'auth_method');
  if (protocol === 'openid-connect') draft.set('auth_protocol_id', 4);
  else if (protocol === 'saml') draft.set('auth_protocol_id', 5);
}

const LINE =
  /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{3}\S*) +(\w+) +\[(org\.key[\w.]*)\] +\(([^)]{0,200})\) +((?:type|operationType)=.*)$/;

/** Pairs in one line; Keycloak writes about fifteen. */
const PAIRS_MAX = 100;
const PAIR = /([A-Za-z_][\w.-]{0,100})=(?:"((?:[^"\\]|\\.)*)"|(.*?))(?:, (?=[A-Za-z_][\w.-]{0,100}=)|$)/gy;

function parseLine(text: string): NativeFields | null {
  const match = LINE.exec(text);
  if (match === null) return null;
  const [, timestamp, level, logger, thread, pairs = ''] = match;
  const fields: NativeFields = { timestamp, level, logger, thread };
  let count = 0;
  for (const [, name = '', quoted, bare] of pairs.matchAll(PAIR)) {
    if (++count > PAIRS_MAX) break;
    const value = quoted ?? bare ?? '';
    // The text null is how the listener writes an absent value; it is no user and no session.
    put(fields, name, value === 'null' ? null : value);
  }
  return count === 0 ? null : fields;
}

/** Login and admin events in the server log. The time has no zone. */
export const keycloak: LineSource = {
  name: 'keycloak',
  title: 'Keycloak events',
  families: [family],
  oracle: 'CrowdSec hub logs',
  shape: 'line',
  order: 40,
  parse(text) {
    if (!text.includes('[org.key')) return null;
    const fields = parseLine(text.trimEnd());
    return fields === null ? null : { family: 'keycloak', fields };
  },
};
