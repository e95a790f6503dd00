import type { NativeFields } from '../../types.ts';

/** For each log the fields that only it has, all of them; the first that fits names the log. */
const SIGNATURES: readonly (readonly [path: string, ...fields: string[]])[] = [
  ['conn', 'conn_state'],
  ['dns', 'trans_id', 'rejected'],
  ['http', 'trans_depth', 'request_body_len'],
  ['files', 'fuid', 'seen_bytes'],
  ['ssl', 'established', 'resumed'],
  ['x509', 'certificate.serial'],
  ['smtp', 'trans_depth', 'helo'],
  ['smtp', 'trans_depth', 'rcptto'],
  ['kerberos', 'request_type', 'service'],
  ['kerberos', 'request_type', 'client'],
  ['kerberos', 'client', 'service', 'success'],
  ['ssh', 'auth_attempts'],
  ['ssh', 'kex_alg', 'host_key_alg'],
  ['rdp', 'result', 'cert_count'],
  ['rdp', 'cookie', 'result'],
  ['rdp', 'result', 'security_protocol'],
  ['smb_mapping', 'share_type'],
  ['smb_files', 'action', 'times.modified'],
  ['smb_files', 'action', 'name', 'path'],
  ['dce_rpc', 'endpoint', 'operation'],
  ['dhcp', 'msg_types', 'uids'],
  ['ntlm', 'server_nb_computer_name'],
  ['ntlm', 'domainname'],
  ['ntlm', 'username', 'hostname'],
  ['syslog', 'facility', 'severity', 'message'],
  ['notice', 'note', 'actions'],
  ['weird', 'name', 'notice', 'peer'],
  ['ftp', 'command', 'reply_code'],
  ['ftp', 'user', 'command'],
  ['snmp', 'get_requests', 'community'],
  ['snmp', 'get_requests', 'version'],
  ['tunnel', 'tunnel_type', 'action'],
];

/** Which log a JSON record without `_path` comes from, by its fields; null when none fits. */
export function pathBySignature(record: NativeFields): string | null {
  for (const [path, first = '', second, third] of SIGNATURES) {
    if (record[first] === undefined) continue;
    if (second !== undefined && record[second] === undefined) continue;
    if (third !== undefined && record[third] === undefined) continue;
    return path;
  }
  return null;
}
