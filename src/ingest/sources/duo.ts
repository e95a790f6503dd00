import { entryOf } from '#kernel';
import { textAt, valueAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { epochTime, isoTime } from '../time.ts';
import type { Draft, NativeFields } from '../types.ts';

// Duo Admin API, logs: https://duo.com/docs/adminapi#logs

type Kind = 'authentication' | 'admin-signin' | 'account' | 'entity';

const AUTH_ROWS: Row[] = [
  ['txid', 'metadata.uid'],
  ['isotimestamp', 'metadata.original_time'],
  ['event_type', 'metadata.event_code'],
  ['user/name', 'user.name'],
  ['user/key', 'user.uid'],
  ['email', 'user.email_addr'],
  ['user/name', 'actor.user.name'],
  ['access_device/ip', 'src_endpoint.ip'],
  ['access_device/hostname', 'src_endpoint.hostname'],
  ['access_device/os', 'src_endpoint.os.name'],
  ['access_device/os_version', 'src_endpoint.os.version'],
  ['access_device/location/city', 'src_endpoint.location.city'],
  ['access_device/location/state', 'src_endpoint.location.region'],
  ['access_device/location/country', 'src_endpoint.location.country'],
  ['application/name', 'service.name'],
  ['application/key', 'service.uid'],
  ['factor', 'auth_factors.0.factor_type'],
  ['result', 'status'],
  ['reason', 'status_detail'],
];

const ADMIN_ROWS: Row[] = [
  ['isotimestamp', 'metadata.original_time'],
  ['action', 'metadata.event_code'],
  ['username', 'actor.user.name'],
  ['host', 'src_endpoint.hostname'],
];

const PRODUCT = { 'metadata.product.name': 'Duo', 'metadata.product.vendor_name': 'Cisco' };
const ADMIN = defineFieldMap([...ADMIN_ROWS, ['action', 'message']], PRODUCT);

/** Factor → auth_factor.factor_type_id. */
const FACTORS: Readonly<Record<string, number>> = {
  sms_passcode: 1,
  phone_call: 3,
  duo_push: 5,
  duo_mobile_passcode: 7,
  hardware_token: 6,
};

const family = defineFamily<Kind>({
  name: 'duo',
  title: 'Duo',
  maps: {
    authentication: defineFieldMap(AUTH_ROWS, PRODUCT),
    'admin-signin': defineFieldMap([...ADMIN_ROWS, ['username', 'user.name']], PRODUCT),
    account: ADMIN,
    entity: ADMIN,
  },
  kind: kindOf,
  time: (fields, context) => isoTime(fields['isotimestamp'], context) ?? epochTime(fields['timestamp'], 's'),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    FILLS[kind](fields, draft);
  },
});

function kindOf(fields: NativeFields): Kind {
  const action = textAt(fields, 'action');
  if (action === undefined) return 'authentication';
  if (/^admin_(?:login|2fa)/.test(action)) return 'admin-signin';
  const isUser = /^(?:user|bypass|admin)_/.test(action) && textAt(fields, 'object') !== undefined;
  return isUser ? 'account' : 'entity';
}

const FILLS: Readonly<Record<Kind, (fields: NativeFields, draft: Draft) => void>> = {
  authentication(fields, draft) {
    draft.classUid = 3002;
    draft.activityId = textAt(fields, 'event_type') === 'enrollment' ? 99 : 1;
    const result = (textAt(fields, 'result') ?? '').toLowerCase();
    draft.statusId = result === 'success' ? 1 : result === '' ? 0 : 2;
    if (fields['factor'] !== undefined) draft.set('is_mfa', true);
    const factor = entryOf(FACTORS, textAt(fields, 'factor'));
    if (valueAt(fields, 'factor') !== undefined) draft.set('auth_factors.0.factor_type_id', factor ?? 99);
  },
  'admin-signin'(fields, draft) {
    draft.classUid = 3002;
    draft.activityId = 1;
    draft.statusId = /error|fail/.test(textAt(fields, 'action') ?? '') ? 2 : 1;
    draft.set('service.name', 'Duo Admin Panel');
  },
  account(fields, draft) {
    draft.classUid = 3001;
    draft.statusId = 1;
    const action = textAt(fields, 'action') ?? '';
    draft.activityId = accountActivity(action);
    draft.set('user.name', textAt(fields, 'object'));
  },
  entity(fields, draft) {
    draft.classUid = 3004;
    draft.statusId = 1;
    const action = textAt(fields, 'action') ?? '';
    draft.activityId = /create|add|install/.test(action)
      ? 1
      : /delete|remove/.test(action)
        ? 4
        : /view/.test(action)
          ? 2
          : 3;
    draft.set('entity.name', textAt(fields, 'object'));
    draft.set('entity.type', action.split('_')[0]);
  },
};

function accountActivity(action: string): number {
  if (/create/.test(action)) return 1;
  if (/delete/.test(action)) return 6;
  if (/lockout/.test(action)) return 9;
  if (/reset_password/.test(action)) return 4;
  return /bypass/.test(action) ? 11 : 99;
}

/** Authentication log (version 2) and administrator log. */
export const duo: JsonSource = {
  name: 'duo',
  title: 'Duo authentication and administration',
  families: [family],
  oracle: 'panther-analysis rule tests',
  shape: 'json',
  accepts(value) {
    if ('access_device' in value && 'factor' in value) return true;
    return 'action' in value && 'isotimestamp' in value && 'username' in value;
  },
  parse: (value) => ({ family: 'duo', fields: value }),
};
