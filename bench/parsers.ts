// node bench/parsers.ts [seconds a figure, default 1]
//
// How fast the parsers of text formats are, one thread: lines a second through `splitEnvelope` and the source's `parse`;
// in processor time; for Zeek also what mapping adds, as a share of a bare JSON.parse loop over the same bytes in the same run.
import { createDraft, finishDraft } from '../src/ingest/ocsf/draft.ts';
import type { LineSource } from '../src/ingest/source.ts';
import { apache } from '../src/ingest/sources/apache.ts';
import { auditd } from '../src/ingest/sources/auditd.ts';
import { cef } from '../src/ingest/sources/cef.ts';
import { ciscoAsa } from '../src/ingest/sources/cisco-asa.ts';
import { fortigate } from '../src/ingest/sources/fortigate.ts';
import { leef } from '../src/ingest/sources/leef.ts';
import { sshd } from '../src/ingest/sources/sshd.ts';
import { zeekJson } from '../src/ingest/sources/zeek-json.ts';
import { zeekFamily } from '../src/ingest/sources/zeek/family.ts';
import { splitEnvelope } from '../src/ingest/syslog/envelope.ts';
import type { MapContext, NativeFields } from '../src/ingest/types.ts';

const SECONDS = Number(process.argv[2] ?? '1');
const LINES = 10_000;

const context: MapContext = { format: 'bench', receivedMs: 0, referenceMs: 0, zone: undefined, year: undefined };

/** Calls a second of processor time, over whole rounds of `LINES`: other work on the machine counts little. */
function rate(work: (i: number) => void): number {
  for (let i = 0; i < LINES; i += 1) work(i);
  const start = process.threadCpuUsage();
  let calls = 0;
  let elapsed = 0;
  do {
    for (let i = 0; i < LINES; i += 1) work(i);
    calls += LINES;
    const { user, system } = process.threadCpuUsage(start);
    elapsed = (user + system) / 1e6;
  } while (elapsed < SECONDS);
  return calls / elapsed;
}

function report(name: string, perSecond: number, note = ''): void {
  console.log(`${name.padEnd(34)} ${Math.round(perSecond).toLocaleString('en').padStart(12)}/s  ${note}`);
}

const many = (make: (i: number) => string): string[] => Array.from({ length: LINES }, (_, i) => make(i));

const RFC5424 = many(
  (i) =>
    `<165>1 2003-10-11T22:14:15.${String(i % 1000).padStart(3, '0')}Z ward${i % 40}.example evntslog ${i} ID47 [a@32473 iut="${i}" eventSource="App" eventID="1011"] An application event log entry number ${i}`,
);
const RFC3164 = many(
  (i) => `<34>Oct 11 22:14:15 ward${i % 40} su[${i}]: 'su root' failed for user${i % 9} on /dev/pts/8`,
);

const FORMATS: readonly (readonly [string, LineSource, readonly string[]])[] = [
  [
    'CEF',
    cef,
    many(
      (i) =>
        `<134>Feb 14 19:04:54 fw01 CEF:0|Security|threatmanager|1.0|${i}|worm \\| stopped|10|src=10.0.${i % 250}.1 dst=2.1.2.2 spt=${1024 + i} dpt=443 proto=TCP act=blocked msg=a \\= b with spaces`,
    ),
  ],
  [
    'LEEF',
    leef,
    many(
      (i) =>
        `<13>1 2019-01-18T11:07:53.520Z h LEEF - - - LEEF:2.0|V|P|1.0|41|^|src=10.0.0.1^dst=10.0.0.2^srcPort=${i}^sev=5^cat=anomaly`,
    ),
  ],
  [
    'Cisco ASA 302013',
    ciscoAsa,
    many(
      (i) =>
        `<166>Oct 10 2018 12:34:56 fw1 : %ASA-6-302013: Built outbound TCP connection ${i} for outside:10.1.1.1/80 (10.1.1.1/80) to inside:10.2.2.2/${i} (9.9.9.9/${i})`,
    ),
  ],
  [
    'FortiGate',
    fortigate,
    many(
      (i) =>
        `<189>date=2024-10-14 time=13:46:40 devname="fw1" devid="FG1" eventtime=1728938800841267391 tz="-0700" logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=10.1.1.1 srcport=${i} dstip=10.2.2.2 dstport=443 proto=6 action="accept" policyid=3 sentbyte=${i} rcvdbyte=9`,
    ),
  ],
  [
    'sshd',
    sshd,
    many(
      (i) =>
        `<86>Feb 12 14:10:21 ward7 sshd[${i}]: Failed password for invalid user u${i} from 10.0.0.7 port ${i} ssh2`,
    ),
  ],
  [
    'auditd SYSCALL',
    auditd,
    many(
      (i) =>
        `type=SYSCALL msg=audit(1364481363.243:${i}): arch=c000003e syscall=59 success=no exit=-13 a0=7fff a1=0 a2=1 a3=2 items=1 ppid=2686 pid=${i} auid=500 uid=0 gid=0 euid=0 tty=pts0 ses=1 comm="cat" exe="/bin/cat" key="k"`,
    ),
  ],
  [
    'Apache combined',
    apache,
    many(
      (i) =>
        `10.0.0.1 - bob [08/Jun/2020:08:04:43 +0200] "GET /a/b?x=${i} HTTP/1.1" 200 803 "http://r/" "Mozilla/5.0 (X11; Linux x86_64)"`,
    ),
  ],
];

report(
  'RFC 5424 header',
  rate((i) => void splitEnvelope(RFC5424[i] ?? '')),
);
report(
  'RFC 3164 header',
  rate((i) => void splitEnvelope(RFC3164[i] ?? '')),
);
for (const [name, source, lines] of FORMATS) {
  const parse = (i: number): void => {
    const { envelope, text } = splitEnvelope(lines[i] ?? '');
    if (source.parse(text, envelope) === null) throw new Error(`${name} did not take its line`);
  };
  report(name, rate(parse));
}

const CONN = many(
  (i) =>
    `{"ts":${1_521_911_799.739_898 + i},"uid":"C2MugGdsn3ZVI${i}","id.orig_h":"10.0.0.227","id.orig_p":${i},"id.resp_h":"10.47.8.50","id.resp_p":53,"proto":"udp","service":"dns","duration":0.0123,"orig_bytes":31,"resp_bytes":63,"conn_state":"SF","local_orig":true,"local_resp":false,"missed_bytes":0,"history":"Dd","orig_pkts":1,"orig_ip_bytes":59,"resp_pkts":1,"resp_ip_bytes":91}`,
);
const bare = rate((i) => void JSON.parse(CONN[i] ?? ''));
report('JSON.parse of Zeek conn', bare);
report(
  '  and recognise',
  rate((i) => void parseZeek(CONN[i] ?? '')),
);
const mapped = rate((i) => void mapZeek(CONN[i] ?? ''));
report('  and map', mapped, `${((mapped / bare) * 100).toFixed(1)} % of JSON.parse`);
const written = rate((i) => void JSON.stringify(mapZeek(CONN[i] ?? '')));
report('  and write as OCSF JSON', written, `${((written / bare) * 100).toFixed(1)} % of JSON.parse`);

function parseZeek(line: string): NativeFields {
  const value: NativeFields = JSON.parse(line);
  if (!zeekJson.accepts(value)) throw new Error('not recognised');
  zeekJson.parse(value);
  return value;
}

function mapZeek(line: string): unknown {
  const fields = parseZeek(line);
  const draft = createDraft();
  zeekFamily.map(fields, draft, context);
  return finishDraft(draft, {
    family: zeekFamily.name,
    kind: zeekFamily.kind(fields),
    time: zeekFamily.time(fields, context),
    receivedMs: 0,
  });
}
