import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { ip, notIp, type Codec } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { DEVICE_ROWS, envelopeFields, headerTime } from '../syslog/fields.ts';
import { severityOf } from '../syslog/severity.ts';
import type { Draft, Family, NativeFields } from '../types.ts';
import { meaningOf, readMessage } from './cisco-asa/messages.ts';
import { setVerdict, type Verdict } from './verdict.ts';

type Kind = 'network' | 'auth' | 'session' | 'other';

const HEAD = /^%(?<device>ASA|PIX|FTD|FWSM)-(?:\w+-)?(?<level>[0-7])-(?<id>\d{6}): ?/;

function two(part: number): string {
  return String(part % 60).padStart(2, '0');
}

/** `1:02:03` as milliseconds. */
const clock: Codec = {
  to(value) {
    const parts = typeof value === 'string' ? /^(\d{1,5}):(\d\d):(\d\d)$/.exec(value) : null;
    if (parts === null) return undefined;
    return (Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3])) * 1000;
  },
  from(value) {
    const seconds = Math.floor(Number(value) / 1000);
    return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
  },
};

const ABOUT: readonly Row[] = [
  ['id', 'metadata.event_code'],
  ['message', 'message'],
  ['reason', 'status_detail'],
];
const SOURCE_END: readonly Row[] = [
  ['src_ip', 'src_endpoint.ip', ip],
  ['src_port', 'src_endpoint.port'],
  ['src_interface', 'src_endpoint.interface_name'],
];
const TARGET_END: readonly Row[] = [
  ['dst_ip', 'dst_endpoint.ip', ip],
  ['dst_port', 'dst_endpoint.port'],
  ['dst_interface', 'dst_endpoint.interface_name'],
];

const MAPS: Readonly<Record<Kind, FieldMap>> = {
  network: asaMap([
    ...ABOUT,
    ...DEVICE_ROWS,
    ...SOURCE_END,
    ...TARGET_END,
    ['protocol', 'connection_info.protocol_name'],
    ['connection', 'connection_info.uid'],
    ['duration', 'duration', clock],
    ['bytes', 'traffic.bytes'],
    ['acl', 'firewall_rule.name'],
  ]),
  auth: asaMap([
    ...ABOUT,
    ...SOURCE_END,
    ...TARGET_END,
    ['host', 'dst_endpoint.hostname', notIp],
    ['user', 'user.name'],
    ['service', 'service.name'],
  ]),
  session: asaMap([
    ...ABOUT,
    ...DEVICE_ROWS,
    ...SOURCE_END,
    ['user', 'user.name'],
    ['bytes_in', 'traffic.bytes_in'],
    ['bytes_out', 'traffic.bytes_out'],
    ['assigned_ip', 'tunnel_interface.ip', ip],
  ]),
  other: asaMap([...ABOUT, ...DEVICE_ROWS]),
};

function asaMap(rows: readonly Row[]): FieldMap {
  return defineFieldMap(rows, { 'metadata.product.name': 'Cisco ASA', 'metadata.product.vendor_name': 'Cisco' });
}

/** ASA messages: `id`, `level`, `message`, and the parts of the known ones (`src_ip`, `dst_port`, `action`, `user` …). */
export const ciscoAsaFamily: Family = defineFamily<Kind>({
  name: 'cisco-asa',
  title: 'Cisco ASA',
  maps: MAPS,
  kind: kindOfRecord,
  time: headerTime,
  fill: describe,
});

export const ciscoAsa: LineSource = {
  name: 'cisco-asa',
  title: 'Cisco ASA, PIX, FWSM and Firepower Threat Defense',
  families: [ciscoAsaFamily],
  oracle: '5 raw/OCSF pairs; of the other messages some against Cisco’s guide, no outside sample',
  shape: 'line',
  order: 20,
  parse(text, envelope) {
    const groups = HEAD.exec(text)?.groups;
    if (groups === undefined) return null;
    const { device, level, id = '' } = groups;
    const message = text.slice(text.indexOf(': ') + 2);
    const parts = readMessage(id, message);
    const action = actionOf(id, parts);
    const fields: NativeFields = { ...envelopeFields(envelope), device, level, id, message, ...parts };
    if (action !== null) fields['action'] = action;
    return { family: ciscoAsaFamily.name, fields };
  },
};

/** What the device did with the traffic, in the words of its own access lists. */
function actionOf(id: string, parts: NativeFields): string | null {
  const stated = textAt(parts, 'action');
  if (stated !== undefined) return stated;
  const { kind, activity } = meaningOf(id);
  if (kind !== 'network' || parts['src_ip'] === undefined) return null;
  return activity === 5 ? 'denied' : activity === 1 ? 'permitted' : null;
}

/** A known message that is not as documented is kept with its words alone. */
function kindOfRecord(fields: NativeFields): Kind {
  const { kind } = meaningOf(textAt(fields, 'id') ?? '');
  return fields['src_ip'] === undefined && fields['user'] === undefined ? 'other' : kind;
}

function describe(fields: NativeFields, draft: Draft, kind: Kind): void {
  draft.severityId = severityOf(Number(textAt(fields, 'level') ?? Number.NaN));
  if (kind === 'other') return;
  const { activity, status, unordered } = meaningOf(textAt(fields, 'id') ?? '');
  draft.activityId = activity;
  draft.statusId = status;
  if (kind === 'network') describeTraffic(fields, draft, unordered === true);
  if (kind === 'auth') draft.classUid = 3002;
  if (kind === 'session') {
    draft.classUid = 4014;
    draft.set('tunnel_type_id', 0);
  }
}

const DIRECTIONS: Readonly<Record<string, number>> = { inbound: 1, outbound: 2 };

function describeTraffic(fields: NativeFields, draft: Draft, unordered: boolean): void {
  draft.classUid = 4001;
  const direction = textAt(fields, 'direction')?.toLowerCase() ?? '';
  draft.set('connection_info.direction_id', entryOf(DIRECTIONS, direction) ?? 0);
  if (unordered) draft.set('is_src_dst_assignment_known', false);
  const action = fields['action'];
  const verdict: Verdict | null = action === 'denied' ? 'blocked' : action === undefined ? null : 'allowed';
  setVerdict(draft, verdict);
  if (fields['id'] === '106100') {
    draft.activityId = verdict === 'blocked' ? 5 : 6;
    draft.statusId = verdict === 'blocked' ? 2 : 1;
  }
  // A reset is told by the reason of a teardown.
  if (/Reset/.test(textAt(fields, 'reason') ?? '')) {
    draft.activityId = 3;
    draft.statusId = 2;
  }
}
