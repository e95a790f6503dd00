import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '#kernel';
import { openState } from '#kernel/database';
import { type EntryInput, createLedger, openLedger } from '#ledger';
import { loadRules } from '../load.ts';
import { DETECTION_FINDING, type LedgerFinding, findingUid } from './finding-event.ts';
import { detect } from './detect.ts';
import { DETECT_MIGRATIONS, type DetectTables } from './store.ts';

const RULE = `title: An EXPLOIT signature fired
id: 3f1d2f36-6a32-4d0a-9e4b-0d1d5c6f7a80
status: experimental
author: Ada Example
logsource: {product: wardkeep, category: detection_finding}
detection: {selection: {finding_info.title|contains: EXPLOIT}, condition: selection}
level: high
`;

function entry(title: string, uid: string): EntryInput {
  const event = {
    class_uid: DETECTION_FINDING,
    category_uid: 2,
    activity_id: 1,
    type_uid: 200_401,
    severity_id: 4,
    time: 1_700_000_000_000,
    finding_info: { uid, title },
    metadata: { version: '1.8.0', product: { name: 'Suricata' }, log_format: 'suricata/alert' },
  };
  return {
    classUid: DETECTION_FINDING,
    retention: 'record',
    normal: JSON.stringify(event),
    raw: new Uint8Array(0),
    patient: null,
  };
}

/** Runs `detect` over a ledger of these entries as often as told; gives the findings of each run. */
async function findingsOf(entries: EntryInput[], runs: (number | undefined)[]): Promise<LedgerFinding[][]> {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-detect-'));
  try {
    writeFileSync(join(dir, 'rule.yml'), RULE);
    const where = { dir: join(dir, 'data'), keyFile: join(dir, 'key') };
    await createLedger({ ...where, origin: 'log.test/detect' });
    await using ledger = await openLedger(where);
    await ledger.append(entries);
    const ruleSet = await loadRules([join(dir, 'rule.yml')], {});
    const state = await openState<DetectTables>(where.dir, DETECT_MIGRATIONS);
    const found: LedgerFinding[][] = [];
    for (const from of runs) {
      const run: LedgerFinding[] = [];
      const onFinding = (finding: LedgerFinding): void => void run.push(finding);
      await detect({ ledger, state, ruleSet, clock: systemClock, from, onFinding });
      found.push(run);
    }
    await state.destroy();
    return found;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test('alerts of other products are looked at, findings of Wardkeep itself are not', async () => {
  const [first = [], second = []] = await findingsOf(
    [entry('ET EXPLOIT x', 'a'), entry('ET INFO y', 'b')],
    [undefined, undefined],
  );
  assert.equal(first.length, 1);
  assert.equal(first[0]?.rule.author, 'Ada Example');
  // The finding's own title would match, since it stands in the ledger now.
  assert.deepEqual(second, []);
});

test('the same finding is appended once, also when detection begins again at the first entry', async () => {
  const runs = await findingsOf([entry('ET EXPLOIT x', 'a')], [undefined, 0, 0]);
  assert.deepEqual(
    runs.map((run) => run.length),
    [1, 0, 0],
  );
});

test('an alert of another product with the uid of a finding to come does not keep it away', async () => {
  const [plain = []] = await findingsOf([entry('ET EXPLOIT x', 'a')], [undefined]);
  const finding = plain[0];
  assert.ok(finding !== undefined);
  const [found = []] = await findingsOf([entry('ET EXPLOIT x', findingUid(finding))], [undefined]);
  assert.equal(found.length, 1);
});
