import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  DETECT_MIGRATIONS,
  type DetectTables,
  type LedgerFinding,
  detect,
  findingUid,
  loadRules,
  shippedRulesDir,
} from '#detect/sigma';
import { MemberReader, type OcsfEvent, eventOf, sourcesFor } from '#ingest';
import type { AppendedEntry, TapModule, TappedRecord } from '#ingest/live';
import { ManualClock, silentLog } from '#kernel';
import { openState } from '#kernel/database';
import { type EntryInput, type Ledger, createLedger, openLedger } from '#ledger';
import { riversideNight } from '#sample';
import { type DurableFinding, type TunableDetector, findingsSince, openLiveDetector, tapUrl } from '#detect/live';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-live-'));
after(() => rmSync(base, { recursive: true, force: true }));
const START = Date.UTC(2026, 10, 23, 20);
const ruleSet = await loadRules([shippedRulesDir()], {});
const night = recordsOf([...riversideNight(START)]);

/** Records as the mapping thread has them. */
function recordsOf(files: readonly (readonly [name: string, text: string])[]): TappedRecord[] {
  return files.flatMap(([name, text]) => {
    const bytes = Buffer.from(text);
    const reader = new MemberReader(name, bytes.subarray(0, 65_536), { sources: sourcesFor('auto') });
    const context = { receivedMs: START, zone: undefined, year: undefined, referenceMs: START };
    return [...reader.each(bytes), ...reader.end()].flatMap((item) => {
      const { parsed, source } = item;
      if ('reject' in parsed || source === null) return [];
      const position = { file: name, member: null, record: item.record, offset: item.offset };
      const event = eventOf(item, position, { ...context, format: source.name });
      return [{ family: parsed.family, fields: parsed.fields, event }];
    });
  });
}

function entryOf({ event }: TappedRecord): EntryInput {
  const normal = Buffer.from(JSON.stringify(event));
  return {
    classUid: (event as unknown as OcsfEvent).class_uid,
    retention: 'record',
    normal,
    raw: new Uint8Array(0),
    patient: null,
  };
}

async function opened(name: string) {
  const dir = join(base, name);
  const keyFile = join(base, `${name}.key`);
  await createLedger({ dir, keyFile });
  const ledger = await openLedger({ dir, keyFile });
  const state = await openState<DetectTables>(dir, DETECT_MIGRATIONS);
  return {
    ledger,
    state,
    close: async (): Promise<void> => {
      await state.destroy();
      await ledger[Symbol.asyncDispose]();
    },
  };
}

/** Appends in batches and hands them on, as intake does. */
async function stream(ledger: Ledger, detector: TunableDetector, records: readonly TappedRecord[]): Promise<void> {
  const module = (await import(tapUrl.href)) as TapModule;
  const tap = await module.createTap(structuredClone(detector.tapOptions()));
  for (let at = 0; at < records.length; at += 100) {
    const some = records.slice(at, at + 100);
    const { firstIndex } = await ledger.append(some.map(entryOf));
    const entries = some.map((record, i): AppendedEntry => {
      const { classUid, retention, normal } = entryOf(record);
      const tapped: unknown = structuredClone(tap.observe(record));
      return { index: firstIndex + i, classUid, retention, normal: normal as Uint8Array, tapped };
    });
    detector.accept({ receivedMs: START, sourceId: 'test', entries });
  }
  await detector.settled();
}

test('the stream gives the findings that detect gives over the same entries', async () => {
  const { ledger, state, close } = await opened('same');
  const recorded: Readonly<Record<string, unknown>>[] = [];
  // Findings are kept apart here, so that both see the same indexes.
  const record = async (event: Readonly<Record<string, unknown>>): Promise<number> => 1e9 + recorded.push(event);
  const live: DurableFinding[] = [];
  {
    await using detector = openLiveDetector({
      ledger,
      state,
      ruleSet,
      record,
      clock: new ManualClock(START),
      log: silentLog,
    });
    detector.onFinding((finding) => live.push(finding));
    await stream(ledger, detector, night);
    assert.equal(detector.position, night.length);
  }
  const stored: LedgerFinding[] = [];
  const onFinding = (finding: LedgerFinding): void => void stored.push(finding);
  await detect({ ledger, state, ruleSet, clock: new ManualClock(START), from: 0, onFinding });
  assert.ok(stored.length > 10);
  assert.deepEqual(live.map(({ uid }) => uid).toSorted(), stored.map(findingUid).toSorted());
  for (const { events, indexes } of live) {
    assert.equal(events.length, Math.min(20, indexes.length));
    assert.equal(events.at(-1)?.index, indexes.at(-1));
  }
  await close();
});

test('whoever stops at any moment and catches up gives each finding once, correlations across the stop included', async () => {
  const { ledger, state, close } = await opened('stops');
  const record = async (event: Readonly<Record<string, unknown>>): Promise<number> => {
    const normal = JSON.stringify(event);
    return (
      await ledger.append([{ classUid: 2004, retention: 'record', normal, raw: new Uint8Array(0), patient: null }])
    ).firstIndex;
  };
  const open = (): TunableDetector =>
    openLiveDetector({ ledger, state, ruleSet, record, clock: new ManualClock(START), log: silentLog });
  const told = new Map<string, number>();
  const count = ({ uid }: DurableFinding): void => void told.set(uid, (told.get(uid) ?? 0) + 1);
  for (let at = 0; at < night.length; at += 611) {
    const detector = open();
    detector.onFinding(count);
    await detector.catchUp();
    await stream(ledger, detector, night.slice(at, at + 611));
    // Every second one is left as a crash leaves it: nothing is saved.
    if (at % 2 === 0) await detector[Symbol.asyncDispose]();
  }
  await open().catchUp();
  const uids: string[] = [];
  for await (const finding of findingsSince(ledger, 0)) {
    uids.push(finding.uid);
    assert.equal(finding.events.length, Math.min(20, finding.indexes.length));
  }
  assert.equal(new Set(uids).size, uids.length);
  for (const [uid, times] of told) assert.deepEqual([uids.includes(uid), times], [true, 1]);
  const other = await opened('whole');
  await other.ledger.append(night.map(entryOf));
  const rules: string[] = [];
  const onFinding = ({ rule }: LedgerFinding): void => void rules.push(rule.id);
  await detect({ ...other, ruleSet, clock: new ManualClock(START), onFinding });
  const found: string[] = [];
  for await (const { rule } of findingsSince(ledger, 0)) found.push(rule.id);
  assert.deepEqual(found.toSorted(), rules.toSorted());
  await other.close();
  await close();
});

test('what Wardkeep itself records is looked at, and its findings are not', async () => {
  const { ledger, state, close } = await opened('own');
  const record = async (): Promise<number> => 1e9;
  await using detector = openLiveDetector({
    ledger,
    state,
    ruleSet,
    record,
    clock: new ManualClock(START),
    log: silentLog,
  });
  const titles: string[] = [];
  detector.onFinding(({ rule }) => titles.push(rule.title));
  const event = {
    class_uid: 3002,
    activity_id: 1,
    status_id: 1,
    user: { name: 'ext-vendor' },
    is_mfa: false,
    is_remote: true,
    time: START,
    metadata: { log_format: 'wardkeep/console' },
  };
  const normal = Buffer.from(JSON.stringify(event));
  const own = { classUid: 3002, retention: 'record', normal, tapped: null, isOwn: true } as const;
  detector.accept({
    receivedMs: START,
    sourceId: null,
    entries: [
      { ...own, index: 0 },
      { ...own, index: 1, classUid: 2004 },
    ],
  });
  await detector.settled();
  assert.deepEqual(titles, ['Vendor signed in without a second factor']);
  await close();
});

test('a running detector forgets entries in memory and in what it saves', async () => {
  const { ledger, state, close } = await opened('forget');
  const record = async (): Promise<number> => 1e9;
  const options = { ledger, state, ruleSet, record, clock: new ManualClock(START), log: silentLog };
  await using detector = openLiveDetector(options);
  await stream(ledger, detector, night);
  const savedRefs = async (): Promise<number[]> => {
    const row = await state.selectFrom('detect_cursor').select('correlations').executeTakeFirstOrThrow();
    const { groups } = JSON.parse(Buffer.from(row.correlations).toString('utf8'));
    return groups.flatMap(({ entries }: { entries: [number, number][] }) => entries.map(([, ref]) => ref));
  };
  await detector.forget([]);
  const [first, ...others] = await savedRefs();
  assert.ok(first !== undefined && others.length > 1);
  assert.ok((await detector.forget([first])) > 0);
  const left = await savedRefs();
  assert.deepEqual([left.includes(first), left.length > 0], [false, true]);
  await close();
});
