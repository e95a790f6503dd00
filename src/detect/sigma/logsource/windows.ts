import { entryOf } from '#kernel';
import { type Accessor, type Fields, accessor, textsOf } from '../values.ts';
import { CHANNEL_SERVICES } from './windows-channels.ts';
import { type FamilyRouter, type RouteFacts, aliasTable } from './route.ts';

const SYSMON = 'microsoft-windows-sysmon/operational';
const LINUX_SYSMON = 'linux-sysmon/operational';
const POWERSHELL = new Set(['microsoft-windows-powershell/operational', 'powershellcore/operational']);

/** Sysmon's event ids as categories (Sigma taxonomy appendix, "Windows Folder"). */
const SYSMON_CATEGORIES: Readonly<Record<number, readonly string[]>> = {
  1: ['process_creation'],
  2: ['file_change'],
  3: ['network_connection'],
  4: ['sysmon_status'],
  5: ['process_termination'],
  6: ['driver_load'],
  7: ['image_load'],
  8: ['create_remote_thread'],
  9: ['raw_access_thread'],
  10: ['process_access'],
  11: ['file_event'],
  12: ['registry_event', 'registry_add', 'registry_delete'],
  13: ['registry_event', 'registry_set'],
  14: ['registry_event', 'registry_rename'],
  15: ['create_stream_hash'],
  16: ['sysmon_status'],
  17: ['pipe_created'],
  18: ['pipe_created'],
  19: ['wmi_event'],
  20: ['wmi_event'],
  21: ['wmi_event'],
  22: ['dns_query'],
  23: ['file_delete'],
  24: ['clipboard_capture'],
  25: ['process_tampering'],
  26: ['file_delete', 'file_delete_detected'],
  27: ['file_block_executable'],
  28: ['file_block_shredding'],
  29: ['file_executable_detected'],
  255: ['sysmon_error'],
};

const CLASSIC_POWERSHELL: Readonly<Record<number, readonly string[]>> = {
  400: ['ps_classic_start'],
  600: ['ps_classic_provider_start'],
  800: ['ps_classic_script'],
};

/** Windows Defender's detections (1006–1008, 1015, 1116–1119), which antivirus rules are about. */
const DEFENDER_DETECTIONS = new Set([1006, 1007, 1008, 1015, 1116, 1117, 1118, 1119]);

/** The envelope's own names for what the `<System>` element says. */
const ENVELOPE = aliasTable({
  Provider_Name: ['SourceName', 'ProviderName', 'Provider', 'EventSourceName', 'Source'],
  Source: ['Provider_Name', 'SourceName', 'ProviderName', 'EventSourceName'],
  Computer: ['Hostname', 'ComputerName'],
  ComputerName: ['Computer', 'Hostname'],
  EventLog: ['Channel'],
});

/** Mandatory integrity levels ([MS-DTYP] 2.4.2.4) by the words that Sysmon uses. */
const INTEGRITY_WORDS: Readonly<Record<string, string>> = {
  'S-1-16-0': 'Untrusted',
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-8448': 'MediumPlus',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
  'S-1-16-20480': 'Protected',
};

const subjectUser = accessor('SubjectUserName');
const subjectDomain = accessor('SubjectDomainName');
const mandatoryLabel = accessor('MandatoryLabel');

/** Security 4688 in the words of Sysmon 1. It has neither OriginalFileName nor Hashes. */
const PROCESS_4688: ReadonlyMap<string, Accessor> = new Map<string, Accessor>([
  ['Image', accessor('NewProcessName')],
  ['ParentImage', accessor('ParentProcessName')],
  ['ProcessId', accessor('NewProcessId')],
  ['ParentProcessId', accessor('ProcessId')],
  ['LogonId', accessor('SubjectLogonId')],
  ['User', (fields) => joinUser(textsOf(subjectDomain(fields)), textsOf(subjectUser(fields)))],
  ['IntegrityLevel', (fields) => integrityWord(mandatoryLabel(fields))],
]);

function joinUser(domain: unknown, user: unknown): string | undefined {
  if (typeof user !== 'string') return undefined;
  return typeof domain === 'string' && domain !== '' && domain !== '-' ? `${domain}\\${user}` : user;
}

function integrityWord(label: unknown): unknown {
  return typeof label === 'string' ? (entryOf(INTEGRITY_WORDS, label) ?? label) : label;
}

const DEFENDER_ALIASES = aliasTable({
  Signature: ['Threat Name', 'ThreatName', 'Threat_Name'],
  Filename: ['Path'],
  User: ['Detection User', 'DetectionUser'],
});

/** Windows events: the channel is the service, channel and event id give the categories. */
export const windowsRouter: FamilyRouter = {
  key(fields) {
    const channel = channelOf(fields);
    const known = KEYS.get(channel) ?? rememberKeys(channel);
    if (known.byId === null) return known.bare;
    return known.byId.get(eventIdOf(fields)) ?? known.bare;
  },
  facts(key) {
    const [channel = '', id = '-1'] = key.split('\n');
    return windowsFacts(channel, Number(id));
  },
};

/** Keys by channel as written; within it by those event ids that make a difference. */
interface ChannelKeys {
  readonly bare: string;
  readonly byId: ReadonlyMap<number, string> | null;
}

const KEYS = new Map<string, ChannelKeys>();
/** Channel names come from the events: at the limit the memory of them begins anew. */
const CHANNELS_MAX = 1_024;

function rememberKeys(channel: string): ChannelKeys {
  if (KEYS.size >= CHANNELS_MAX) KEYS.clear();
  const name = channel.toLowerCase();
  const ids = decidingIds(name);
  const keys = { bare: name, byId: ids === null ? null : new Map(ids.map((id) => [id, `${name}\n${id}`])) };
  KEYS.set(channel, keys);
  return keys;
}

function decidingIds(channel: string): readonly number[] | null {
  if (channel === SYSMON || channel === LINUX_SYSMON) return Object.keys(SYSMON_CATEGORIES).map(Number);
  if (channel === 'security') return [4688];
  if (POWERSHELL.has(channel)) return [4103, 4104];
  if (channel === 'windows powershell') return Object.keys(CLASSIC_POWERSHELL).map(Number);
  return (CHANNEL_SERVICES.get(channel) ?? []).includes('windefend') ? [...DEFENDER_DETECTIONS] : null;
}

function channelOf(fields: Fields): string {
  const channel = fields['Channel'] ?? fields['EventLog'];
  if (typeof channel === 'string') return channel.slice(0, 256);
  const provider = ENVELOPE.get('Provider_Name')?.(fields);
  return typeof provider === 'string' && /^microsoft-windows-sysmon$/i.test(provider) ? SYSMON : '';
}

function eventIdOf(fields: Fields): number {
  const id = fields['EventID'];
  const number = typeof id === 'number' ? id : typeof id === 'string' ? Number(id) : Number.NaN;
  return Number.isInteger(number) && number >= 0 && number <= 65_535 ? number : -1;
}

function windowsFacts(channel: string, id: number): RouteFacts {
  if (channel === LINUX_SYSMON) return linuxSysmonFacts(id);
  const services = CHANNEL_SERVICES.get(channel) ?? [];
  const base = {
    products: ['windows'],
    services,
    aliases: ENVELOPE,
    spaced: channel !== SYSMON && channel !== 'security',
  };
  if (channel === SYSMON) return { ...base, categories: SYSMON_CATEGORIES[id] ?? [] };
  if (channel === 'security' && id === 4688) {
    return { ...base, categories: ['process_creation'], categoryAliases: PROCESS_4688 };
  }
  if (POWERSHELL.has(channel))
    return { ...base, categories: id === 4103 ? ['ps_module'] : id === 4104 ? ['ps_script'] : [] };
  if (channel === 'windows powershell') return { ...base, categories: CLASSIC_POWERSHELL[id] ?? [] };
  if (services.includes('windefend') && DEFENDER_DETECTIONS.has(id)) {
    return { ...base, categories: ['antivirus'], categoryAliases: DEFENDER_ALIASES };
  }
  return base;
}

/** Sysmon for Linux has the event ids and names of Sysmon. */
function linuxSysmonFacts(id: number): RouteFacts {
  return {
    products: ['linux'],
    services: ['sysmon'],
    categories: SYSMON_CATEGORIES[id] ?? [],
    aliases: ENVELOPE,
  };
}

export const linuxSysmonRouter: FamilyRouter = {
  key: (fields) => String(eventIdOf(fields)),
  facts: (key) => linuxSysmonFacts(Number(key)),
};
