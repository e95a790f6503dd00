import { textAt } from '../native-value.ts';
import { ip } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { DEVICE_ROWS, envelopeFields, headerTime, setTransmitTime } from '../syslog/fields.ts';
import { ctimeTime } from '../time-text.ts';
import { isoTime } from '../time.ts';
import type { Draft, Family, NativeFields, TimeContext } from '../types.ts';

// OpenVPN 2.x, the server's log.

type Kind = 'peer' | 'server';

const STAMP =
  /^(?<stamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}) (?:us=\d+ )?(?<rest>.*)$/s;
/** `client/address:port`, `address:port/client` or `address:port`, and the name in brackets that OpenVPN may add. */
const PEER =
  /^(?:(?<name>[^\s/]{1,255})\/)?(?:\[?AF_INET6?\]?)?\[?(?<src_ip>\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]{2,39})\]?:(?<src_port>\d{1,5})(?:\/(?<name_behind>\S{1,255}))? (?:\[(?<bracket>[^\]\s]{0,255})\] )?(?<rest>.*)$/s;
/** How the server's own lines begin; a line with a bare time stamp and none of these is not OpenVPN's. */
const SERVER =
  /^(?:OpenVPN |Incoming (?:Control|Data|Static)|Outgoing (?:Control|Data|Static)|Control Channel|Data Channel|TLS|Diffie|TUN\/TAP|UDPv?[46]? |TCPv?[46]? |Listening|MULTI|Initialization Sequence|library versions|NOTE: |WARNING: |Options|DEPRECATED|Socket Buffers|Preserving|MANAGEMENT|Could not determine|Exiting|event_wait|IFCONFIG|SIG[A-Z]+|net_|\/sbin\/|ROUTE|Note: |AUTH|VERIFY|Peer Connection|Connection |Attempting|Closing|Restart)/;

const MAPS: Readonly<Record<Kind, FieldMap>> = {
  peer: vpnMap([
    ['message', 'message'],
    ['src_ip', 'src_endpoint.ip', ip],
    ['src_port', 'src_endpoint.port'],
    ['user', 'user.name'],
    ...DEVICE_ROWS,
  ]),
  server: vpnMap([['message', 'message'], ...DEVICE_ROWS]),
};

function vpnMap(rows: Parameters<typeof defineFieldMap>[0]): FieldMap {
  return defineFieldMap(rows, { 'metadata.product.name': 'OpenVPN', 'metadata.product.vendor_name': 'OpenVPN' });
}

const FAILED =
  /TLS Error|TLS Auth Error|VERIFY ERROR|AUTH_FAILED|auth(?:entication)? failed|Bad encapsulated|Fatal TLS/i;
const OPENED = /Peer Connection Initiated|connection established|authentication succeeded/i;
const CLOSED = /client-instance (?:exiting|restarting)|Connection reset|Inactivity timeout|ping-exit|SIGTERM|SIGUSR1/;

/** OpenVPN's log: `src_ip`, `src_port`, `user` (the name on the certificate), `message`. */
export const openvpnFamily: Family = defineFamily<Kind>({
  name: 'openvpn',
  title: 'OpenVPN',
  maps: MAPS,
  kind: (fields) => (fields['src_ip'] === undefined ? 'server' : 'peer'),
  time(fields, context) {
    const stamp = textAt(fields, 'log_time');
    if (stamp === undefined) return headerTime(fields, context);
    return isoTime(stamp, context) ?? ctimeTime(stamp, context);
  },
  fill: describe,
});

export const openvpn: LineSource = {
  name: 'openvpn',
  title: 'OpenVPN server',
  families: [openvpnFamily],
  oracle: '16 real lines',
  shape: 'line',
  order: 60,
  parse(text, envelope) {
    const app = envelope?.app ?? null;
    const named = app !== null && /^(?:ovpn|openvpn)/i.test(app);
    if (envelope !== null && !named) return null;
    const stamped = STAMP.exec(text)?.groups;
    if (!named && stamped === undefined) return null;
    const message = stamped?.['rest'] ?? text;
    const peer = PEER.exec(message)?.groups;
    if (!named && peer === undefined && !SERVER.test(message)) return null;
    const fields: NativeFields = envelopeFields(envelope);
    if (stamped !== undefined) fields['log_time'] = stamped['stamp'];
    if (peer !== undefined) takePeer(peer, fields);
    fields['message'] = peer?.['rest'] ?? message;
    return { family: openvpnFamily.name, fields };
  },
};

function takePeer(peer: Record<string, string | undefined>, fields: NativeFields): void {
  fields['src_ip'] = peer['src_ip'];
  fields['src_port'] = peer['src_port'];
  const bracket = peer['bracket'] === 'UNDEF' ? undefined : peer['bracket'];
  const user = peer['name'] ?? peer['name_behind'] ?? bracket;
  if (user !== undefined && user !== '') fields['user'] = user;
}

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  draft.severityId = 1;
  if (kind === 'server') return;
  const message = textAt(fields, 'message') ?? '';
  draft.classUid = 4014;
  draft.set('tunnel_type_id', 1);
  draft.activityId = 99;
  if (FAILED.test(message)) {
    draft.activityId = 1;
    draft.statusId = 2;
    draft.severityId = 2;
  } else if (OPENED.test(message)) {
    draft.activityId = 1;
    draft.statusId = 1;
  } else if (CLOSED.test(message)) draft.activityId = 2;
}
