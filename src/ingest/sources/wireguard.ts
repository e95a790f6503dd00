import { textAt } from '../native-value.ts';
import { ip } from '../ocsf/codec.ts';
import { defineFieldMap } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { DEVICE_ROWS, envelopeFields, headerTime } from '../syslog/fields.ts';
import type { Family, NativeFields } from '../types.ts';

// Linux, drivers/net/wireguard: the messages that its dynamic debug writes to the kernel log.

const LINE = /^(?:\[ *[\d.]+\] )?wireguard: (?<interface>[^\s:]{1,64}): (?<rest>.*)$/s;
const ENDPOINT = /\[?(?<src_ip>\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]{2,39})\]?:(?<src_port>\d{1,5})/;
const INNER = /src IP \((?<inner_ip>[^)]{1,64})\)/;
const PEER = /peer (?<peer>\d{1,10})/;

const MAP = defineFieldMap(
  [
    ['message', 'message'],
    ['interface', 'tunnel_interface.name'],
    ['src_ip', 'src_endpoint.ip', ip],
    ['src_port', 'src_endpoint.port'],
    ['peer', 'session.uid'],
    ...DEVICE_ROWS,
  ],
  { 'metadata.product.name': 'WireGuard', 'metadata.product.vendor_name': 'WireGuard' },
);

const FAILED =
  /^(?:Packet has (?:unallowed|incorrect)|Invalid|Could not decrypt|No valid endpoint|Unable|.*did not complete|Failed)/;

/** WireGuard's kernel messages: `interface`, `peer`, `src_ip`, `src_port`, `inner_ip`, `message`. */
export const wireguardFamily: Family = defineFamily({
  name: 'wireguard',
  title: 'WireGuard',
  maps: { message: MAP },
  kind: () => 'message',
  time: headerTime,
  fill(fields, draft) {
    const message = textAt(fields, 'message') ?? '';
    const failed = FAILED.test(message);
    draft.classUid = 4014;
    draft.activityId =
      failed || /handshake initiation/.test(message) ? 1 : /^Keypair \d+ destroyed|destroyed$/.test(message) ? 2 : 99;
    draft.severityId = failed ? 2 : 1;
    if (failed) draft.statusId = 2;
    draft.set('tunnel_type_id', 1);
  },
});

export const wireguard: LineSource = {
  name: 'wireguard',
  title: 'WireGuard (kernel log)',
  families: [wireguardFamily],
  oracle: '4 real lines; other messages checked against the kernel’s source',
  shape: 'line',
  order: 20,
  parse(text, envelope) {
    const groups = LINE.exec(text)?.groups;
    if (groups === undefined) return null;
    const { interface: name, rest = '' } = groups;
    const fields: NativeFields = { ...envelopeFields(envelope), interface: name, message: rest };
    for (const pattern of [ENDPOINT, INNER, PEER]) Object.assign(fields, pattern.exec(rest)?.groups);
    return { family: wireguardFamily.name, fields };
  },
};
