import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { ip } from '../ocsf/codec.ts';
import { defineFieldMap } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import { CELLS_MAX } from '../csv.ts';
import type { LineSource } from '../source.ts';
import { DEVICE_ROWS, envelopeFields, headerTime } from '../syslog/fields.ts';
import type { Family, NativeFields } from '../types.ts';
import { setVerdict, verdictOf } from './verdict.ts';

// Netgate, pfSense documentation, "Raw Filter Log Format"; OPNsense writes the same with the rule's label.

const LEAD = ['rule', 'subrule', 'anchor', 'tracker', 'interface', 'reason', 'action', 'direction', 'ipversion'];
const V4 = ['tos', 'ecn', 'ttl', 'id', 'offset', 'ipflags', 'protonum', 'protocol', 'length', 'src_ip', 'dst_ip'];
const V6 = ['class', 'flowlabel', 'hoplimit', 'protocol', 'protonum', 'length', 'src_ip', 'dst_ip'];
const PORTS = ['src_port', 'dst_port', 'datalen'];
/** What stands behind an ICMP type that names more than a description. */
const ICMP: Readonly<Record<string, readonly string[]>> = {
  request: ['icmp_id', 'icmp_seq'],
  reply: ['icmp_id', 'icmp_seq'],
  unreachproto: ['icmp_dst_ip', 'icmp_protonum'],
  unreachport: ['icmp_dst_ip', 'icmp_protonum', 'icmp_dst_port'],
  needfrag: ['icmp_dst_ip', 'icmp_mtu'],
  tstamp: ['icmp_id', 'icmp_seq'],
  tstampreply: ['icmp_id', 'icmp_seq', 'icmp_otime', 'icmp_rtime', 'icmp_ttime'],
};
const CARP = ['carp_type', 'carp_ttl', 'vhid', 'carp_version', 'advskew', 'advbase'];
const TCP = [...PORTS, 'tcpflags', 'seq', 'ack', 'window', 'urg', 'tcpoptions'];

const MAP = defineFieldMap(
  [
    ...DEVICE_ROWS,
    ['src_ip', 'src_endpoint.ip', ip],
    ['src_port', 'src_endpoint.port'],
    ['dst_ip', 'dst_endpoint.ip', ip],
    ['dst_port', 'dst_endpoint.port'],
    ['protocol', 'connection_info.protocol_name'],
    ['protonum', 'connection_info.protocol_num'],
    ['tracker', 'firewall_rule.uid'],
    ['length', 'traffic.bytes'],
    ['interface', 'device.interface_name'],
  ],
  { 'metadata.product.name': 'pfSense', 'metadata.product.vendor_name': 'Netgate' },
);

const DIRECTIONS: Readonly<Record<string, number>> = { in: 1, out: 2 };

/** pfSense's packet filter log under the names of its documentation. */
export const pfsenseFamily: Family = defineFamily({
  name: 'pfsense',
  title: 'pfSense',
  maps: { packet: MAP },
  kind: () => 'packet',
  time: headerTime,
  fill(fields, draft) {
    const verdict = verdictOf(fields['action']);
    draft.classUid = 4001;
    draft.activityId = verdict === 'blocked' ? 5 : 6;
    draft.severityId = 1;
    draft.set('connection_info.direction_id', entryOf(DIRECTIONS, textAt(fields, 'direction')) ?? 0);
    setVerdict(draft, verdict);
  },
});

export const pfsense: LineSource = {
  name: 'pfsense',
  title: 'pfSense and OPNsense packet filter (filterlog)',
  families: [pfsenseFamily],
  oracle: 'no outside oracle (the vendor’s field list)',
  shape: 'line',
  order: 20,
  parse(text, envelope) {
    if (envelope?.app !== 'filterlog') return null;
    const cells = text.split(',', CELLS_MAX);
    if (cells.length < LEAD.length) return { reject: 'bad_csv', reason: 'the filter log line has too few columns' };
    const fields: NativeFields = envelopeFields(envelope);
    const rest = take(LEAD, cells, fields);
    const behind = take(fields['ipversion'] === '6' ? V6 : V4, rest, fields);
    takeProtocol(behind, fields);
    return { family: pfsenseFamily.name, fields };
  },
};

/** The cells behind the addresses; those of a packet that is cut short, and of other protocols, stay together. */
function takeProtocol(cells: readonly string[], fields: NativeFields): void {
  const protocol = String(fields['protocol']).toLowerCase();
  const [first = ''] = cells;
  if ((protocol === 'tcp' || protocol === 'udp') && /^\d{1,5}$/.test(first))
    take(protocol === 'tcp' ? TCP : PORTS, cells, fields);
  else if (protocol === 'carp' && cells.length >= CARP.length) take(CARP, cells, fields);
  else if (protocol === 'icmp' && /^[a-z]{4,16}$/.test(first))
    take(['icmp_type', ...(entryOf(ICMP, first) ?? ['icmp_description'])], cells, fields);
  else if (cells.length > 0) fields['data'] = cells.join(',');
}

/** Names the first cells; returns those that are left. Empty cells say nothing. */
function take(names: readonly string[], cells: readonly string[], fields: NativeFields): readonly string[] {
  for (const [i, name] of names.entries()) {
    const cell = cells[i];
    if (cell !== undefined && cell !== '') fields[name] = cell;
  }
  return cells.slice(names.length);
}
