import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock } from '#kernel';
import { byForm } from '../../test/support/shared.ts';
import type { Ledger } from './index.ts';
import { auditLedger, openLedger } from './index.ts';
import type { Place } from './support.fixture.ts';
import { NOW, entryOf, readAll, temporaryLedger } from './support.fixture.ts';
import { parseReceipt } from './tlog/receipt.ts';
import { leafHash, nodeHash } from './tlog/hash.ts';

/** What the ledger must hold: the number of each appended event, or null for an entry of its own; and what is erased. */
interface Model {
  entries: (number | null)[];
  erased: Set<number>;
}

type Step =
  | { kind: 'append'; counts: number[] }
  | { kind: 'publish' }
  | { kind: 'erase'; at: number }
  | { kind: 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      counts: fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'publish' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), at: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
);

/** The definition of RFC 6962 §2.1, written down as it stands. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first !== undefined && leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

async function apply(ledger: Ledger, model: Model, one: Exclude<Step, { kind: 'reopen' }>): Promise<void> {
  if (one.kind === 'publish') {
    await ledger.publish();
  } else if (one.kind === 'append') {
    const calls = one.counts.map((count) => {
      const numbers = Array.from({ length: count }, (_n, at) => model.entries.length + at);
      model.entries.push(...numbers);
      return ledger.append(numbers.map((n) => entryOf(n)));
    });
    const last = (await Promise.all(calls)).at(-1);
    assert.equal(last?.size, model.entries.length);
  } else if (model.entries.length > 0) {
    const index = one.at % model.entries.length;
    const erasing = ledger.upkeep.erase([index], 'test');
    // What says which bodies were removed stays.
    if (model.entries[index] === null) return assert.rejects(erasing, { code: 'bad_option' });
    await erasing;
    model.erased.add(index);
    model.entries.push(null);
  }
}

async function compare(ledger: Ledger, model: Model): Promise<void> {
  assert.equal(ledger.size, model.entries.length);
  const stored = await readAll(ledger);
  assert.equal(stored.length, model.entries.length);
  stored.forEach((entry, index) => {
    assert.equal(entry.index, index);
    assert.equal(entry.state, model.erased.has(index) ? 'erased' : 'present');
    const n = model.entries[index] ?? null;
    if (n !== null && entry.state === 'present') assert.equal(Buffer.from(entry.normal).toString(), entryOf(n).normal);
  });
  if (ledger.size === 0) return;
  const leaves: Buffer[] = [];
  for (let index = 0; index < ledger.size; index += 1) {
    const { leafBytes, leaf } = parseReceipt((await ledger.prove(index)).proof);
    assert.equal(leaf.classUid, stored[index]?.classUid);
    leaves.push(leafHash(leafBytes));
  }
  assert.deepEqual(naiveRoot(leaves), ledger.rootHash());
}

async function play(place: Place, steps: readonly Step[]): Promise<void> {
  const clock = new ManualClock(NOW);
  const model: Model = { entries: [], erased: new Set() };
  let ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
  try {
    for (const one of steps) {
      if (one.kind !== 'reopen') {
        await apply(ledger, model, one);
        continue;
      }
      await ledger[Symbol.asyncDispose]();
      ledger = await openLedger({ ...place, clock, publishEveryMs: 0 });
    }
    await compare(ledger, model);
  } finally {
    await ledger[Symbol.asyncDispose]();
  }
  assert.deepEqual((await auditLedger(place)).findings, []);
}

test('any run of appends, publications, erasures and openings agrees with an array and a naive tree', async (t) => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
    const place = await temporaryLedger(t);
    await play(place, steps);
    rmSync(place.dir, { recursive: true });
  });
  await fc.assert(property, { numRuns: byForm({ quick: 3, ordinary: 8, long: 500 }) });
});
