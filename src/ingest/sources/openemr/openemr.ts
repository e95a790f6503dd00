import { textAt } from '../../native-value.ts';
import { type Codec, str, words } from '../../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../../ocsf/field-map.ts';
import { defineFamily } from '../../ocsf/table-family.ts';
import type { JsonSource } from '../../source.ts';
import { isoTime } from '../../time.ts';
import type { Draft, NativeFields } from '../../types.ts';
import { entryOf } from '#kernel';

// Rows of the tables log and api_log of OpenEMR, exported as JSON; its ATNA messages are read by the atna source.

type Kind = 'record' | 'signin' | 'admin' | 'api';

const LOG_ROWS: Row[] = [
  ['id', 'metadata.uid'],
  ['event', 'metadata.event_code'],
  ['success', 'status_id', words({ '1': 1, '0': 2 })],
];
/** A patient's number; OpenEMR writes 0 where no patient is concerned. */
const patientId: Codec = {
  to(value) {
    const text = str.to(value);
    return typeof text === 'string' && /^[1-9]\d{0,19}$/.test(text) ? text : undefined;
  },
  from: (value) => value,
};
const PRODUCT = { 'metadata.product.name': 'OpenEMR', 'metadata.product.vendor_name': 'OpenEMR' };

/** The last word of an event → activity of Datastore Activity. */
const VERBS: Readonly<Record<string, number>> = {
  select: 1,
  view: 1,
  insert: 6,
  create: 6,
  update: 2,
  replace: 2,
  delete: 7,
  query: 4,
};
const METHODS: Readonly<Record<string, number>> = { GET: 1, POST: 6, PUT: 2, PATCH: 2, DELETE: 7 };

const family = defineFamily<Kind>({
  name: 'openemr',
  title: 'OpenEMR',
  maps: {
    record: defineFieldMap(
      [...LOG_ROWS, ['user', 'actor.user.name'], ['patient_id', 'patient.uid', patientId]],
      PRODUCT,
    ),
    signin: defineFieldMap([...LOG_ROWS, ['user', 'user.name']], { ...PRODUCT, 'service.name': 'OpenEMR' }),
    admin: defineFieldMap([...LOG_ROWS, ['user', 'actor.user.name'], ['event', 'api.operation']], PRODUCT),
    api: defineFieldMap(
      [
        ['log_id', 'metadata.uid'],
        ['user_id', 'actor.user.uid'],
        ['patient_id', 'patient.uid', patientId],
        ['ip_address', 'src_endpoint.ip'],
        ['method', 'http_request.http_method'],
        ['request_url', 'http_request.url.url_string'],
      ],
      PRODUCT,
    ),
  },
  kind: kindOf,
  time: (fields, context) => isoTime(fields['date'] ?? fields['created_time'], context),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    if (kind === 'signin') fillSignIn(fields, draft);
    else if (kind === 'admin') {
      draft.classUid = 6003;
      draft.activityId = { 6: 1, 1: 2, 2: 3, 7: 4 }[verbOf(fields)] ?? 99;
    } else fillRecord(fields, draft, kind);
  },
});

function kindOf(fields: NativeFields): Kind {
  if ('request_url' in fields) return 'api';
  const event = textAt(fields, 'event') ?? '';
  if (/^(?:login|logout|auth)\b/.test(event)) return 'signin';
  return /^security-administration\b/.test(event) ? 'admin' : 'record';
}

function verbOf(fields: NativeFields): number {
  const event = textAt(fields, 'event') ?? '';
  return entryOf(VERBS, event.slice(event.lastIndexOf('-') + 1)) ?? 99;
}

function fillSignIn(fields: NativeFields, draft: Draft): void {
  draft.classUid = 3002;
  const event = textAt(fields, 'event') ?? '';
  draft.activityId = event.startsWith('login') ? 1 : event.startsWith('logout') ? 2 : 99;
}

function fillRecord(fields: NativeFields, draft: Draft, kind: Kind): void {
  draft.classUid = 6005;
  draft.activityId = kind === 'api' ? (entryOf(METHODS, textAt(fields, 'method')) ?? 99) : verbOf(fields);
  draft.set('database.name', 'OpenEMR');
  draft.set('audit_source.format', 'openemr');
  const category = textAt(fields, 'category');
  if (category !== undefined) draft.set('record_types', [category]);
  const group = textAt(fields, 'groupname');
  if (group !== undefined) draft.set('actor.user.groups', [{ name: group, type: 'department' }]);
}

/** Exported rows of OpenEMR's audit tables. They have no zone, and `log` states no address. */
export const openemr: JsonSource = {
  name: 'openemr',
  title: 'OpenEMR audit rows (log, api_log)',
  families: [family],
  oracle: 'none',
  shape: 'json',
  accepts: (value) => isLogRow(value) || isApiRow(value),
  parse: (value) => ({ family: 'openemr', fields: value }),
};

function isLogRow(value: NativeFields): boolean {
  return 'event' in value && 'groupname' in value && 'patient_id' in value && 'success' in value && 'date' in value;
}

function isApiRow(value: NativeFields): boolean {
  return 'request_url' in value && 'log_id' in value && 'patient_id' in value && 'ip_address' in value;
}
