import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceMark } from '#ledger';
import { FollowedMarks } from './followed-marks.ts';
import { GENERATIONS_KEPT } from './limits.ts';

const LOG = '/var/log/app.log';

function markOf(generation: number): SourceMark {
  const sourceId = generation === 1 ? LOG : `${LOG}@${generation}`;
  const hash = `${generation}`.repeat(64).slice(0, 64);
  return { sourceId, headHash: hash, offset: 100, records: 1, prefixHash: hash, state: null };
}

test('a name is used again only when it is certain that its file has gone', () => {
  const count = GENERATIONS_KEPT + 4;
  const marks = new FollowedMarks(Array.from({ length: count }, (_, n) => markOf(n + 1)));
  assert.equal(marks.slotFor(LOG, { mayReuse: false }), `${LOG}@${count + 1}`);
  assert.equal(marks.slotFor(LOG, { mayReuse: true }), LOG, 'the one that was changed longest ago');
  marks.hold(LOG, { isDone: true });
  assert.equal(marks.slotFor(LOG, { mayReuse: true }), `${LOG}@2`);
  assert.equal(new FollowedMarks([]).slotFor(LOG, { mayReuse: true }), LOG);
});
