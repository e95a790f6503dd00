import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fuzzInputs } from '../../test/support/shared.ts';
import { BatchSealer } from './batch.ts';
import { BlockStream, OpenBlock } from './block.ts';
import type { DayKeys } from './day-keys.ts';
import type { Frame } from './frame.ts';
import { decodeFrame, decodeHead, encodeFrame, frameIsAuthentic, frameIsWhole } from './frame.ts';
import { LedgerError } from './errors.ts';
import { MarkSealer } from './marks.ts';
import { MasterKey } from './master-key.ts';
import { decodeSegmentHead, encodeSegmentHead } from './segment.ts';
import { entriesOf } from './support.fixture.ts';
import { encodeLeaf, commitment, partHash } from './tlog/leaf.ts';
import { leafHash } from './tlog/hash.ts';
import { RightEdge } from './tlog/right-edge.ts';
import { systemRandom } from '#kernel';

const PLAIN = { noNullPrototype: true } as const;
const KEY = Buffer.alloc(32, 7);
const MAC_KEY = createSecretKey(KEY);

function bytesOf(length: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
}

const frames: fc.Arbitrary<Frame> = fc.integer({ min: 0, max: 5 }).chain((count) =>
  fc.record(
    {
      firstIndex: fc.maxSafeNat(),
      count: fc.constant(count),
      root: bytesOf(32),
      leaves: bytesOf(count * 47),
      leafHashes: bytesOf(count * 32),
      slots: fc.constant(Buffer.alloc(count)),
      blocks: fc.array(
        fc.record(
          {
            day: fc.nat(),
            retention: fc.constantFrom('record' as const, 'telemetry' as const),
            state: fc.constant('sealed' as const),
            id: bytesOf(32),
            bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
          },
          PLAIN,
        ),
        { minLength: 1, maxLength: 3 },
      ),
      marks: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    },
    PLAIN,
  ),
);

test('a frame is read back as it was written', () => {
  fc.assert(
    fc.property(frames, (frame) => {
      const bytes = encodeFrame(frame, MAC_KEY);
      const head = decodeHead(bytes);
      assert.ok(head !== null && frameIsWhole(bytes, head) && frameIsAuthentic(bytes, head, MAC_KEY));
      assert.equal(frameIsAuthentic(bytes, head, createSecretKey(Buffer.alloc(32))), false);
      assert.deepEqual(decodeFrame(bytes, head), frame);
    }),
  );
});

test('no bytes make the frame and segment readers throw or read beyond their end', () => {
  const seed = encodeFrame(
    {
      firstIndex: 3,
      count: 1,
      root: Buffer.alloc(32),
      leaves: Buffer.alloc(47),
      leafHashes: Buffer.alloc(32),
      slots: Buffer.alloc(1),
      blocks: [],
      marks: Buffer.alloc(9),
    },
    MAC_KEY,
  );
  const segment = encodeSegmentHead({ origin: 'log.test/one', firstIndex: 0, root: Buffer.alloc(32) });
  for (let n = 0, all = fuzzInputs(); n < all; n += 1) {
    const bytes = Buffer.from(n % 2 === 0 ? seed : segment);
    const random = randomBytes(8);
    for (let flip = 0; flip < 1 + (n % 3); flip += 1)
      bytes[random.readUInt8(flip) % bytes.length] = random.readUInt8(flip + 4);
    const head = decodeHead(bytes.subarray(0, 1 + (random.readUInt8(7) % bytes.length)));
    if (head !== null && head.length === bytes.length) decodeFrame(bytes, head);
    // Behind a wrong checksum the table readers must hold as well.
    decodeFrame(bytes.length === seed.length ? bytes : seed, {
      length: seed.length,
      clearLength: seed.length,
      count: 1,
      firstIndex: 3,
    });
    try {
      decodeSegmentHead(bytes, 'x');
    } catch (error) {
      assert.ok(error instanceof LedgerError && error.code === 'newer_format');
    }
  }
});

test('a block is read back as it was filled', () => {
  const parts = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes));
  const bodies = fc.array(fc.option(fc.record({ normal: parts, raw: parts, patient: fc.option(parts) })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(bodies, (list) => {
      const stream = new BlockStream();
      stream.start(list.length);
      for (const body of list) {
        if (body === null) stream.addErased();
        else stream.add(body.normal, body.raw, body.patient);
      }
      const open = OpenBlock.parse(stream.finish(Buffer.alloc(48 * list.length, 5)));
      assert.ok(open !== null);
      list.forEach((body, n) =>
        assert.deepEqual(open.body(n), body === null ? null : { ...body, salts: Buffer.alloc(48, 5) }),
      );
    }),
  );
});

test('no bytes make the block reader throw', () => {
  const stream = new BlockStream();
  stream.start(2);
  stream.add('one', Buffer.from('raw'), null);
  stream.add('two', Buffer.from('raw'), Buffer.from('p'));
  const seed = stream.finish(Buffer.alloc(96));
  for (let n = 0, all = fuzzInputs(); n < all; n += 1) {
    const bytes = Buffer.from(seed);
    const random = randomBytes(6);
    for (let flip = 0; flip < 1 + (n % 3); flip += 1)
      bytes[random.readUInt8(flip) % bytes.length] = random.readUInt8(flip + 3);
    const open = OpenBlock.parse(bytes.subarray(0, n % 5 === 0 ? n % bytes.length : bytes.length));
    if (open !== null) for (let position = 0; position < Math.min(open.count, 4); position += 1) open.body(position);
  }
});

test('the fast path commits as the plain functions of the format do', () => {
  const salts: Buffer[] = [];
  const random = (buffer: Uint8Array): void => {
    systemRandom(buffer);
    salts.push(Buffer.from(buffer));
  };
  const master = new MasterKey(KEY);
  const dayKeys = { forSealing: () => KEY } as unknown as DayKeys;
  const sealer = new BatchSealer({
    origin: 'o',
    dayKeys,
    markSealer: new MarkSealer(master, random),
    macKey: MAC_KEY,
    random,
  });
  const entries = [
    ...entriesOf(0, 20),
    { ...entriesOf(0, 1)[0], raw: Buffer.alloc(200_000, 9) } as ReturnType<typeof entriesOf>[number],
  ];
  const receivedMs = Date.UTC(2026, 10, 24, 12, 0, 59);
  const edge = RightEdge.restore(0, Buffer.alloc(0));
  const { bytes } = sealer.prepare([{ entries, receivedMs, marks: [] }], edge);
  const head = decodeHead(bytes);
  const frame = head === null ? null : decodeFrame(bytes, head);
  entries.forEach((entry, n) => {
    const salt = (part: number): Buffer =>
      (salts[0] ?? Buffer.alloc(0)).subarray(n * 48 + part * 16, n * 48 + part * 16 + 16);
    const hashes = [
      partHash('normal', salt(0), Buffer.from(entry.normal as string)),
      partHash('raw', salt(1), entry.raw),
      partHash('patient', salt(2), entry.patient ?? Buffer.alloc(0)),
    ];
    const keyEpoch = Math.floor(receivedMs / 86_400_000);
    const leaf = encodeLeaf({
      classUid: entry.classUid,
      receivedMs,
      keyEpoch,
      commitment: commitment(hashes),
    });
    assert.deepEqual(frame?.leaves.subarray(n * 47, n * 47 + 47), leaf);
    assert.deepEqual(frame?.leafHashes.subarray(n * 32, n * 32 + 32), leafHash(leaf));
  });
});
