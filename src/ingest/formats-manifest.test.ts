import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LONG, byForm, sharedPath, skipWithoutShared } from '../../test/support/shared.ts';
import { type Member, openFile } from './containers/open.ts';
import { MANIFEST, type ManifestRow, UNREAD } from './formats-manifest.ts';
import { eventOf } from './normalise.ts';
import { validateEvent } from './ocsf/validate.ts';
import { toUtf8 } from './read/encoding.ts';
import { type Item, MemberReader } from './read/reader.ts';
import type { JsonSource, LineSource } from './source.ts';
import { SOURCES } from './sources.ts';

/** Takes what is behind a syslog header and nobody else's; being read by it is no proof of being understood. */
const CATCH_ALL = new Set(['syslog']);
const READ_SHARE_MIN = 0.995;
/** Records of an archive that are looked at; all other files are read whole. */
const ARCHIVE_RECORDS_MAX = byForm({ quick: 10, ordinary: 100, long: Infinity });

const JSON_SOURCES = SOURCES.filter((source): source is JsonSource => source.shape === 'json');
const LINE_SOURCES = SOURCES.filter(
  (source): source is LineSource => source.shape === 'line' && (source.order ?? 50) === 50,
);

interface Outcome {
  records: number;
  /** Records that a source of their own understands. */
  read: number;
  bySource: Map<string, number>;
  faults: string[];
}

async function look([file, , options]: ManifestRow): Promise<Outcome> {
  const outcome: Outcome = { records: 0, read: 0, bySource: new Map(), faults: [] };
  for await (const member of membersOf(file, options?.unwrap)) {
    const reader = new MemberReader(member.member ?? file, member.head, { sources: SOURCES });
    const most = file.endsWith('.zip') ? ARCHIVE_RECORDS_MAX : Infinity;
    for await (const chunk of toUtf8(member.bytes, reader.encoding)) {
      for (const item of reader.push(chunk)) if (item.record < most) take(item, outcome, file);
      if (reader.records >= most) break;
    }
    if (reader.records < most) for (const item of reader.end()) take(item, outcome, file);
  }
  return outcome;
}

async function* membersOf(file: string, unwrap: 'log' | undefined): AsyncGenerator<Member> {
  if (unwrap === undefined) {
    yield* openFile(sharedPath(file));
    return;
  }
  const lines = readFileSync(sharedPath(file), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const bytes = Buffer.from(
    lines.map((line) => `${JSON.stringify((JSON.parse(line) as { log: unknown }).log)}\n`).join(''),
  );
  const once = async function* (): AsyncGenerator<Buffer> {
    yield bytes;
  };
  yield { file, member: null, modifiedMs: 0, head: bytes.subarray(0, 65_536), bytes: once() };
}

function take(item: Item, outcome: Outcome, file: string): void {
  const { parsed, source, record } = item;
  if (item.part === 0) outcome.records += 1;
  if ('reject' in parsed || source === null) return;
  if (item.part === 0 && !CATCH_ALL.has(source.name)) outcome.read += 1;
  outcome.bySource.set(source.name, (outcome.bySource.get(source.name) ?? 0) + 1);
  const context = { receivedMs: 1_772_366_400_000, referenceMs: 1_772_366_400_000, zone: undefined, year: undefined };
  const event = eventOf(item, { file, member: null, record, offset: item.offset }, { ...context, format: source.name });
  const issues = validateEvent(JSON.parse(JSON.stringify(event)));
  if (issues.length > 0) outcome.faults.push(`${record} is not valid OCSF: ${JSON.stringify(issues[0])}`);
  if (source.shape === 'json')
    checkAlone(
      JSON_SOURCES.filter((one) => acceptsText(one, item.raw)),
      item,
      outcome,
    );
}

function acceptsText(source: JsonSource, raw: Buffer): boolean {
  try {
    return source.accepts(JSON.parse(raw.toString('utf8')) as Record<string, unknown>);
  } catch {
    return false;
  }
}

function checkAlone(takers: readonly JsonSource[], { record }: Item, { faults }: Outcome): void {
  if (takers.length > 1) faults.push(`${record} is taken by ${takers.map(({ name }) => name).join(' and ')}`);
}

test(
  'the records of the manifest are read, each by one source of its own, as valid events',
  skipWithoutShared,
  async (t) => {
    let records = 0;
    let read = 0;
    const faults: string[] = [];
    for (const row of MANIFEST) {
      const [file, expected, options] = row;
      const outcome = await look(row);
      const isWhole = LONG || !file.endsWith('.zip');
      if (isWhole) assert.equal(outcome.records, expected, `${file}: records`);
      const unread = outcome.records - outcome.read;
      if (isWhole ? unread !== (options?.unread ?? 0) : unread > (options?.unread ?? 0))
        faults.push(`${file}: ${unread} of ${outcome.records} not read (${[...outcome.bySource].join(' ')})`);
      faults.push(...outcome.faults.slice(0, 3).map((fault) => `${file}: record ${fault}`));
      records += outcome.records;
      read += outcome.read;
    }
    t.diagnostic(`${read} of ${records} records are read (${((read / records) * 100).toFixed(3)} %)`);
    assert.deepEqual(faults, []);
    assert.ok(read / records >= READ_SHARE_MIN);
  },
);

test('of the whole manifest, what is not read has a reason and is less than half a percent', () => {
  const total = MANIFEST.reduce((sum, [, records]) => sum + records, 0);
  const unread = MANIFEST.reduce((sum, [, , options]) => sum + (options?.unread ?? 0), 0);
  assert.ok(unread / total < 1 - READ_SHARE_MIN);
  for (const [file, , options] of MANIFEST) assert.equal((options?.unread ?? 0) > 0, file in UNREAD, file);
});

test('sources of lines are specific: their order among each other decides nothing', skipWithoutShared, () => {
  const contested: string[] = [];
  for (const [file, , options] of MANIFEST) {
    if (!file.endsWith('.log') || options !== undefined) continue;
    for (const line of readFileSync(sharedPath(file), 'utf8').split(/\r?\n/).slice(0, 50)) {
      if (/^(?:[{<#]|$)/.test(line)) continue;
      const takers = LINE_SOURCES.filter((source) => {
        const parsed = source.parse(line, null);
        return parsed !== null && !('reject' in parsed);
      });
      if (takers.length > 1) contested.push(`${file}: ${takers.map(({ name }) => name).join(' and ')}`);
    }
  }
  assert.deepEqual([...new Set(contested)], []);
});
