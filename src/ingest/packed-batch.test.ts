import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AREA_BYTES, BatchAreas } from './batch-areas.ts';
import type { Entry } from './entry.ts';
import { BatchPacker, unpackEntries } from './packed-batch.ts';

function entryOf(text: string, rawBytes = 3): Entry {
  const patient = text === '' ? null : `of ${text}`;
  return { classUid: 1007, retention: 'telemetry', normal: text, raw: Buffer.alloc(rawBytes, 7), patient };
}

function pack(packer: BatchPacker, entries: readonly Entry[]) {
  for (const entry of entries) packer.add(entry);
  return packer.take();
}

function textsOf(packed: ReturnType<BatchPacker['take']>, areas: BatchAreas): (string | null)[][] {
  return unpackEntries(packed, areas).map(({ normal, raw, patient }) => [
    String(normal),
    String(raw.length),
    patient === null ? null : String(patient),
  ]);
}

test('batches lie in areas, which are used again when they are given back, and never before', () => {
  const areas = BatchAreas.make(2);
  const packer = new BatchPacker(areas);
  const [first, second] = [pack(packer, [entryOf('é'), entryOf('')]), pack(packer, [entryOf('b')])];
  assert.ok(first.area !== null && second.area !== null);
  assert.notEqual(first.area, second.area);
  assert.deepEqual(
    unpackEntries(first, areas).map(({ normal }) => Buffer.from(normal).toString()),
    ['é', ''],
  );
  assert.equal(pack(packer, [entryOf('no area is left')]).area, null);
  areas.give(first.area);
  assert.equal(pack(packer, [entryOf('c')]).area, first.area);
  assert.equal(Buffer.from(unpackEntries(second, areas)[0]?.patient ?? []).toString(), 'of b');
});

test('a batch that outgrows its area is whole in a buffer of its own, and the area is free', () => {
  const areas = BatchAreas.make(1);
  const entries = [entryOf('small'), entryOf('large', AREA_BYTES), entryOf('')];
  const packed = pack(new BatchPacker(areas), entries);
  assert.equal(packed.area, null);
  assert.deepEqual(textsOf(packed, areas), textsOf(pack(new BatchPacker(BatchAreas.make(0)), entries), areas));
  assert.deepEqual(
    unpackEntries(packed, areas).map(({ raw }) => raw.length),
    [3, AREA_BYTES, 3],
  );
  assert.equal(areas.take(), 0);
});
