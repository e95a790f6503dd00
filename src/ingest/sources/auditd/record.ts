import { entryOf } from '#kernel';
import { readKeyValues } from '../../key-values.ts';
import { put } from '../../ocsf/native.ts';
import type { NativeFields } from '../../types.ts';

/** Record types by number (linux/audit.h), for lines that the kernel wrote itself. */
const TYPES: Readonly<Record<string, string>> = {
  1100: 'USER_AUTH',
  1101: 'USER_ACCT',
  1103: 'CRED_ACQ',
  1104: 'CRED_DISP',
  1105: 'USER_START',
  1106: 'USER_END',
  1107: 'USER_AVC',
  1112: 'USER_LOGIN',
  1113: 'USER_LOGOUT',
  1130: 'SERVICE_START',
  1131: 'SERVICE_STOP',
  1300: 'SYSCALL',
  1302: 'PATH',
  1305: 'CONFIG_CHANGE',
  1306: 'SOCKADDR',
  1307: 'CWD',
  1309: 'EXECVE',
  1326: 'SECCOMP',
  1327: 'PROCTITLE',
  1400: 'AVC',
  1700: 'ANOM_PROMISCUOUS',
  1701: 'ANOM_ABEND',
};

const HEAD =
  /^(?:\[ *[\d.]+\] )?(?:audit: )?(?:node=(?<node>\S{1,255}) )?type=(?<type>\w{1,64}) (?<msg>(?:msg=)?audit\((?<time>\d{1,11}\.\d{1,3}):(?<serial>\d{1,20})\)):? ?/;

/** Fields whose value the kernel writes in hexadecimal when it holds blanks, quotes or control characters. */
const UNTRUSTED = new Set([
  'proctitle',
  'comm',
  'exe',
  'name',
  'cwd',
  'acct',
  'cmd',
  'path',
  'dir',
  'key',
  'data',
  'watch',
  'file',
]);
const GROUP_SEPARATOR = '\u001d';
const ARGUMENT = /^a\d{1,4}(?:\[\d{1,4}\])?$/;
const HEX = /^(?:[0-9A-F]{2})+$/;

/**
 * The fields of one audit record (auditd, or the kernel's own line): `type`, `msg` (`audit(time:serial)`), `audit_time`,
 * `serial`, and its pairs, those of a nested `msg='…'` too. Hexadecimal text is decoded, and its hexadecimal kept as
 * `<name>.hex`. Null when the line is not an audit record.
 */
export function readAuditRecord(text: string): NativeFields | null {
  const head = HEAD.exec(text);
  const groups = head?.groups;
  if (head === null || groups === undefined) return null;
  const { node, type = '', time, serial } = groups;
  const fields: NativeFields = {};
  if (node !== undefined) fields['node'] = node;
  fields['type'] = entryOf(TYPES, type) ?? type;
  if (entryOf(TYPES, type) !== undefined) fields['type_id'] = type;
  fields['msg'] = `audit(${time}:${serial})`;
  fields['audit_time'] = time;
  fields['serial'] = serial;
  takePairs(text.slice(head[0].length), fields);
  return fields;
}

function takePairs(text: string, fields: NativeFields): void {
  // The enriched names that auditd adds stand behind a group separator.
  const { fields: pairs, quoted } = readKeyValues(text.replaceAll(GROUP_SEPARATOR, ' '), { spacedValues: true });
  const isExecve = fields['type'] === 'EXECVE';
  for (const name in pairs) {
    const value = pairs[name];
    if (typeof value !== 'string') continue;
    if (name === 'msg' && quoted.has('msg')) takePairs(value, fields);
    else if (!quoted.has(name) && isHexText(name, value, isExecve)) {
      put(fields, name, decodeHex(value));
      put(fields, `${name}.hex`, value);
    } else if (!isHead(name)) put(fields, name, value);
  }
}

/** What the head of the record states cannot be said again by a pair. */
function isHead(name: string): boolean {
  return name === 'type' || name === 'msg' || name === 'audit_time' || name === 'serial' || name === 'node';
}

function isHexText(name: string, value: string, isExecve: boolean): boolean {
  return (UNTRUSTED.has(name) || (isExecve && ARGUMENT.test(name))) && HEX.test(value);
}

/** Bytes as text; the zero bytes between arguments become blanks, those at the end go. */
function decodeHex(value: string): string {
  return Buffer.from(value, 'hex').toString('utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
}
