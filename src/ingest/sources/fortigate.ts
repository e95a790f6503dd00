import { entryOf } from '#kernel';
import { readKeyValues } from '../key-values.ts';
import { textAt } from '../native-value.ts';
import { ip, type Codec } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { ownName, setTransmitTime } from '../syslog/fields.ts';
import { isoTime } from '../time.ts';
import type { Draft, EventTime, Family, NativeFields, TimeContext } from '../types.ts';
import { setVerdict, verdictOf } from './verdict.ts';

// FortiOS Log Message Reference, "Log field format" and the pages of traffic, utm and event logs.

type Kind = 'traffic' | 'auth' | 'admin' | 'vpn' | 'event';

/** A name, unless the device says that it has none. */
const name: Codec = {
  to: (value) => (typeof value === 'string' && value !== '' && value !== 'N/A' ? value : undefined),
  from: (value) => value,
};

const ABOUT: readonly Row[] = [
  ['logid', 'metadata.event_code'],
  ['devname', 'device.hostname'],
  ['devid', 'device.uid'],
  ['msg', 'message'],
  ['reason', 'status_detail'],
];
const REMOTE: readonly Row[] = [...ABOUT, ['remip', 'src_endpoint.ip', ip], ['user', 'user.name', name]];

const MAPS: Readonly<Record<Kind, FieldMap>> = {
  traffic: fortiMap([
    ...ABOUT,
    ['srcip', 'src_endpoint.ip', ip],
    ['srcport', 'src_endpoint.port'],
    ['srcintf', 'src_endpoint.interface_name'],
    ['srcname', 'src_endpoint.hostname'],
    ['srcmac', 'src_endpoint.mac'],
    ['dstip', 'dst_endpoint.ip', ip],
    ['dstport', 'dst_endpoint.port'],
    ['dstintf', 'dst_endpoint.interface_name'],
    ['hostname', 'dst_endpoint.hostname'],
    ['proto', 'connection_info.protocol_num'],
    ['sessionid', 'connection_info.uid'],
    ['service', 'app_protocol_name'],
    ['app', 'app_name'],
    ['sentbyte', 'traffic.bytes_out'],
    ['rcvdbyte', 'traffic.bytes_in'],
    ['sentpkt', 'traffic.packets_out'],
    ['rcvdpkt', 'traffic.packets_in'],
    ['policyname', 'firewall_rule.name', name],
    ['policyid', 'firewall_rule.uid'],
  ]),
  auth: fortiMap([...REMOTE, ['subtype', 'service.name']]),
  admin: fortiMap([
    ...ABOUT,
    ['srcip', 'src_endpoint.ip', ip],
    ['user', 'user.name', name],
    ['dstip', 'dst_endpoint.ip', ip],
  ]),
  vpn: fortiMap([...REMOTE, ['tunnelip', 'tunnel_interface.ip', ip], ['tunnelid', 'session.uid']]),
  event: fortiMap(ABOUT),
};

function fortiMap(rows: readonly Row[]): FieldMap {
  return defineFieldMap(rows, { 'metadata.product.name': 'FortiGate', 'metadata.product.vendor_name': 'Fortinet' });
}

/** FortiAnalyzer writes its own time in front. */
const START = /^(?:date|itime|logver|timestamp|devname|devid|eventtime|logid)=/;

const LEVELS: Readonly<Record<string, number>> = {
  emergency: 6,
  alert: 5,
  critical: 5,
  error: 4,
  warning: 3,
  notice: 2,
  information: 1,
  debug: 1,
};

/** FortiOS logs under their own names. */
export const fortigateFamily: Family = defineFamily<Kind>({
  name: 'fortigate',
  title: 'FortiGate',
  maps: MAPS,
  kind: kindOfRecord,
  time: fortiTime,
  fill: describe,
});

export const fortigate: LineSource = {
  name: 'fortigate',
  title: 'FortiGate (FortiOS)',
  families: [fortigateFamily],
  oracle: '9 real VPN lines; traffic and admin logs checked against public samples, none in the tests',
  shape: 'line',
  order: 20,
  parse(text, envelope) {
    if (!START.test(text) || !/(?:^| )logid=/.test(text)) return null;
    const { fields } = readKeyValues(text, { escapes: true, rename: ownName });
    if (envelope?.hostname) fields['host'] = envelope.hostname;
    if (envelope?.timestamp) fields['timestamp'] = envelope.timestamp;
    return { family: fortigateFamily.name, fields };
  },
};

function kindOfRecord(fields: NativeFields): Kind {
  if (fields['srcip'] !== undefined && fields['dstip'] !== undefined && fields['type'] !== 'event') return 'traffic';
  const action = textAt(fields, 'action') ?? '';
  if (/log(?:in|on|out|off)|^auth/i.test(action)) return fields['remip'] === undefined ? 'admin' : 'auth';
  return fields['subtype'] === 'vpn' && fields['remip'] !== undefined ? 'vpn' : 'event';
}

/** `eventtime` in nanoseconds (19 digits, FortiOS 6.2 and later) or seconds (before), else `date` and `time` in the zone of `tz`. */
function fortiTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const eventTime = textAt(fields, 'eventtime') ?? '';
  if (/^\d{19}$/.test(eventTime)) {
    const ms = Number(eventTime.slice(0, 13));
    return eventTime.endsWith('000000') ? { ms } : { ms, original: eventTime };
  }
  if (/^\d{10}$/.test(eventTime)) return { ms: Number(eventTime) * 1000 };
  const zone = textAt(fields, 'tz') ?? '';
  return isoTime(`${textAt(fields, 'date')}T${textAt(fields, 'time')}${/^[+-]\d{4}$/.test(zone) ? zone : ''}`, context);
}

/** What became of a session that the policy let pass. */
const SESSION_ACTIVITIES: Readonly<Record<string, number>> = {
  start: 1,
  close: 2,
  timeout: 2,
  'client-rst': 3,
  'server-rst': 3,
  'ip-conn': 4,
};

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  draft.severityId = entryOf(LEVELS, textAt(fields, 'level')) ?? 0;
  const action = textAt(fields, 'action') ?? '';
  if (kind === 'traffic') {
    const activity = entryOf(SESSION_ACTIVITIES, action);
    const verdict = verdictOf(activity === undefined ? action : 'accept');
    draft.classUid = 4001;
    draft.activityId = activity ?? (verdict === 'blocked' ? 5 : 6);
    setVerdict(draft, verdict);
  } else if (kind === 'auth' || kind === 'admin') {
    draft.classUid = 3002;
    draft.activityId = /logout|logoff/i.test(action) ? 2 : 1;
    const status = textAt(fields, 'status') ?? '';
    draft.statusId = /fail|denied/.test(action + status) ? 2 : 1;
  } else if (kind === 'vpn') {
    draft.classUid = 4014;
    draft.activityId = /up$|new/.test(action) ? 1 : action.endsWith('down') ? 2 : 99;
  }
}
