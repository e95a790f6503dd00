import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';
import { assertSameFields, checkRecord } from '../../../../test/support/family.ts';
import { LONG, sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
import { openFile } from '../../containers/open.ts';
import { MemberReader } from '../../read/reader.ts';
import type { NativeFields } from '../../types.ts';
import { SOURCES } from '../all.ts';
import { windows } from './family.ts';

/** Of so many records one is mapped and mapped back; each one is parsed. */
const SAMPLE_EVERY = LONG ? 1 : 50;
/** Of so many scenarios one is read, and of each capture so many records. */
const SCENARIO_EVERY = LONG ? 1 : 4;
const RECORDS_READ = LONG ? Infinity : 6000;

/** Records of each capture that holds Windows events, and how many of them cannot be read. */
const CAPTURES: Readonly<Record<string, readonly [records: number, unreadable: number]>> = {
  'lsass_campaign.zip': [53_698, 0],
  'securityauditing_log4shell_cve2021_44228_java_serialized_object.zip': [39, 0],
  'sysmon_log4shell_cve2021_44228_java_serialized_object.zip': [487, 0],
  // The collector has cut the XML of one event.
  'syslog_sysmon_log4shell_cve2021_44228_jndi_reference.zip': [92, 1],
};
const SCENARIOS = 44;
const SCENARIO_RECORDS = 84_727;

interface Counts {
  records: number;
  others: number;
  timeless: number;
  /** Records by hours between the two clocks. */
  clocks: Map<number, number>;
}

async function readCapture(path: string): Promise<Counts> {
  const counts: Counts = { records: 0, others: 0, timeless: 0, clocks: new Map() };
  for await (const member of openFile(path)) {
    const reader = new MemberReader(member.member ?? path, member.head, { sources: SOURCES });
    for await (const chunk of member.bytes) {
      for (const { parsed } of reader.push(chunk)) count(parsed, counts);
      if (counts.records >= RECORDS_READ) return counts;
    }
    for (const { parsed } of reader.end()) count(parsed, counts);
  }
  return counts;
}

function count(parsed: object, counts: Counts): void {
  if (!('fields' in parsed) || !('family' in parsed) || parsed.family !== windows.name) counts.others += 1;
  else {
    counts.records += 1;
    if (counts.records % SAMPLE_EVERY === 1 || SAMPLE_EVERY === 1) check(parsed.fields as NativeFields, counts);
  }
}

function check(fields: NativeFields, counts: Counts): void {
  const before = structuredClone(fields);
  const event = checkRecord(windows, fields);
  assertSameFields(fields, before);
  if (event.metadata.labels?.includes('time:received')) counts.timeless += 1;
  const own = Date.parse(`${String(fields['UtcTime']).replace(' ', 'T').replace(/Z$/, '')}Z`);
  if (Number.isNaN(own)) return;
  const hours = Math.round((event.time - own) / 3_600_000);
  counts.clocks.set(hours, (counts.clocks.get(hours) ?? 0) + 1);
}

/** One distance for nearly all: a host whose clock was set during the capture has a few others. */
function assertOneClock(clocks: ReadonlyMap<number, number>, file: string): void {
  const all = [...clocks.values()];
  const total = all.reduce((sum, records) => sum + records, 0);
  assert.ok(Math.max(0, ...all) >= total * 0.95, `${file}: ${[...clocks].join(' ')}`);
}

for (const [name, [records, unreadable]] of Object.entries(CAPTURES))
  test(`${name}: each of its ${records} records is recognised, valid and given back`, skipWithoutShared, async () => {
    const counts = await readCapture(sharedPath(`windows/${name}`));
    assert.deepEqual([counts.others, counts.timeless], [unreadable, 0]);
    if (records < RECORDS_READ) assert.equal(counts.records, records);
    else assert.ok(counts.records >= RECORDS_READ);
  });

test(
  'the single scenarios: each record is recognised, valid and given back, one clock a file',
  skipWithoutShared,
  async () => {
    const folder = sharedPath('windows/atomic/');
    const files = readdirSync(folder).filter((file) => file.endsWith('.zip'));
    assert.equal(files.length, SCENARIOS);
    let records = 0;
    for (const file of files.filter((_, index) => index % SCENARIO_EVERY === 0)) {
      const counts = await readCapture(folder + file);
      assert.deepEqual([counts.others, counts.timeless], [0, 0], file);
      assertOneClock(counts.clocks, file);
      records += counts.records;
    }
    if (LONG) assert.equal(records, SCENARIO_RECORDS);
    else assert.ok(records > 0);
  },
);
