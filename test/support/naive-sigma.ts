import type { Node, Rule, Test } from '../../src/detect/sigma/types.ts';

/**
 * The oracle of the Sigma engine: evaluates every rule on every Windows event, without index, routes, shared leaves or
 * precompiled anything. Patterns become plain regular expressions; the log source is a plain predicate of its own.
 */
export function naiveMatches(rules: readonly Rule[], event: Readonly<Record<string, unknown>>): string[] {
  return rules
    .filter((rule) => naiveLogsource(rule, event) && naiveNode(rule.detection, rule, event))
    .map((rule) => rule.id);
}

type Event = Readonly<Record<string, unknown>>;

const SYSMON_IDS: Readonly<Record<string, readonly number[]>> = {
  process_creation: [1],
  file_change: [2],
  network_connection: [3],
  sysmon_status: [4, 16],
  process_termination: [5],
  driver_load: [6],
  image_load: [7],
  create_remote_thread: [8],
  raw_access_thread: [9],
  process_access: [10],
  file_event: [11],
  registry_add: [12],
  registry_delete: [12],
  registry_set: [13],
  registry_rename: [14],
  registry_event: [12, 13, 14],
  create_stream_hash: [15],
  pipe_created: [17, 18],
  wmi_event: [19, 20, 21],
  dns_query: [22],
  file_delete: [23, 26],
  clipboard_capture: [24],
  process_tampering: [25],
  file_delete_detected: [26],
  file_block_executable: [27],
  file_block_shredding: [28],
  file_executable_detected: [29],
  sysmon_error: [255],
};

/** Channels of the services whose name is not simply that of the channel. */
const CHANNEL_OF: Readonly<Record<string, readonly string[]>> = {
  'dns-client': ['Microsoft-Windows-DNS Client Events/Operational'],
  'firewall-as': ['Microsoft-Windows-Windows Firewall With Advanced Security/Firewall'],
  'msexchange-management': ['MSExchange Management'],
  powershell: ['Microsoft-Windows-PowerShell/Operational', 'PowerShellCore/Operational'],
  'powershell-classic': ['Windows PowerShell'],
  sysmon: ['Microsoft-Windows-Sysmon/Operational'],
  taskscheduler: ['Microsoft-Windows-TaskScheduler/Operational'],
  'terminalservices-localsessionmanager': ['Microsoft-Windows-TerminalServices-LocalSessionManager/Operational'],
  windefend: ['Microsoft-Windows-Windows Defender/Operational'],
  wmi: ['Microsoft-Windows-WMI-Activity/Operational'],
  'bits-client': ['Microsoft-Windows-Bits-Client/Operational'],
};

function naiveLogsource(rule: Rule, event: Event): boolean {
  const { product, category, service } = rule.logsource;
  if (product !== undefined && product !== 'windows') return false;
  const channel = textOf(event['Channel']).toLowerCase();
  const id = Number(event['EventID']);
  if (service !== undefined && !(CHANNEL_OF[service] ?? [service]).some((name) => name.toLowerCase() === channel))
    return false;
  return category === undefined || naiveCategory(category, channel, id);
}

function naiveCategory(category: string, channel: string, id: number): boolean {
  if (channel === 'microsoft-windows-sysmon/operational') return (SYSMON_IDS[category] ?? []).includes(id);
  if (channel === 'security') return category === 'process_creation' && id === 4688;
  if (channel === 'microsoft-windows-powershell/operational') {
    return (category === 'ps_module' && id === 4103) || (category === 'ps_script' && id === 4104);
  }
  if (channel !== 'windows powershell') return false;
  return { 400: 'ps_classic_start', 600: 'ps_classic_provider_start', 800: 'ps_classic_script' }[id] === category;
}

function naiveNode(node: Node, rule: Rule, event: Event): boolean {
  switch (node.kind) {
    case 'and':
      return node.parts.every((part) => naiveNode(part, rule, event));
    case 'or':
      return node.parts.some((part) => naiveNode(part, rule, event));
    case 'some':
      return node.parts.filter((part) => naiveNode(part, rule, event)).length >= node.least;
    case 'not':
      return !naiveNode(node.part, rule, event);
    case 'leaf': {
      const { field, tests } = node.leaf;
      if (field === null)
        return Object.values(event).some((value) => tests.some((test) => naiveTest(test, value, rule, event)));
      return tests.some((test) => naiveTest(test, naiveField(field, rule, event), rule, event));
    }
  }
}

const INTEGRITY: Readonly<Record<string, string>> = {
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-8448': 'MediumPlus',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
  'S-1-16-0': 'Untrusted',
  'S-1-16-20480': 'Protected',
};

function naiveField(field: string, rule: Rule, event: Event): unknown {
  const is4688 = textOf(event['Channel']).toLowerCase() === 'security' && Number(event['EventID']) === 4688;
  if (rule.logsource.category !== undefined && is4688) {
    if (field === 'Image') return event['NewProcessName'];
    if (field === 'ParentImage') return event['ParentProcessName'];
    if (field === 'ProcessId') return event['NewProcessId'];
    if (field === 'ParentProcessId') return event['ProcessId'];
    if (field === 'LogonId') return event['SubjectLogonId'];
    if (field === 'IntegrityLevel') return INTEGRITY[textOf(event['MandatoryLabel'])] ?? event['MandatoryLabel'];
    if (field === 'User') return naiveUser(event);
  }
  const spaced = field.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/([a-z])([A-Z])/g, '$1 $2');
  const eventful = /sysmon|^security$/i.test(textOf(event['Channel'])) ? undefined : event[spaced];
  const own = (spaced === field ? undefined : eventful) ?? event[field];
  if (own !== undefined) return own;
  const names: Readonly<Record<string, readonly string[]>> = {
    Provider_Name: ['SourceName', 'ProviderName', 'Provider', 'EventSourceName', 'Source'],
    Source: ['Provider_Name', 'SourceName', 'ProviderName', 'EventSourceName'],
    Computer: ['Hostname', 'ComputerName'],
    ComputerName: ['Computer', 'Hostname'],
    EventLog: ['Channel'],
  };
  return (names[field] ?? []).map((name) => event[name]).find((value) => value !== undefined);
}

function naiveUser(event: Event): unknown {
  const domain = event['SubjectDomainName'];
  const user = event['SubjectUserName'];
  if (typeof user !== 'string') return undefined;
  return typeof domain === 'string' && domain !== '' && domain !== '-' ? `${domain}\\${user}` : user;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : '';
}

function naiveTest(test: Test, value: unknown, rule: Rule, event: Event): boolean {
  if (test.kind === 'null') return value === undefined || value === null || value === '';
  if (test.kind === 'exists') return (value !== undefined) === test.present;
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.some((element) => naiveTest(test, element, rule, event));
  const text = typeof value === 'object' ? JSON.stringify(value) : textOf(value);
  switch (test.kind) {
    case 'text':
      return naiveText(test, text);
    case 'wild':
      return patternOf(test).test(test.dashes ? text.replace(/[/\u2013\u2014\u2015]/g, '-') : text);
    case 'regex':
      return linearRegex(test.source, test.flags).test(text);
    case 'compare':
      return (
        text !== '' &&
        { eq: '==', gt: '>', gte: '>=', lt: '<', lte: '<=' }[test.operator] !== '' &&
        ordered(Number(text), test)
      );
    case 'fieldref': {
      const other = naiveField(test.field, rule, event);
      if (other === undefined || other === null) return false;
      const [a, b] = test.cased ? [text, textOf(other)] : [text.toLowerCase(), textOf(other).toLowerCase()];
      return test.form === 'exact'
        ? a === b
        : test.form === 'prefix'
          ? a.startsWith(b)
          : test.form === 'suffix'
            ? a.endsWith(b)
            : a.includes(b);
    }
    case 'cidr':
      return naiveCidr(test.network, text);
    case 'time':
    case 'unresolved':
      return false;
  }
}

function ordered(value: number, test: Extract<Test, { kind: 'compare' }>): boolean {
  const difference = value - test.operand;
  if (test.operator === 'eq') return difference === 0;
  if (test.operator.startsWith('g')) return difference > 0 || (test.operator === 'gte' && difference === 0);
  return difference < 0 || (test.operator === 'lte' && difference === 0);
}

function naiveText(test: Extract<Test, { kind: 'text' }>, text: string): boolean {
  const dashed = test.dashes ? text.replace(/[/\u2013\u2014\u2015]/g, '-') : text;
  const seen = test.cased ? dashed : dashed.toLowerCase();
  const at = test.form === 'suffix' ? seen.length - test.literal.length : 0;
  if (test.form === 'contains') return seen.search(test.literal.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')) >= 0;
  if (test.form === 'exact') return seen === test.literal;
  return at >= 0 && seen.slice(at, at + test.literal.length) === test.literal;
}

const PATTERNS = new Map<Test, RegExp>();

function patternOf(test: Extract<Test, { kind: 'wild' }>): RegExp {
  const known = PATTERNS.get(test);
  if (known !== undefined) return known;
  const source = test.tokens.map((token) =>
    token === 0 ? '.*' : token === 1 ? '.' : token.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'),
  );
  const pattern = new RegExp(`^${source.join('')}$`, test.cased ? 's' : 'is');
  PATTERNS.set(test, pattern);
  return pattern;
}

const REGEXES = new Map<string, RegExp>();

/** The backtracking engine, which the product never uses on a rule's pattern: here it is the second opinion. */
function linearRegex(source: string, flags: string): RegExp {
  const key = `${flags}/${source}`;
  const regex = REGEXES.get(key) ?? new RegExp(source, flags);
  REGEXES.set(key, regex);
  return regex;
}

/** IPv4 by arithmetic; IPv6 by its bits as text. */
function naiveCidr(network: string, text: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  if (base.includes(':')) {
    return (
      text.includes(':') &&
      !/^::ffff:\d+\./i.test(text) &&
      bitsOf(base).slice(0, Number(bits)) === bitsOf(text).slice(0, Number(bits))
    );
  }
  const [a, b] = [addressNumber(base), addressNumber(text)];
  const size = 2 ** (32 - Number(bits));
  return a !== null && b !== null && Math.floor(a / size) === Math.floor(b / size);
}

function addressNumber(address: string): number | null {
  const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address.replace(/^::ffff:/i, ''));
  const parts = quad?.slice(1).map(Number);
  return parts === undefined || parts.some((part) => part > 255)
    ? null
    : parts.reduce((sum, part) => sum * 256 + part, 0);
}

function bitsOf(address: string): string {
  const [head = '', tail = ''] = address.split('::').map((part) => part.replace(/:$/, ''));
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const gap = address.includes('::') ? Array.from({ length: 8 - left.length - right.length }, () => '0') : [];
  return [...left, ...gap, ...right].map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
