import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ManualClock } from '#kernel';
import { openState } from '#kernel/database';
import { type EntryInput, auditLedger, createLedger, openLedger } from '#ledger';
import { loadRules } from '../load.ts';
import { detect } from './detect.ts';
import { correlationsOf, eraseEntries } from './erase.ts';
import type { LedgerFinding } from './finding-event.ts';
import { DETECT_MIGRATIONS, type DetectTables } from './store.ts';

const RULES = `title: A record was opened
id: 3f1d2f36-6a32-4d0a-9e4b-0d1d5c6f7a80
name: opened
logsource: {product: wardkeep, category: web_resources_activity}
detection: {selection: {message|contains: opened}, condition: selection}
level: low
---
title: Three records by one person
id: 3f1d2f36-6a32-4d0a-9e4b-0d1d5c6f7a81
correlation: {type: event_count, rules: [opened], group-by: [actor.user.name], timespan: 1h, condition: {gte: 3}, generate: true}
level: high
`;
const START = Date.UTC(2026, 10, 24, 2);

function opening(user: string, patient: string, minute: number): EntryInput {
  const event = {
    class_uid: 6001,
    category_uid: 6,
    activity_id: 2,
    type_uid: 600_102,
    severity_id: 1,
    time: START + minute * 60_000,
    message: `${user} opened ${patient}`,
    actor: { user: { name: user } },
    metadata: { version: '1.8.0', product: { name: 'EHR' }, log_format: 'ehr/access' },
  };
  return { classUid: 6001, retention: 'record', normal: JSON.stringify(event), raw: new Uint8Array(0), patient: null };
}

async function opened(t: TestContext) {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-erase-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  writeFileSync(join(base, 'rules.yml'), RULES);
  const where = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  const clock = new ManualClock(START);
  await createLedger({ ...where, origin: 'log.test/erase', clock });
  const ledger = await openLedger({ ...where, clock });
  const state = await openState<DetectTables>(where.dir, DETECT_MIGRATIONS);
  t.after(async () => {
    await state.destroy();
    await ledger[Symbol.asyncDispose]();
  });
  const ruleSet = await loadRules([join(base, 'rules.yml')], {});
  return {
    ledger,
    state,
    where,
    derived: [correlationsOf(state)],
    async detect(from?: number): Promise<string[]> {
      const found: string[] = [];
      const onFinding = ({ rule, indexes }: LedgerFinding, index: number): void =>
        void found.push(`${index} ${rule.level} of ${indexes.join()}`);
      await detect({ ledger, state, ruleSet, clock, from, onFinding });
      return found;
    },
    /** Everything of the state that lies on the disk, the write-ahead log included. */
    disk: (): string => {
      const files = readdirSync(where.dir).filter((name) => name.startsWith('state.sqlite'));
      return files.map((name) => readFileSync(join(where.dir, name)).toString('latin1')).join('');
    },
  };
}

test('an entry goes with every finding that quotes it, and with its part in open correlations', async (t) => {
  const { ledger, state, derived, where, disk, ...made } = await opened(t);
  const entries = [opening('nurse', 'ann', 0), opening('evelyn', 'bea', 1), opening('nurse', 'cid', 2)];
  await ledger.append([...entries, opening('nurse', 'dan', 3)]);
  assert.deepEqual(await made.detect(), ['4 low of 0', '5 low of 1', '6 low of 2', '7 low of 3', '8 high of 0,2,3']);
  assert.match(disk(), /evelyn/);
  const erasure = await eraseEntries({ ledger, state, indexes: [1], reason: 'request', derived });
  assert.deepEqual(erasure, { eventIndex: 9, erased: 2, findings: [5], forgotten: 1, isScrubbed: true });
  assert.doesNotMatch(disk(), /evelyn/);
  assert.match(disk(), /nurse/);
  assert.deepEqual((await eraseEntries({ ledger, state, indexes: [2], reason: 'request', derived })).findings, [6, 8]);
  const states: string[] = [];
  for await (const batch of ledger.read()) for (const entry of batch) states.push(`${entry.index} ${entry.state}`);
  assert.deepEqual(
    states.filter((one) => one.endsWith('erased')),
    ['1 erased', '2 erased', '5 erased', '6 erased', '8 erased'],
  );
  await ledger.publish();
  const report = await auditLedger({ dir: where.dir, keyFile: where.keyFile });
  assert.deepEqual([report.good, report.findings], [true, []]);
});

test('correlations go on counting without what was erased, from the saved state and from the first entry', async (t) => {
  const { ledger, state, derived, ...made } = await opened(t);
  await ledger.append([opening('nurse', 'ann', 0), opening('nurse', 'bea', 1)]);
  await made.detect();
  await eraseEntries({ ledger, state, indexes: [1], reason: 'request', derived });
  await ledger.append([opening('nurse', 'cid', 2)]);
  assert.deepEqual(await made.detect(), ['6 low of 5']);
  await ledger.append([opening('nurse', 'dan', 3)]);
  assert.deepEqual(await made.detect(), ['8 low of 7', '9 high of 0,5,7']);
  assert.deepEqual(await made.detect(0), []);
});

test('a refused erasure changes nothing, also where a hold stands over a finding alone', async (t) => {
  const { ledger, state, derived, disk, ...made } = await opened(t);
  await ledger.append([opening('evelyn', 'ann', 0)], { receivedMs: START - 5 * 86_400_000 });
  await made.detect();
  const size = ledger.size;
  await assert.rejects(eraseEntries({ ledger, state, indexes: [0, 99], reason: 'x', derived }), {
    code: 'no_such_entry',
  });
  await ledger.upkeep.placeHold({ name: 'case', fromDay: '2026-11-24', toDay: '2026-11-24' });
  await assert.rejects(eraseEntries({ ledger, state, indexes: [0], reason: 'x', derived }), {
    code: 'held',
    message: /entry 1/,
  });
  assert.equal(ledger.size, size + 1, 'the hold alone was recorded');
  assert.equal((await ledger.entry(0))?.state, 'present');
  assert.match(disk(), /evelyn/);
});

test('a finding that came while the erasure was under way goes, too', async (t) => {
  const { ledger, state, derived, ...made } = await opened(t);
  await ledger.append([opening('evelyn', 'ann', 0)]);
  const slow = {
    async forget(indexes: readonly number[]): Promise<number> {
      if (indexes.includes(0)) await made.detect();
      return 0;
    },
  };
  const erasure = await eraseEntries({ ledger, state, indexes: [0], reason: 'x', derived: [slow, ...derived] });
  assert.deepEqual([erasure.findings, erasure.erased], [[1], 2]);
});
