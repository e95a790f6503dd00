import type { NativeFields } from '../../types.ts';

// Cisco Secure Firewall ASA Series Syslog Messages, by number; Cisco document 116149 on the ends of connections.

/** Characters of a message that is taken apart; the devices' own limit is half of it. */
const MESSAGE_LENGTH_MAX = 16_384;

/** What a message says beyond its words: OCSF activity of its class, and status. */
export interface Meaning {
  readonly kind: 'network' | 'auth' | 'session' | 'other';
  readonly activity: number;
  readonly status?: 1 | 2;
  /** Which end began it is not said. */
  readonly unordered?: true;
}

interface Message extends Meaning {
  readonly pattern: RegExp;
}

/** `interface:address/port (mapped) (user)`: what is in parentheses is optional. Interfaces such as `NP Identity Ifc` have blanks. */
function end(side: 'src' | 'dst'): string {
  const mapped = `(?: ?\\((?<${side}_mapped>[\\da-fA-F.:]{2,45}(?:/\\d{1,5})?)\\))?`;
  return `(?<${side}_interface>[^:(]{1,64})(?:\\((?<${side}_acl>[^)]{1,128})\\))?:(?<${side}_ip>[^\\s/(]+)(?:/(?<${side}_port>\\d+))?${mapped}(?: ?\\((?<${side}_user>[^)]*)\\))?`;
}

/** `address/port` without an interface. */
function bare(side: 'src' | 'dst'): string {
  return `(?<${side}_ip>[^\\s/(),]+)(?:/(?<${side}_port>\\d+))?`;
}

const DURATION = ' duration (?<duration>\\d+:\\d\\d:\\d\\d)';
const OPEN = { kind: 'network', activity: 1, status: 1 } as const;
const CLOSE = { kind: 'network', activity: 2, status: 1 } as const;
const REFUSE = { kind: 'network', activity: 5, status: 2 } as const;
const LOGON = { kind: 'auth', activity: 1, status: 1 } as const;
const NO_LOGON = { kind: 'auth', activity: 1, status: 2 } as const;

const BUILT: Message = {
  ...OPEN,
  pattern: new RegExp(
    `^Built (?<direction>inbound|outbound) (?:\\[?Probe\\]? )?(?<protocol>\\S+) connection (?<connection>\\d+) (?:for|from) ${end('src')} to ${end('dst')}`,
  ),
};
const TEARDOWN: Message = {
  ...CLOSE,
  unordered: true,
  pattern: new RegExp(
    `^Teardown (?:\\[?Probe\\]? )?(?<protocol>\\S+) connection (?<connection>\\d+) (?:for|from) ${end('src')} to ${end('dst')}${DURATION} bytes (?<bytes>\\d+)(?: (?<reason>.*))?$`,
  ),
};
/** The foreign, the global and the local address; a number behind the first is the sequence, not a port. */
const ICMP =
  '(?<protocol>ICMP) connection for faddr (?<src_ip>[^\\s/(]+)(?:/\\d+)?(?: ?\\((?<src_user>[^)]*)\\))? gaddr (?<mapped_ip>[^\\s/]+)(?:/\\d+)? laddr (?<dst_ip>[^\\s/(]+)(?:/\\d+)?(?: ?\\((?<dst_user>[^)]*)\\))?(?: type (?<icmp_type>\\d+) code (?<icmp_code>\\d+))?';
const TRANSLATION = `(?:dynamic|static) (?<protocol>\\S+) translation from ${end('src')} to ${end('dst')}`;
/** From an address to an interface of the device, or at its serial console. */
function login(verdict: 'denied' | 'permitted'): RegExp {
  const network = `${bare('src')} to (?<dst_interface>[^\\s:]+):(?<dst_ip>[^\\s/]+)/(?<service>\\S+)`;
  return new RegExp(
    `^Login ${verdict} from (?:serial to (?<terminal>console)|${network}) for user ["'](?<user>.*)["']$`,
  );
}

const SESSION =
  /^Group[ =]+<?(?<group>[^>,]{0,255}?)>?,? +(?:User(?:name)?[ =]+<?(?<user>[^>,]{0,255}?)>?,? +)?IP[ =]+<?(?<src_ip>[^>,\s]+)>?,?/;

const MESSAGES: Readonly<Record<string, Message>> = {
  '106001': {
    ...REFUSE,
    pattern: new RegExp(
      `^(?<direction>Inbound|Outbound) (?<protocol>\\S+) connection denied from ${bare('src')} to ${bare('dst')} flags (?<flags>[A-Z ]{0,64}?) {1,4}on interface (?<src_interface>\\S+)`,
    ),
  },
  '106006': {
    ...REFUSE,
    pattern: new RegExp(
      `^Deny (?<direction>inbound|outbound) (?<protocol>UDP) from ${bare('src')} to ${bare('dst')}.* on interface (?<src_interface>\\S+)`,
    ),
  },
  '106007': {
    ...REFUSE,
    pattern: new RegExp(
      `^Deny (?<direction>inbound|outbound) (?<protocol>UDP) from ${bare('src')} to ${bare('dst')}(?: due to (?<reason>.*))?`,
    ),
  },
  '106010': {
    ...REFUSE,
    pattern: new RegExp(`^Deny (?<direction>inbound|outbound) (?<protocol>.+?) src ${end('src')} dst ${end('dst')}`),
  },
  '106014': {
    ...REFUSE,
    pattern: new RegExp(
      `^Deny (?<direction>inbound|outbound) (?<protocol>icmp) src ${end('src')} dst ${end('dst')}`,
      'i',
    ),
  },
  '106015': {
    ...REFUSE,
    pattern: new RegExp(
      `^Deny (?<protocol>TCP) \\(no connection\\) from ${bare('src')} to ${bare('dst')} flags (?<flags>[A-Z ]{0,64}?) {1,4}on interface (?<src_interface>\\S+)`,
    ),
  },
  '106021': {
    ...REFUSE,
    pattern: new RegExp(
      `^Deny (?<protocol>\\S+) reverse path check from ${bare('src')} to ${bare('dst')} on interface (?<src_interface>\\S+)`,
    ),
  },
  '106023': {
    ...REFUSE,
    pattern: new RegExp(
      `^Deny (?<protocol>(?:protocol )?\\S+) src ${end('src')} dst ${end('dst')}(?: \\(type (?<icmp_type>\\d+), code (?<icmp_code>\\d+)\\))? by access-group "(?<acl>[^"]*)"(?: \\[(?<rule_ids>[^\\]]*)\\])?`,
    ),
  },
  '106100': {
    kind: 'network',
    activity: 6,
    pattern:
      /^access-list (?<acl>\S+) (?<action>permitted|denied|est-allowed) (?<protocol>\S+) (?<src_interface>[^\s/]+)\/(?<src_ip>[^\s(]+)\((?<src_port>\d+)\)(?:\([^)]*\))? -> (?<dst_interface>[^\s/]+)\/(?<dst_ip>[^\s(]+)\((?<dst_port>\d+)\)(?:\([^)]*\))? hit-cnt (?<hits>\d+)/,
  },
  '113004': {
    ...LOGON,
    pattern: /^AAA user (?<method>\S+) Successful ?: server = +(?<server>\S+?) ?[:,] [Uu]ser = (?<user>.*)$/,
  },
  '113005': {
    ...NO_LOGON,
    pattern:
      /^AAA user (?<method>\S+) Rejected ?: reason = (?<reason>.*?) ?: server = +(?<server>\S+?) ?[:,] [Uu]ser = (?<user>.*?)(?: ?: user IP = (?:None|(?<src_ip>\S+)))?$/,
  },
  '113012': { ...LOGON, pattern: /^AAA user authentication Successful ?: local database ?: [Uu]ser = (?<user>.*)$/ },
  '113015': {
    ...NO_LOGON,
    pattern:
      /^AAA user authentication Rejected ?: reason = (?<reason>.*?) ?: local database ?: [Uu]ser = (?<user>.*?)(?: ?: user IP = (?:None|(?<src_ip>\S+)))?$/,
  },
  '113019': {
    kind: 'session',
    activity: 2,
    status: 1,
    pattern:
      /^Group = (?<group>[^,]*), Username = (?<user>[^,]*), IP = (?<src_ip>[^,\s]+), Session disconnected\. Session Type: (?<session_type>[^,]+), Duration: (?<duration>[^,]+), Bytes xmt: (?<bytes_out>\d+), Bytes rcv: (?<bytes_in>\d+), Reason: (?<reason>.*)$/,
  },
  '113039': { kind: 'session', activity: 1, status: 1, pattern: SESSION },
  '302013': BUILT,
  '302014': TEARDOWN,
  '302015': BUILT,
  '302016': TEARDOWN,
  '302017': BUILT,
  '302018': TEARDOWN,
  '302020': {
    ...OPEN,
    pattern: new RegExp(`^Built (?<direction>inbound|outbound) ${ICMP}`),
  },
  '302021': { ...CLOSE, unordered: true, pattern: new RegExp(`^Teardown ${ICMP}`) },
  '305011': { ...OPEN, pattern: new RegExp(`^Built ${TRANSLATION}`) },
  '305012': { ...CLOSE, pattern: new RegExp(`^Teardown ${TRANSLATION}${DURATION}`) },
  '308001': {
    ...NO_LOGON,
    pattern: /^console enable password incorrect for (?<tries>\d+) tries \(from (?<src_ip>[^)\s]+)\)/,
  },
  '605004': { ...NO_LOGON, pattern: login('denied') },
  '605005': { ...LOGON, pattern: login('permitted') },
  '611101': {
    ...LOGON,
    pattern: /^User authentication succeeded: (?:IP address: (?<src_ip>[^,\s]+), )?Uname: (?<user>.*)$/,
  },
  '611102': {
    ...NO_LOGON,
    pattern: /^User authentication failed: (?:IP address: (?<src_ip>[^,\s]+), )?Uname: (?<user>.*)$/,
  },
  '716001': { kind: 'session', activity: 1, status: 1, pattern: SESSION },
  '716002': { kind: 'session', activity: 2, status: 1, pattern: SESSION },
  '722022': { kind: 'session', activity: 1, status: 1, pattern: SESSION },
  '722023': { kind: 'session', activity: 2, status: 1, pattern: SESSION },
  '722051': {
    kind: 'session',
    activity: 1,
    status: 1,
    pattern: new RegExp(`${SESSION.source}.*IPv4 Address <(?<assigned_ip>[^>]+)>`),
  },
};

const OTHER: Meaning = { kind: 'other', activity: 0 };

/** What a message of this number means; `other` for those without an entry. */
export function meaningOf(id: string): Meaning {
  return Object.hasOwn(MESSAGES, id) ? (MESSAGES[id] ?? OTHER) : OTHER;
}

/**
 * The parts of a message by name. An outbound connection was begun by the inner end, which the message names second: its
 * ends change places, so that `src_…` is who began it. Empty for messages that are not known or not as documented.
 */
export function readMessage(id: string, text: string): NativeFields {
  if (text.length > MESSAGE_LENGTH_MAX) return {};
  const groups = Object.hasOwn(MESSAGES, id) ? MESSAGES[id]?.pattern.exec(text)?.groups : undefined;
  if (groups === undefined) return {};
  const isBegunInside = groups['direction'] === 'outbound' && text.startsWith('Built');
  const fields: NativeFields = {};
  for (const name in groups) {
    const value = groups[name];
    if (value !== undefined && value !== '') fields[isBegunInside ? otherEnd(name) : name] = value;
  }
  return fields;
}

function otherEnd(name: string): string {
  if (name.startsWith('src_')) return `dst_${name.slice(4)}`;
  return name.startsWith('dst_') ? `src_${name.slice(4)}` : name;
}
