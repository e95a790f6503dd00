import { entryOf } from '#kernel';
import { readCsvLine } from '../csv.ts';
import { textAt } from '../native-value.ts';
import { ip, type Codec } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { setTransmitTime } from '../syslog/fields.ts';
import { slashedTime } from '../time-text.ts';
import { isoTime } from '../time.ts';
import type { Draft, EventTime, Family, NativeFields, TimeContext } from '../types.ts';
import { columnsOf } from './paloalto/columns.ts';
import { setVerdict, verdictOf } from './verdict.ts';

type Kind = 'traffic' | 'sign-in' | 'tunnel' | 'authentication' | 'config' | 'system';

/** `1,` or another reserved cell, the time of receipt, the serial number, the type. */
const HEAD = /^[^,]{0,40},\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d,[^,]{0,40},[A-Z-]{3,20},/;
const HIGH_RESOLUTION = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(?:Z|[+-]\d\d:\d\d)$/;

/** An address, unless it is the one that says that there is none. */
const assigned: Codec = { to: (value) => (value === '0.0.0.0' ? undefined : ip.to(value)), from: ip.from };

const ABOUT: readonly Row[] = [
  ['type', 'metadata.log_name'],
  ['seqno', 'metadata.uid'],
  ['device_name', 'device.hostname'],
  ['serial', 'device.uid'],
];

const REMOTE: readonly Row[] = [
  ...ABOUT,
  ['eventid', 'metadata.event_code'],
  ['srcuser', 'user.name'],
  ['public_ip', 'src_endpoint.ip', assigned],
  ['machinename', 'src_endpoint.hostname'],
  ['error', 'status_detail'],
];

const MAPS: Readonly<Record<Kind, FieldMap>> = {
  traffic: panMap([
    ...ABOUT,
    ['src_ip', 'src_endpoint.ip', ip],
    ['src_port', 'src_endpoint.port'],
    ['from', 'src_endpoint.zone'],
    ['inbound_if', 'src_endpoint.interface_name'],
    ['dst_ip', 'dst_endpoint.ip', ip],
    ['dst_port', 'dst_endpoint.port'],
    ['to', 'dst_endpoint.zone'],
    ['outbound_if', 'dst_endpoint.interface_name'],
    ['proto', 'connection_info.protocol_name'],
    ['sessionid', 'connection_info.uid'],
    ['app', 'app_name'],
    ['bytes', 'traffic.bytes'],
    ['bytes_sent', 'traffic.bytes_out'],
    ['bytes_received', 'traffic.bytes_in'],
    ['packets', 'traffic.packets'],
    ['pkts_sent', 'traffic.packets_out'],
    ['pkts_received', 'traffic.packets_in'],
    ['rule', 'firewall_rule.name'],
    ['rule_uuid', 'firewall_rule.uid'],
    ['srcuser', 'actor.user.name'],
    ['session_end_reason', 'status_detail'],
    ['threatid', 'message'],
  ]),
  'sign-in': panMap([...REMOTE, ['portal', 'service.name']]),
  tunnel: panMap([...REMOTE, ['private_ip', 'tunnel_interface.ip', assigned]]),
  authentication: panMap([
    ...ABOUT,
    ['ip', 'src_endpoint.ip', ip],
    ['src_host', 'src_endpoint.hostname'],
    ['user', 'user.name'],
    ['object', 'service.name'],
    ['desc', 'message'],
    ['authid', 'session.uid'],
  ]),
  config: panMap([
    ...ABOUT,
    ['admin', 'actor.user.name'],
    ['client_host', 'src_endpoint.ip', ip],
    ['path', 'entity.name'],
    ['comment', 'comment'],
  ]),
  system: panMap([...ABOUT, ['eventid', 'metadata.event_code'], ['opaque', 'message']]),
};

function panMap(rows: readonly Row[]): FieldMap {
  return defineFieldMap(rows, {
    'metadata.product.name': 'PAN-OS',
    'metadata.product.vendor_name': 'Palo Alto Networks',
  });
}

const SEVERITIES: Readonly<Record<string, number>> = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 };

/**
 * PAN-OS logs under the names of its documentation, with `src_ip`, `dst_ip`, `src_port`, `dst_port` for the two ends, and
 * `client_host` for CONFIG's `host`, which is here the name of the firewall that the syslog header states.
 */
export const paloaltoFamily: Family = defineFamily<Kind>({
  name: 'paloalto',
  title: 'Palo Alto Networks PAN-OS',
  maps: MAPS,
  kind: kindOfRecord,
  time: panTime,
  fill: describe,
});

export const paloalto: LineSource = {
  name: 'paloalto',
  title: 'Palo Alto Networks PAN-OS (CSV)',
  families: [paloaltoFamily],
  oracle: '2 real THREAT lines; the other logs against the vendor’s field lists as far as published, no outside sample',
  shape: 'line',
  order: 20,
  parse(text, envelope) {
    if (!HEAD.test(text)) return null;
    const cells = readCsvLine(text);
    if (cells === null) return { reject: 'bad_csv', reason: 'the line has too many columns' };
    const columns = columnsOf(cells);
    const fields: NativeFields = {};
    if (envelope?.hostname) fields['host'] = envelope.hostname;
    if (envelope?.timestamp) fields['timestamp'] = envelope.timestamp;
    for (const [i, cell] of cells.entries()) {
      const name = columns[i] ?? (HIGH_RESOLUTION.test(cell) ? 'high_res_timestamp' : `column_${i + 1}`);
      if (name !== '' && cell !== '') fields[name] = cell;
    }
    return { family: paloaltoFamily.name, fields };
  },
};

/** Events of GlobalProtect that are about who comes in; the others are about the tunnel. */
const SIGN_IN = /-(?:auth|login|logout)$/;

function kindOfRecord(fields: NativeFields): Kind {
  const type = fields['type'];
  if (type === 'GLOBALPROTECT') return SIGN_IN.test(textAt(fields, 'eventid') ?? '') ? 'sign-in' : 'tunnel';
  if (type === 'AUTHENTICATION') return 'authentication';
  if (type === 'CONFIG') return 'config';
  return fields['src_ip'] !== undefined && fields['dst_ip'] !== undefined ? 'traffic' : 'system';
}

/** The high-resolution time, which has a zone; else the time of generation in the firewall's own. */
function panTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const exact = isoTime(fields['high_res_timestamp'], context);
  return exact ?? slashedTime(textAt(fields, 'time_generated') ?? textAt(fields, 'receive_time') ?? '', context);
}

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  draft.severityId = entryOf(SEVERITIES, textAt(fields, 'severity')) ?? (kind === 'system' ? 0 : 1);
  if (kind === 'traffic') describeTraffic(fields, draft);
  if (kind === 'sign-in' || kind === 'authentication') {
    draft.classUid = 3002;
    draft.activityId = textAt(fields, 'eventid')?.endsWith('logout') === true ? 2 : 1;
    draft.statusId = statusOf(fields['status'] ?? fields['event']);
  }
  if (kind === 'tunnel') {
    draft.classUid = 4014;
    draft.activityId = entryOf(TUNNEL_ACTIVITIES, textAt(fields, 'eventid')) ?? 99;
    draft.statusId = statusOf(fields['status']);
    draft.set('tunnel_type_id', 1);
  }
  if (kind === 'config') {
    draft.classUid = 3004;
    draft.activityId = entryOf(CONFIG_ACTIVITIES, textAt(fields, 'cmd')) ?? 99;
    draft.statusId = statusOf(fields['result']);
  }
}

const TUNNEL_ACTIVITIES: Readonly<Record<string, number>> = {
  'gateway-connected': 1,
  'gateway-config-release': 2,
  'gateway-inactivity-timeout': 2,
};
/** Create, update and delete of Entity Management. */
const CONFIG_ACTIVITIES: Readonly<Record<string, number>> = {
  add: 1,
  clone: 1,
  edit: 3,
  move: 3,
  rename: 3,
  set: 3,
  delete: 4,
};

function statusOf(word: unknown): 1 | 2 | undefined {
  if (typeof word !== 'string') return undefined;
  if (/succe/i.test(word)) return 1;
  return /fail|unauthorized|denied/i.test(word) ? 2 : undefined;
}

/** A session that one of its ends reset. */
const RESET = /^tcp-rst-from-/;

function describeTraffic(fields: NativeFields, draft: Draft): void {
  const verdict = verdictOf(fields['action']);
  const subtype = textAt(fields, 'subtype');
  const isReset = subtype === 'end' && RESET.test(textAt(fields, 'session_end_reason') ?? '');
  draft.classUid = 4001;
  draft.activityId =
    verdict === 'blocked' ? 5 : isReset ? 3 : (entryOf({ start: 1, end: 2, drop: 5, deny: 5 }, subtype) ?? 6);
  setVerdict(draft, verdict);
  if (fields['type'] === 'THREAT') draft.set('is_alert', true);
}
