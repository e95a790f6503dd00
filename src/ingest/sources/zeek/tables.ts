import { defineFieldMap, type FieldMap, type Row } from '../../ocsf/field-map.ts';
import type { NativeFields } from '../../types.ts';
import { interval, mailAddress, mailAddresses, objectsOf, oneNumber } from './codecs.ts';

/** Names of the hosts at both ends, which every log about a connection has. */
const COMMON: readonly Row[] = [
  ['_path', 'metadata.log_name'],
  ['_system_name', 'metadata.loggers.0.name'],
];

const CONNECTION: readonly Row[] = [
  ...COMMON,
  ['uid', 'connection_info.uid'],
  ['id.orig_h', 'src_endpoint.ip'],
  ['id.orig_p', 'src_endpoint.port'],
  ['id.resp_h', 'dst_endpoint.ip'],
  ['id.resp_p', 'dst_endpoint.port'],
  ['proto', 'connection_info.protocol_name'],
];

/** Classes that have endpoints but no connection. */
const ENDPOINTS: readonly Row[] = [...COMMON, ...CONNECTION.slice(3, 7)];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  conn: [
    ['service', 'app_protocol_name'],
    ['duration', 'duration', interval],
    ['orig_bytes', 'traffic.bytes_out'],
    ['resp_bytes', 'traffic.bytes_in'],
    ['orig_pkts', 'traffic.packets_out'],
    ['resp_pkts', 'traffic.packets_in'],
    ['missed_bytes', 'traffic.bytes_missed'],
    ['conn_state', 'status_code'],
    ['history', 'connection_info.flag_history'],
    ['community_id', 'connection_info.community_uid'],
    ['orig_l2_addr', 'src_endpoint.mac'],
    ['resp_l2_addr', 'dst_endpoint.mac'],
    ['orig_cc', 'src_endpoint.location.country'],
    ['resp_cc', 'dst_endpoint.location.country'],
  ],
  dns: [
    ['trans_id', 'query.packet_uid'],
    ['query', 'query.hostname'],
    ['qtype_name', 'query.type'],
    ['qclass_name', 'query.class'],
    ['rcode', 'rcode_id'],
    ['rcode_name', 'rcode'],
    ['answers', 'answers', objectsOf('rdata')],
  ],
  http: [
    ['method', 'http_request.http_method'],
    ['host', 'http_request.url.hostname'],
    ['uri', 'http_request.url.path'],
    ['referrer', 'http_request.referrer'],
    ['version', 'http_request.version'],
    ['user_agent', 'http_request.user_agent'],
    ['request_body_len', 'http_request.length'],
    ['response_body_len', 'http_response.length'],
    ['status_code', 'http_response.code'],
    ['status_msg', 'http_response.status'],
  ],
  smtp: [
    ['helo', 'smtp_hello'],
    ['mailfrom', 'email.smtp_from', mailAddress],
    ['rcptto', 'email.smtp_to', mailAddresses],
    ['from', 'email.from', mailAddress],
    ['to', 'email.to', mailAddresses],
    ['subject', 'email.subject'],
    ['msg_id', 'email.message_uid'],
    ['last_reply', 'status_detail'],
  ],
  ftp: [
    ['command', 'command'],
    ['reply_code', 'codes', oneNumber],
    ['reply_msg', 'status_detail'],
  ],
  ssh: [['version', 'protocol_ver']],
  ssl: [
    ['version', 'tls.version'],
    ['cipher', 'tls.cipher'],
    ['server_name', 'tls.sni'],
  ],
  kerberos: [
    ['client', 'user.name'],
    ['service', 'service.name'],
    ['error_msg', 'status_detail'],
  ],
  ntlm: [
    ['username', 'user.name'],
    ['domainname', 'user.domain'],
    ['hostname', 'src_endpoint.hostname'],
    ['server_dns_computer_name', 'dst_endpoint.hostname'],
  ],
  rdp: [
    ['cookie', 'identifier_cookie'],
    ['result', 'status_detail'],
    ['client_name', 'src_endpoint.hostname'],
  ],
  smb_mapping: [
    ['path', 'share'],
    ['share_type', 'share_type'],
  ],
  smb_files: [
    ['path', 'share'],
    ['name', 'file.name'],
    ['size', 'file.size'],
  ],
  dhcp: [
    ['mac', 'src_endpoint.mac'],
    ['client_addr', 'src_endpoint.ip'],
    ['host_name', 'src_endpoint.hostname'],
    ['server_addr', 'dst_endpoint.ip'],
  ],
  notice: [
    ['note', 'finding_info.title'],
    ['msg', 'finding_info.desc'],
  ],
  syslog: [['message', 'message']],
};

const LEADS: Readonly<Record<string, readonly Row[]>> = {
  dhcp: COMMON,
  notice: COMMON,
  smtp: ENDPOINTS,
  kerberos: ENDPOINTS,
  ntlm: ENDPOINTS,
};

const PRODUCT = { 'metadata.product.name': 'Zeek', 'metadata.product.vendor_name': 'Zeek' } as const;

/** The record names two hosts but has no table of its own. */
const CONNECTED = 'connection';
/** The record is about something else: certificates, the sensor itself. */
const OTHER = 'other';

/** The tables by kind: a log's `_path`, `connection` or `other`. */
export const ZEEK_MAPS: Readonly<Record<string, FieldMap>> = Object.fromEntries([
  ...Object.entries(ROWS).map(([path, rows]) => [path, zeekMap([...(LEADS[path] ?? CONNECTION), ...rows])] as const),
  [CONNECTED, zeekMap(CONNECTION)] as const,
  [OTHER, zeekMap(COMMON)] as const,
]);

function zeekMap(rows: readonly Row[]): FieldMap {
  return defineFieldMap(rows, PRODUCT);
}

/** The kind of a record: its `_path` where that has a table. */
export function zeekKind(fields: NativeFields): string {
  const path = fields['_path'];
  if (typeof path === 'string' && Object.hasOwn(ROWS, path)) return path;
  return fields['id.orig_h'] === undefined ? OTHER : CONNECTED;
}
