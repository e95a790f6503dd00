import { put } from '../../ocsf/native.ts';
import type { NativeFields } from '../../types.ts';

/** Lines of one message that are looked at. */
const LINES_MAX = 500;

/** Accounts by the heading under which they stand. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  subject: 'Subject',
  'creator subject': 'Subject',
  'new logon': 'Target',
  'target subject': 'Target',
  'target account': 'Target',
  'new account': 'Target',
  'account for which logon failed': 'Target',
  'account whose credentials were used': 'Target',
  'account that was locked out': 'Target',
  group: 'Target',
};

/** Names of an account's parts, behind `Subject` or `Target`. */
const ACCOUNT_PARTS: Readonly<Record<string, string>> = {
  'security id': 'UserSid',
  'account name': 'UserName',
  'account domain': 'DomainName',
  'group name': 'UserName',
  'group domain': 'DomainName',
  'logon id': 'LogonId',
};

/** The English words of a message and the names that the event's data has for them. */
const LABELS: Readonly<Record<string, string>> = {
  'logon type': 'LogonType',
  'logon guid': 'LogonGuid',
  'linked logon id': 'TargetLinkedLogonId',
  'impersonation level': 'ImpersonationLevel',
  'elevated token': 'ElevatedToken',
  'virtual account': 'VirtualAccount',
  'restricted admin mode': 'RestrictedAdminMode',
  'failure reason': 'FailureReason',
  status: 'Status',
  'sub status': 'SubStatus',
  'process id': 'ProcessId',
  'process name': 'ProcessName',
  'caller process id': 'ProcessId',
  'caller process name': 'ProcessName',
  'new process id': 'NewProcessId',
  'new process name': 'NewProcessName',
  'creator process id': 'ProcessId',
  'creator process name': 'ParentProcessName',
  'process command line': 'CommandLine',
  'token elevation type': 'TokenElevationType',
  'mandatory label': 'MandatoryLabel',
  'workstation name': 'WorkstationName',
  'source workstation': 'Workstation',
  'source network address': 'IpAddress',
  'client address': 'IpAddress',
  'source port': 'IpPort',
  'client port': 'IpPort',
  'logon process': 'LogonProcessName',
  'authentication package': 'AuthenticationPackageName',
  'transited services': 'TransmittedServices',
  'package name (ntlm only)': 'LmPackageName',
  'key length': 'KeyLength',
  'object server': 'ObjectServer',
  'object type': 'ObjectType',
  'object name': 'ObjectName',
  'handle id': 'HandleId',
  'access mask': 'AccessMask',
  accesses: 'AccessList',
  server: 'ObjectServer',
  'service name': 'Service',
  privileges: 'PrivilegeList',
  'task name': 'TaskName',
  'service file name': 'ServiceFileName',
};

const LINE = /^(\s*)([A-Za-z][A-Za-z ()]{0,60}?)\s*:(?:[\t ]+(.*))?$/;

/**
 * Adds what an English message of the Security log says under the names that the event's own data would have. The
 * first statement of a name counts; what has no name here stands in `Message` alone.
 */
export function readMessage(message: string, fields: NativeFields): void {
  let account: string | undefined;
  for (const line of message.split(/\r?\n/, LINES_MAX)) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, indent = '', label = '', value] = match;
    const words = label.toLowerCase();
    if (indent === '' && (value === undefined || value === '')) {
      account = Object.hasOwn(ACCOUNTS, words) ? ACCOUNTS[words] : undefined;
      continue;
    }
    const name = nameOf(words, account);
    if (name !== undefined && value !== undefined && !Object.hasOwn(fields, name)) put(fields, name, value);
  }
}

function nameOf(words: string, account: string | undefined): string | undefined {
  const part = Object.hasOwn(ACCOUNT_PARTS, words) ? ACCOUNT_PARTS[words] : undefined;
  if (part !== undefined) return account === undefined ? undefined : account + part;
  return Object.hasOwn(LABELS, words) ? LABELS[words] : undefined;
}
