import type { NativeFields } from '../../types.ts';

/** Logs whose events have names of their own in mapping tables; by channel and by provider, both in lower case. */
const LOGS: Readonly<Record<string, string>> = {
  security: 'security',
  system: 'system',
  application: 'application',
  'windows powershell': 'powershell-classic',
  'microsoft-windows-sysmon/operational': 'sysmon',
  'linux-sysmon/operational': 'sysmon',
  'microsoft-windows-powershell/operational': 'powershell',
  'powershellcore/operational': 'powershell',
  'microsoft-windows-taskscheduler/operational': 'taskscheduler',
  'microsoft-windows-windows defender/operational': 'defender',
  'microsoft-windows-wmi-activity/operational': 'wmi',
  'microsoft-windows-terminalservices-localsessionmanager/operational': 'terminal-session',
  'microsoft-windows-terminalservices-remoteconnectionmanager/operational': 'terminal-connection',
  'microsoft-windows-bits-client/operational': 'bits',
  'microsoft-iis-logging/logs': 'iis',
};

const PROVIDERS: Readonly<Record<string, string>> = {
  'microsoft-windows-security-auditing': 'security',
  'microsoft-windows-eventlog': 'eventlog',
  'microsoft-windows-sysmon': 'sysmon',
  'linux-sysmon': 'sysmon',
  'service control manager': 'system',
  powershell: 'powershell-classic',
  'microsoft-windows-powershell': 'powershell',
  'microsoft-windows-taskscheduler': 'taskscheduler',
  'microsoft-windows-windows defender': 'defender',
};

/** Channels of one site; more than this are not remembered, only looked up again. */
const CHANNELS_MAX = 1024;
/** Numbers of events that are remembered; an event number has 16 bits. */
const KINDS_MAX = 4096;

const logs = new Map<unknown, string | null>();
const kinds = new Map<string, Map<unknown, string>>();
let kindCount = 0;

/**
 * `<log>/<event number>`: `sysmon/1`, `security/4624`, `powershell/4104`, `powershell-classic/400`, `system/7045`; a log
 * without a name of its own is `other/<number>`. A collector's channel (`ForwardedEvents`) counts for nothing.
 */
export function windowsKind(fields: NativeFields): string {
  const log = logOf(fields['Channel'] ?? fields['LogName']) ?? logOfProvider(fields) ?? 'other';
  const id = fields['EventID'];
  const known = kinds.get(log)?.get(id);
  return known ?? remember(log, id);
}

function logOf(channel: unknown): string | null {
  const known = logs.get(channel);
  if (known !== undefined) return known;
  if (typeof channel !== 'string') return null;
  const name = channel.toLowerCase();
  const log = Object.hasOwn(LOGS, name) ? (LOGS[name] ?? null) : null;
  if (logs.size < CHANNELS_MAX) logs.set(channel, log);
  return log;
}

function logOfProvider(fields: NativeFields): string | null {
  const provider = fields['Provider_Name'] ?? fields['SourceName'] ?? fields['Provider'] ?? fields['EventSourceName'];
  if (typeof provider !== 'string') return null;
  const name = provider.toLowerCase();
  return Object.hasOwn(PROVIDERS, name) ? (PROVIDERS[name] ?? null) : null;
}

function remember(log: string, id: unknown): string {
  const number = typeof id === 'number' || typeof id === 'string' ? Number(id) : Number.NaN;
  const kind = `${log}/${Number.isInteger(number) && number >= 0 ? number : 'unknown'}`;
  if (kindCount >= KINDS_MAX || (typeof id !== 'number' && typeof id !== 'string')) return kind;
  let ofLog = kinds.get(log);
  if (ofLog === undefined) kinds.set(log, (ofLog = new Map()));
  ofLog.set(id, kind);
  kindCount += 1;
  return kind;
}
