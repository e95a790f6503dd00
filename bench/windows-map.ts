// node bench/windows-map.ts [seconds a figure, default 2]
//
// What Windows events cost, one thread, in processor time: parsing JSON, and from the parsed object to a valid OCSF event
// (time, map, finish), on the events of the attack campaign as they come and by kind; then event log files and XML. Needs
// the shared data beside the project.
import { readFileSync } from 'node:fs';
import { normalise } from '../src/ingest/normalise.ts';
import { EvtxReader } from '../src/ingest/sources/windows/evtx/reader.ts';
import { windows } from '../src/ingest/sources/windows/family.ts';
import { windowsJson } from '../src/ingest/sources/windows/windows-json.ts';
import { parseWindowsXml } from '../src/ingest/sources/windows/windows-xml.ts';
import type { MapContext, NativeRecord } from '../src/ingest/types.ts';
import { sharedPath } from '../test/support/shared.ts';
import { campaignLines } from './campaign.ts';

const SECONDS = Number(process.argv[2] ?? '2');
const EVENTS = 8_000;
const KINDS = ['sysmon/10', 'sysmon/7', 'sysmon/12', 'sysmon/13', 'sysmon/1', 'security/4656', 'security/4624'];

const context: MapContext = { format: 'bench', receivedMs: 1e12, referenceMs: 1e12, zone: undefined, year: undefined };

/** Microseconds of processor time a call, over whole rounds. */
function cost(count: number, work: (index: number) => void): number {
  for (let round = 0; round < 3; round += 1) for (let index = 0; index < count; index += 1) work(index);
  const start = process.threadCpuUsage();
  let calls = 0;
  let elapsed = 0;
  do {
    for (let index = 0; index < count; index += 1) work(index);
    calls += count;
    const { user, system } = process.threadCpuUsage(start);
    elapsed = user + system;
  } while (elapsed < SECONDS * 1e6);
  return elapsed / calls;
}

function report(name: string, micros: number, note = ''): void {
  const perSecond = Math.round(1e6 / micros).toLocaleString('en');
  console.log(`${name.padEnd(40)} ${micros.toFixed(2).padStart(8)} µs ${perSecond.padStart(10)}/s  ${note}`);
}

function recordOf(line: string): NativeRecord {
  const parsed = windowsJson.parse(JSON.parse(line));
  if (parsed === null || !('fields' in parsed)) throw new TypeError('the campaign holds a record that is no event');
  return parsed;
}

const all = campaignLines();
const step = Math.floor(all.length / EVENTS);
const lines = all.filter((_, index) => index % step === 0).slice(0, EVENTS);
const records = lines.map(recordOf);
const fields = records.reduce((sum, record) => sum + Object.keys(record.fields).length, 0) / records.length;

const json = cost(lines.length, (index) => void JSON.parse(lines[index] ?? ''));
report('JSON.parse', json);
report(
  'recognise and parse, flat',
  cost(lines.length, (index) => {
    const value = records[index]?.fields ?? {};
    if (windowsJson.accepts(value)) windowsJson.parse(value);
  }),
);
const whole = cost(records.length, (index) => void normalise(records[index] ?? never(), windowsJson, context));
report(
  'time, map and finish',
  whole,
  `${fields.toFixed(0)} fields a record; ${(whole / json).toFixed(2)} of JSON.parse`,
);

for (const kind of KINDS) {
  const ofKind = all
    .map((line) => line)
    .filter((line) => line.includes(`"EventID":${kind.split('/')[1]},`))
    .slice(0, 500)
    .map(recordOf)
    .filter((record) => windows.kind(record.fields) === kind);
  if (ofKind.length === 0) continue;
  const size = Object.keys(ofKind[0]?.fields ?? {}).length;
  report(
    `  ${kind}`,
    cost(ofKind.length, (index) => void normalise(ofKind[index] ?? never(), windowsJson, context)),
    `${size} fields`,
  );
}

const file = readFileSync(sharedPath('formats/evtx/security.evtx'));
const xml: string[] = [];
function readFile(): number {
  const reader = new EvtxReader();
  let count = 0;
  for (let at = 0; at < file.length; at += 65_536) {
    const items = reader.push(file.subarray(at, at + 65_536));
    count += items.length;
    if (xml.length < 2000) xml.push(...items.map(({ raw }) => raw.toString()));
  }
  return count + reader.end().length;
}
const perFile = readFile();
report('EVTX, a record to native fields', cost(1, readFile) / perFile, `security.evtx, ${perFile} records`);
report(
  'XML, an event to native fields',
  cost(xml.length, (index) => void parseWindowsXml(xml[index] ?? '')),
);

function never(): never {
  throw new RangeError('no such record');
}
