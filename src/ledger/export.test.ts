import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pythonAudit, skipWithoutPython } from '../../test/support/outside.ts';
import { exportTree, openLedger } from './index.ts';
import { entriesOf, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

test('an exported tree is verified by a program that shares nothing with this one', skipWithoutPython, async (t) => {
  const place = await temporaryLedger(t);
  const target = join(temporaryDirectory(t), 'tree');
  let vkey = '';
  {
    await using ledger = await openLedger({ ...place, publishEveryMs: 0 });
    for (const [from, count] of [
      [0, 1],
      [1, 299],
      [300, 230],
    ] as const) {
      await ledger.append(entriesOf(from, count));
      await ledger.publish();
    }
    // What is written behind the checkpoint is not in the export.
    await ledger.append(entriesOf(530, 5));
    assert.equal(exportTree({ dir: place.dir, target }).size, 530);
    vkey = ledger.manifest.signing[0]?.ed25519 ?? '';
  }
  const verdict = pythonAudit(target, vkey);
  assert.ok(verdict.verified, verdict.output);
  const tile = join(target, 'tile', 'entries', '001');
  const bytes = readFileSync(tile);
  bytes[77] = (bytes[77] ?? 0) ^ 1;
  writeFileSync(tile, bytes);
  assert.equal(pythonAudit(target, vkey).verified, false);
});

test('a receipt of an entry that is not published yet says how to publish it', async (t) => {
  const place = await temporaryLedger(t);
  await using ledger = await openLedger({ ...place, publishEveryMs: 0 });
  await ledger.append(entriesOf(0, 3));
  await using reader = await openLedger({ ...place, mode: 'read' });
  await assert.rejects(reader.prove(2), { code: 'no_such_entry', advice: /wardkeep ledger checkpoint/ });
  await assert.rejects(reader.prove(3), { code: 'no_such_entry', message: /has 3 entries, none of index 3/ });
  await ledger.publish();
  assert.match((await reader.prove(2)).proof, /^c2sp.org\/tlog-proof@v1/);
});
