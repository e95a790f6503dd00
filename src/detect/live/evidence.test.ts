import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RecentEvents } from './evidence.ts';

const RING = 200;

/** Whatever is kept, oldest first, must fit the ring. */
function eventOf(index: number, size: number): Buffer {
  return Buffer.from(JSON.stringify({ index, pad: 'x'.repeat(size) }));
}

test('recent events: what is still there is what was put there, and the newest are', () => {
  const step = fc.oneof(
    { weight: 9, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ forget: fc.nat(300) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const recent = new RecentEvents(RING);
      const forgotten = new Set<number>();
      const added: Buffer[] = [];
      for (const one of steps) {
        if ('add' in one)
          recent.add(added.length, added[added.push(eventOf(added.length, one.add)) - 1] ?? Buffer.alloc(0));
        else if (one.forget < added.length) {
          recent.forget([one.forget]);
          forgotten.add(one.forget);
        }
        // At a turn of the ring at most one event's length is lost at its end.
        let room = RING - 90;
        for (let index = added.length - 1; index >= 0; index -= 1) {
          const bytes = added[index] ?? Buffer.alloc(0);
          room -= bytes.length;
          const kept = recent.get(index);
          if (kept !== null) assert.deepEqual(kept, JSON.parse(bytes.toString()));
          if (forgotten.has(index)) assert.equal(kept, null);
          else if (room >= 0) assert.notEqual(kept, null);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('recent events: one larger than the ring is not kept, and harms nothing', () => {
  const recent = new RecentEvents(RING);
  recent.add(1, eventOf(1, 10));
  recent.add(2, eventOf(2, 500));
  assert.equal(recent.get(2), null);
  assert.deepEqual(recent.get(1), { index: 1, pad: 'x'.repeat(10) });
});
