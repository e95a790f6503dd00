import { entryOf } from '#kernel';
import { textAt } from '../../native-value.ts';
import { baseName, keep, notIp } from '../../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../../ocsf/field-map.ts';
import { defineFamily } from '../../ocsf/table-family.ts';
import { isoTime, epochTime } from '../../time.ts';
import type { Draft, EventTime, Family, NativeFields, TimeContext } from '../../types.ts';
import { headerTime, setTransmitTime } from '../../syslog/fields.ts';

type Kind = 'process' | 'auth' | 'account' | 'record';

const PROCESS: readonly Row[] = [
  ['message', 'message'],
  ['type', 'metadata.event_code'],
  ['serial', 'metadata.uid'],
  ['host', 'device.hostname', notIp],
];

const MAPS: Readonly<Record<Kind, FieldMap>> = {
  process: auditMap([
    ...PROCESS,
    ['pid', 'process.pid'],
    ['comm', 'process.name'],
    ['exe', 'process.file.path'],
    ['exe', 'process.file.name', baseName],
    ['cwd', 'process.working_directory'],
    ['cmdline', 'process.cmd_line'],
    ['uid', 'process.user.uid'],
    ['ppid', 'process.parent_process.pid'],
    ['auid', 'actor.user.uid'],
    ['audit_user', 'actor.user.name'],
    ['ses', 'actor.session.uid'],
    ['exit', 'status_code'],
  ]),
  auth: auditMap([
    ['message', 'message'],
    ['type', 'metadata.event_code'],
    ['serial', 'metadata.uid'],
    ['acct', 'user.name'],
    ['host', 'dst_endpoint.hostname', notIp],
    ['addr', 'src_endpoint.ip'],
    ['terminal', 'session.terminal'],
    ['exe', 'service.name', keep(baseName)],
    ['pid', 'logon_process.pid'],
    ['auid', 'actor.user.uid'],
    ['ses', 'session.uid'],
  ]),
  account: auditMap([...PROCESS, ['acct', 'user.name'], ['id', 'user.uid'], ['auid', 'actor.user.uid']]),
  record: auditMap(PROCESS),
};

function auditMap(rows: readonly Row[]): FieldMap {
  return defineFieldMap(rows, { 'metadata.product.name': 'auditd', 'metadata.product.vendor_name': 'Linux' });
}

/** Authentication by record type: activity, where 99 is what PAM does besides logging on and off. */
const AUTH: Readonly<Record<string, number>> = {
  USER_LOGIN: 1,
  USER_AUTH: 1,
  USER_START: 1,
  USER_ACCT: 99,
  CRED_ACQ: 99,
  CRED_REFR: 99,
  CRED_DISP: 99,
  USER_END: 2,
  USER_LOGOUT: 2,
};
/** Account Change by record type. */
const ACCOUNT: Readonly<Record<string, number>> = {
  ADD_USER: 1,
  DEL_USER: 6,
  USER_CHAUTHTOK: 3,
  ACCT_LOCK: 9,
  ACCT_UNLOCK: 12,
};

/** execve and execveat by name, and by number on x86-64 and arm64. */
const EXEC = new Set(['execve', 'execveat', '59', '322', '221', '281']);
const OK: ReadonlyMap<string, number> = new Map([
  ['yes', 1],
  ['success', 1],
  ['1', 1],
  ['no', 2],
  ['failed', 2],
  ['0', 2],
]);

/** Linux audit records under the kernel's names (`type`, `exe`, `a0` …). */
export const auditdFamily: Family = defineFamily<Kind>({
  name: 'auditd',
  title: 'Linux audit',
  maps: MAPS,
  kind: kindOfRecord,
  time: auditTime,
  fill: describe,
});

function kindOfRecord(fields: NativeFields): Kind {
  const type = textAt(fields, 'type') ?? '';
  if (Object.hasOwn(AUTH, type)) return 'auth';
  if (Object.hasOwn(ACCOUNT, type)) return 'account';
  if (type === 'AUOMS_EXECVE') return 'process';
  const call = textAt(fields, 'SYSCALL') ?? textAt(fields, 'syscall') ?? '';
  return type === 'SYSCALL' && EXEC.has(call) ? 'process' : 'record';
}

function auditTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const { audit_time: stated, timestamp } = fields;
  const time = epochTime(stated, 's');
  if (time !== null) return time;
  return headerTime(fields, context) ?? isoTime(timestamp, context);
}

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  const type = textAt(fields, 'type') ?? '';
  draft.severityId = 1;
  draft.statusId = OK.get(textAt(fields, 'success') ?? textAt(fields, 'res') ?? '');
  if (kind === 'process') as(draft, 1007, 1);
  if (kind === 'auth') as(draft, 3002, entryOf(AUTH, type) ?? 99);
  if (kind === 'account') as(draft, 3001, entryOf(ACCOUNT, type) ?? 99);
}

function as(draft: Draft, classUid: number, activityId: number): void {
  draft.classUid = classUid;
  draft.activityId = activityId;
}
