import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { systemClock } from '#kernel';
import type { SourceMark } from '#ledger';
import { BatchAreas } from './batch-areas.ts';
import { encodeState } from './known-records.ts';
import { unpackEntries } from './packed-batch.ts';
import { produce } from './produce.ts';
import { sourcesFor } from './sources.ts';
import { Beginnings, compareStream } from './stream-identity.ts';

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `line ${from + i} of a log without a form\n`).join('');

function reading(stdin: AsyncIterable<Buffer>, marks: Map<string, SourceMark>) {
  const areas = BatchAreas.make(4);
  const rest = { zone: undefined, year: undefined, raw: {}, clock: systemClock };
  const produced = produce({ paths: [], stdin, sources: sourcesFor('auto'), marks, areas, ...rest });
  return {
    /** Raw forms of the next batch, whose mark is kept as a durable one is; null at the end. */
    async next(): Promise<string[] | null> {
      for (;;) {
        const { value, done } = await produced.next();
        if (done === true) return null;
        assert.notEqual(value.kind, 'problem');
        if (value.kind !== 'batch') continue;
        marks.set(value.batch.mark.sourceId, value.batch.mark);
        const raws = unpackEntries(value.batch, areas).map(({ raw }) => Buffer.from(raw).toString());
        if (value.batch.area !== null) areas.give(value.batch.area);
        return raws;
      }
    },
  };
}

async function all(stdin: AsyncIterable<Buffer>, marks: Map<string, SourceMark>): Promise<string[]> {
  const found: string[] = [];
  const one = reading(stdin, marks);
  for (let batch = await one.next(); batch !== null; batch = await one.next()) found.push(...batch);
  return found;
}

async function* pieces(...texts: (string | Promise<string>)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(await text);
}

test('a pipe that stays open is read as it comes, and is known again after a stop', async () => {
  const marks = new Map<string, SourceMark>();
  const later = Promise.withResolvers<string>();
  const last = Promise.withResolvers<string>();
  const live = reading(pieces(lines(0, 3), later.promise, last.promise), marks);
  // Each comes while the stream waits for what is behind it.
  assert.equal((await live.next())?.length, 3);
  later.resolve(lines(3, 2));
  assert.equal((await live.next())?.length, 2);
  last.resolve('');
  assert.equal(await live.next(), null);
  assert.deepEqual(await all(pieces(lines(0, 5)), marks), []);
  // As slowly again, and with more than before.
  assert.equal((await all(pieces(lines(0, 1), lines(1, 6)), marks)).length, 2);
  assert.equal(marks.size, 1);
});

test('a stream that is like an earlier one at first is told apart, whichever is the longer', async () => {
  const marks = new Map<string, SourceMark>();
  assert.equal((await all(pieces(lines(0, 5000)), marks)).length, 5000);
  assert.equal((await all(pieces(lines(0, 4) + lines(9000, 3000)), marks)).length, 3004);
  assert.equal((await all(pieces(lines(0, 3)), marks)).length, 3);
  assert.equal((await all(pieces(lines(7000, 3)), marks)).length, 3);
  assert.equal(marks.size, 4);
  for (const known of [lines(0, 5000), lines(0, 4) + lines(9000, 3000), lines(0, 3), lines(7000, 3)])
    assert.deepEqual(await all(pieces(known), marks), []);
});

test('the same stream is never another one, and another never the same, at any length and any stop', () => {
  const text = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 2000 });
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), fc.nat(), (made, stop, length, differs) => {
      const bytes = Buffer.from(made.repeat(1 + (stop % 40)));
      const offset = 1 + (stop % bytes.length);
      const beginnings = new Beginnings();
      for (let at = 0; at < bytes.length; at += 1 + (length % 700))
        beginnings.push(bytes.subarray(at, at + 1 + (length % 700)));
      const durable = new Beginnings();
      durable.push(bytes.subarray(0, offset));
      const state = encodeState({ reader: null, tail: [], beginnings: beginnings.upTo(offset) });
      assert.deepEqual(beginnings.upTo(offset), durable.upTo(offset));
      const mark = {
        sourceId: '-',
        headHash: '',
        offset,
        records: 1,
        prefixHash: hashOf(bytes.subarray(0, offset)),
        state,
      };
      const head = bytes.subarray(0, length % (bytes.length + 1));
      const expected = head.length >= Math.min(offset, 65_536) ? 'same' : 'open';
      assert.equal(compareStream(head, mark), expected);
      const other = Buffer.from(bytes);
      const at = differs % Math.min(offset, 65_536);
      other[at] = other[at] === 65 ? 66 : 65;
      assert.equal(compareStream(other, mark), 'other');
    }),
  );
});

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
