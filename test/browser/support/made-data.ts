import type {
  Coverage,
  EventDetail,
  EventSummary,
  FindingSummary,
  HuntResult,
  Incident,
  IncidentSummary,
  Level,
  Overview,
  RuleDetail,
  SavedHunt,
  Session,
  Settings,
  SourceDetail,
  User,
} from '../../../src/console/api.ts';

/** A moment that all made data is told from. */
export const MADE_NOW = Date.now();
const MINUTE = 60_000;

/** What an attacker writes into every field that he reaches. */
export const HOSTILE =
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>{{7*7}}\u202E javascript:window.hacked=1';

export interface MadeOptions {
  /** Puts this into every text that comes from outside. */
  hostile?: string;
  events?: number;
  incidents?: number;
}

const LEVELS: readonly Level[] = ['critical', 'high', 'medium', 'low', 'informational'];
const TITLES = [
  'Password store dumped on RAD-PC-14, then a logon to the PACS server',
  'Vendor account signed in without a second factor from a new country',
  'One nurse opened 41 records without a care relation in one evening',
  'Shadow copies deleted on FS-02 shortly before files were renamed',
  'Repeated failed sign-ins to the EHR from one address',
];
const TACTICS = ['initial-access', 'execution', 'credential-access', 'lateral-movement', 'collection', 'impact'];

export interface MadeData {
  session: Session;
  overview: Overview;
  incidents: Incident[];
  findings: FindingSummary[];
  events: EventSummary[];
  rules: RuleDetail[];
  sources: SourceDetail[];
  coverage: Coverage;
  settings: Settings;
  users: User[];
  saved: SavedHunt[];
  eventDetail: (index: number) => EventDetail;
  hunt: () => HuntResult;
}

/** A small hospital's console data: typed, complete, and the same in each run. */
export function makeData(options: MadeOptions = {}): MadeData {
  const say = (text: string): string => options.hostile ?? text;
  const incidents = Array.from({ length: options.incidents ?? 24 }, (_one, n) => makeIncident(n, say));
  const events = Array.from({ length: options.events ?? 400 }, (_one, n) => makeEvent(n, say));
  const findings = incidents.flatMap((incident) =>
    incident.timeline.map((item): FindingSummary => ({
      index: item.finding,
      uid: `uid-${item.finding}`,
      atMs: item.atMs,
      rule: { ...item.rule, level: item.level, tags: ['attack.t1003.001'], author: say('Wardkeep') },
      incident: incident.id,
      suppressedBy: null,
      events: item.events,
      eventsTotal: item.eventsTotal,
      match: { Image: say('C:\\Windows\\System32\\rundll32.exe'), User: say('riverside\\k.lindqvist') },
    })),
  );
  const rules = Array.from({ length: 300 }, (_one, n) => makeRule(n, say));
  const sources = makeSources(say);
  const open = incidents.filter(({ state }) => state !== 'closed');
  return {
    session: {
      user: { id: 'u1', name: say('maria.ortega'), role: 'administrator' },
      rights: ['read', 'respond', 'see-patients', 'administer'],
      hospital: say('Riverside Community Hospital'),
      zone: 'America/Chicago',
      hasTotp: false,
      mustChangePassword: false,
      version: '0.1.0',
    },
    overview: {
      verdict: 'act',
      sentence: say('Somebody is moving through Radiology now: take RAD-PC-14 off the network first.'),
      tasks: [
        { id: 't1', text: say('Take RAD-PC-14 off the network (INC-1)'), href: '/incidents/i0', urgency: 'now' },
        { id: 't2', text: say('Reset the password of the PACS vendor account'), href: '/incidents/i1', urgency: 'now' },
        { id: 't3', text: say('The lab system has been silent for 3 hours'), href: '/sources/s2', urgency: 'today' },
        { id: 't4', text: 'Set up a second factor for yourself', href: 'https://evil.example/x', urgency: 'soon' },
      ],
      incidents: {
        open: open.length,
        bySeverity: { critical: 1, high: 2, medium: 3, low: 1, informational: 0 },
        newest: open.slice(0, 5).map(summaryOf),
      },
      sources: { total: 14, healthy: 12, silent: 1, troubled: 1 },
      activity: Array.from({ length: 24 }, (_one, n) => ({
        hourMs: Math.floor(MADE_NOW / 3_600_000 - 23 + n) * 3_600_000,
        events: Math.round(2400 + 1800 * Math.sin((n / 24) * Math.PI * 2) + ((n * 397) % 500)),
        findings: n % 5 === 0 ? n : 0,
      })),
      ledger: { size: 1_204_881, checkpointMs: MADE_NOW - 40_000, healthy: true },
      troubles: [{ code: 'disk_low', text: 'The disk is 91 % full.', advice: 'Free space or shorten retention.' }],
    },
    incidents,
    findings,
    events,
    rules,
    sources,
    coverage: makeCoverage(),
    settings: makeSettings(say),
    users: makeUsers(say),
    saved: [
      {
        id: 'h1',
        name: say('Events an hour'),
        sql: 'SELECT 1',
        picture: 'bar',
        author: say('maria'),
        changedMs: MADE_NOW,
      },
    ],
    eventDetail: (index) => ({
      ...makeEvent(index, say),
      index,
      state: 'present',
      event: { class_uid: 3002, time: MADE_NOW, message: say('logon'), actor: { user: { name: say('k.lindqvist') } } },
      raw: { text: say('<Event><System><EventID>4624</EventID></System></Event>'), base64: null },
      findings: findings.slice(0, 2),
    }),
    hunt: () => ({
      columns: [
        { name: 'hour', type: 'TIMESTAMP' },
        { name: say('class'), type: 'VARCHAR' },
        { name: 'events', type: 'BIGINT' },
      ],
      rows: Array.from({ length: 240 }, (_one, n) => [
        new Date(MADE_NOW - Math.floor(n / 4) * 3_600_000).toISOString(),
        say(['Authentication', 'Process Activity', 'Network Activity', 'File Activity'][n % 4] ?? ''),
        (n * 7919) % 1000,
      ]),
      isTruncated: true,
      elapsedMs: 83,
      skipped: [],
    }),
  };
}

/** An incident as lists have it. */
export function summaryOf(incident: Incident): IncidentSummary {
  const {
    story: _s,
    actions: _a,
    confidence: _c,
    severityWhy: _w,
    isSeverityFixed: _f,
    timeline: _t,
    ...rest
  } = incident;
  const { notes: _n, history: _h, mergedFrom: _m, ...summary } = rest;
  return summary;
}

function makeIncident(n: number, say: (text: string) => string): Incident {
  const lastMs = MADE_NOW - n * 47 * MINUTE - 4 * MINUTE;
  const timeline = Array.from({ length: 6 }, (_one, step) => ({
    atMs: lastMs - (5 - step) * 7 * MINUTE,
    text: say(
      `${['WINWORD started PowerShell', 'LSASS memory was read', 'A new service was installed'][step % 3]} on RAD-PC-14.`,
    ),
    level: LEVELS[Math.min(4, Math.max(0, 4 - step))] ?? 'low',
    rule: { id: `rule-${step}`, title: say(`LSASS memory dump by rundll32 (${step})`) },
    techniques: ['T1003.001'],
    tactic: TACTICS[step] ?? null,
    finding: 10_000 + n * 10 + step,
    events: [n * 10 + step, n * 10 + step + 1],
    eventsTotal: step === 2 ? 312 : 2,
  }));
  return {
    id: `i${n}`,
    number: `INC-${n + 1}`,
    title: say(TITLES[n % TITLES.length] ?? ''),
    severity: LEVELS[n % 4] ?? 'low',
    state: (['new', 'open', 'contained', 'closed'] as const)[n % 4] ?? 'new',
    verdict: n % 4 === 3 ? 'benign' : null,
    assignee: n % 3 === 1 ? say('maria.ortega') : null,
    firstMs: lastMs - 35 * MINUTE,
    lastMs,
    createdMs: lastMs - 20 * MINUTE,
    findings: 6,
    tactics: TACTICS.slice(0, 2 + (n % 5)),
    entities: [
      { kind: 'device', name: say('RAD-PC-14.riverside.example'), count: 6 },
      { kind: 'user', name: say('riverside\\k.lindqvist'), count: 4 },
      { kind: 'address', name: say('10.20.4.114'), count: 3 },
      { kind: 'patient', name: say('Patient 7f3a'), count: 1 },
    ],
    story: [
      say(
        'At 02:13 a PC in Radiology (RAD-PC-14) opened a Word document that started PowerShell. Four minutes later the password store of Windows was read.',
      ),
      say('At 02:24 the same account, k.lindqvist, logged on to the PACS server, where it had never been before.'),
    ],
    actions: [
      {
        text: say('Unplug RAD-PC-14 from the network; leave it running.'),
        why: say('It stops the spread and keeps what is in memory.'),
      },
      {
        text: say('Reset the password of k.lindqvist and end all sessions.'),
        why: say('Its password is known to them.'),
      },
      { text: say('Look at the PACS server for new services.'), why: say('The logon there came last.') },
    ],
    confidence: { level: 'high', why: say('Three different rules agree, and the order fits a known way of working.') },
    isSeverityFixed: false,
    severityWhy: say('High rule, a server that holds images, and four stages of an attack: critical.'),
    timeline,
    notes: [
      { id: 'n1', author: say('maria.ortega'), atMs: lastMs, text: say('Called Radiology: nobody is there at night.') },
    ],
    history: [{ atMs: lastMs - MINUTE, author: 'wardkeep', text: say('opened the incident') }],
    mergedFrom: [],
  };
}

function makeEvent(n: number, say: (text: string) => string): EventSummary {
  const classes = [
    [3002, 'Authentication'],
    [1007, 'Process Activity'],
    [4001, 'Network Activity'],
    [6003, 'API Activity'],
  ] as const;
  const [classUid, className] = classes[n % 4] ?? classes[0];
  return {
    index: 1_000_000 - n,
    atMs: MADE_NOW - n * 13_000,
    receivedMs: MADE_NOW - n * 13_000 + 900,
    classUid,
    className,
    severity: n % 5,
    text: say(`k.lindqvist signed in to RAD-PC-${n % 40} with a password`),
    user: say('riverside\\k.lindqvist'),
    device: say(`RAD-PC-${n % 40}`),
    address: say(`10.20.4.${n % 250}`),
    patient: n % 7 === 0 ? say('Patient 7f3a') : null,
    sourceId: 's0',
  };
}

function makeRule(n: number, say: (text: string) => string): RuleDetail {
  return {
    id: `rule-${n}`,
    title: say(
      ['LSASS memory dump by rundll32', 'Shadow copies deleted', 'Record opened without a care relation'][n % 3] ?? '',
    ),
    level: LEVELS[n % 5] ?? 'low',
    origin: n % 3 === 2 ? 'wardkeep' : 'imported',
    author: say('Somebody'),
    isEnabled: n % 9 !== 0,
    tactics: ['credential-access'],
    techniques: ['T1003.001'],
    logsource: 'windows / process_creation',
    findings: n % 17,
    problem: n === 12 ? say('A field modifier of this rule is not known.') : null,
    description: say('Reads the memory of the process that keeps passwords.'),
    falsePositives: [say('Backup agents of some vendors')],
    references: [say('https://attack.mitre.org/techniques/T1003/001/')],
    yaml: say('title: LSASS memory dump\nlogsource:\n  product: windows\n'),
    licence: 'DRL-1.1',
    source: say('SigmaHQ'),
    levelInFile: 'high',
  };
}

function makeSources(say: (text: string) => string): SourceDetail[] {
  const kinds = ['syslog', 'ndjson', 'splunk-hec', 'elastic-bulk', 'fhir-auditevent', 'mllp'];
  return kinds.map((kind, n) => ({
    id: `s${n}`,
    name: say(['Firewall', 'EHR audit', 'Lab system', 'Windows PCs', 'PACS', 'Admissions'][n] ?? ''),
    kind,
    format: 'auto',
    health: (['ok', 'ok', 'silent', 'ok', 'troubled', 'new'] as const)[n] ?? 'ok',
    problem: n === 2 ? say('No event for 3 hours.') : n === 4 ? say('12 % of its records do not parse.') : null,
    lastEventMs: n === 5 ? null : MADE_NOW - n * 40 * MINUTE - 2_000,
    events: n === 5 ? 0 : 48_211 * (n + 1),
    rejected: n * 31,
    rate: n === 5 ? 0 : 12.4 / (n + 1),
    parseShare: n === 5 ? null : n === 4 ? 0.88 : 0.9996,
    gaps: n,
    lost: n === 0 ? 4 : 0,
    zone: null,
    silentAfterMs: 3_600_000,
    createdMs: MADE_NOW - 9_000_000_000,
    clockOffsetS: n === 3 ? 214 : 0.4,
    rejects: [{ code: 'not_json', count: 31 }],
    rates: Array.from({ length: 60 }, (_one, m) => ({
      minuteMs: MADE_NOW - (59 - m) * MINUTE,
      events: 300 + ((m * 137) % 90),
      rejected: m % 13 === 0 ? 7 : 0,
    })),
    snippets: [{ title: 'rsyslog', text: say('action(type="omfwd" target="wardkeep.riverside.example" port="6514")') }],
  }));
}

function makeCoverage(): Coverage {
  const tactics = [
    ['TA0001', 'Initial Access'],
    ['TA0002', 'Execution'],
    ['TA0003', 'Persistence'],
    ['TA0006', 'Credential Access'],
    ['TA0008', 'Lateral Movement'],
    ['TA0040', 'Impact'],
  ].map(([id = '', name = '']) => ({ id, name }));
  return {
    tactics,
    techniques: Array.from({ length: 60 }, (_one, n) => ({
      id: `T${1001 + n}`,
      name: ['OS Credential Dumping', 'Valid Accounts', 'Service Execution', 'Inhibit System Recovery'][n % 4] ?? '',
      tactics: [tactics[n % tactics.length]?.id ?? ''],
      rules: n % 9,
      enabled: Math.min(n % 9, n % 7),
      findings: n % 11 === 0 ? 3 : 0,
    })),
  };
}

function makeSettings(say: (text: string) => string): Settings {
  return {
    values: {
      hospital: say('Riverside Community Hospital'),
      zone: 'America/Chicago',
      notifications: {
        email: {
          host: 'mail.riverside.example',
          port: 587,
          secure: true,
          user: 'wardkeep',
          from: 'wardkeep@riverside.example',
          to: ['it@riverside.example'],
        },
        webhook: null,
        from: 'high',
        quiet: { from: '22:00', to: '06:00' },
        digestAt: '07:00',
      },
      forwarding: null,
    },
    secrets: ['email.password'],
    version: '0.1.0',
    dataDirectory: '/var/lib/wardkeep',
  };
}

function makeUsers(say: (text: string) => string): User[] {
  return (['administrator', 'analyst', 'privacy-officer', 'read-only'] as const).map((role, n) => ({
    id: `u${n + 1}`,
    name: say(['maria.ortega', 'sam.reed', 'j.okafor', 'auditor'][n] ?? ''),
    role,
    seesPatients: n === 2,
    hasTotp: n < 2,
    isLocked: n === 3,
    lastSignInMs: n === 3 ? null : MADE_NOW - n * 9_000_000,
    createdMs: MADE_NOW - 9_000_000_000,
  }));
}
