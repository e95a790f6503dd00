import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { fuzzInputs } from '../../test/support/shared.ts';
import { DayKeys } from './day-keys.ts';
import { LedgerError, openLedger } from './index.ts';
import { layoutOf } from './layout.ts';
import type { Manifest } from './manifest.ts';
import { manifestIsAuthentic, plainManifest, readManifest, writeManifest } from './manifest.ts';
import { MarkSealer, readMarksSnapshot, writeMarksSnapshot } from './marks.ts';
import { MasterKey, readMasterKey } from './master-key.ts';
import { readPending, writePending } from './pending.ts';
import { readSigningKeys, verifierKeys } from './signing.ts';
import { Store } from './store.ts';
import { NOW, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const clock = new ManualClock(NOW);
const MASTER = new MasterKey(Buffer.alloc(32, 7));
/** What stands in for a part of a JSON file: another type, a limit, or text that is none. */
const OTHER_VALUES = ['null', '0', '-1', '1e400', '[]', '{}', '""', 'true', '{"a":', '9007199254740993', '"\\ud800"'];

/** A file with a few bytes or JSON values changed, cut or doubled. */
function mutated(good: Buffer): Buffer {
  const bytes = Buffer.from(good);
  const at = randomInt(bytes.length);
  const kind = randomInt(6);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes, bytes.subarray(at)]);
  if (kind < 4) {
    for (let flips = 0; flips <= randomInt(4); flips += 1) bytes[randomInt(bytes.length)] = randomInt(256);
    return bytes;
  }
  const values = [...bytes.toString('utf8').matchAll(/(?<=": ?)("[^"]*"|[\d.]+|null|\[\]|\{\})/g)];
  const value = values[randomInt(Math.max(1, values.length))];
  if (value === undefined) return bytes;
  const text = bytes.toString('utf8');
  const other = OTHER_VALUES[randomInt(OTHER_VALUES.length)] ?? 'null';
  return Buffer.from(text.slice(0, value.index) + other + text.slice(value.index + value[0].length));
}

/** Runs `read` over many mutations of a file: it may give what it likes, and throw nothing but a `LedgerError`. */
function feed(path: string, count: number, read: () => unknown): void {
  const good = readFileSync(path);
  for (let n = 0; n < count; n += 1) {
    const bad = mutated(good);
    writeFileSync(path, bad);
    try {
      read();
    } catch (error) {
      assert.ok(error instanceof LedgerError, `${String(error)} for ${JSON.stringify(bad.toString('latin1'))}`);
    }
  }
  writeFileSync(path, good);
  read();
}

function storeOf(place: { dir: string; keyFile: string }): Store {
  return new Store({ ...place, repair: false, world: { clock, random: systemRandom, log: silentLog } });
}

test('no bytes of ledger.json make its reader throw anything but a ledger error', async (t) => {
  const { dir } = await temporaryLedger(t);
  const { manifest } = layoutOf(dir);
  feed(manifest, fuzzInputs({ oneIn: 10 }), () => {
    const stored = readManifest(manifest, dir);
    assert.equal(typeof manifestIsAuthentic(stored, MASTER), 'boolean');
    verifierKeys(stored.signing);
    for (const hold of stored.holds) assert.equal(typeof hold.name, 'string');
  });
});

test('no bytes of a state file make the opening throw anything but a ledger error', async (t) => {
  const place = await temporaryLedger(t);
  {
    await using ledger = await openLedger({ ...place, clock });
    await ledger.append([], { marks: [] });
  }
  const { manifest, checkpoint, durable } = layoutOf(place.dir);
  for (const path of [manifest, checkpoint, durable])
    feed(path, fuzzInputs({ oneIn: 30, atMost: 100 }), () => storeOf(place));
});

test('no bytes of a key file make its reader throw anything but a ledger error', async (t) => {
  const place = await temporaryLedger(t);
  const master = readMasterKey(place.keyFile);
  const { keys: dir, manifest } = layoutOf(place.dir);
  const id = { day: 20_000, retention: 'record' as const };
  const [publicKeys] = readManifest(manifest, place.dir).signing;
  new DayKeys({ dir, master, random: systemRandom }).forSealing(id);
  feed(join(dir, '2024-10-04-record.json'), fuzzInputs({ oneIn: 10 }), () => {
    const keys = new DayKeys({ dir, master, random: systemRandom });
    assert.deepEqual(keys.list(), [id]);
    if (keys.state(id) === 'present') keys.find(id);
  });
  assert.ok(publicKeys !== undefined);
  feed(join(dir, 'signing-1.json'), fuzzInputs({ oneIn: 100 }), () =>
    readSigningKeys({ keysDir: dir, origin: 'log.test/one', publicKeys, master }),
  );
  feed(place.keyFile, fuzzInputs({ oneIn: 10 }), () => readMasterKey(place.keyFile));
});

test('files of the keys folder that are no key files are passed over', (t) => {
  const dir = temporaryDirectory(t);
  for (const name of ['2024-13-45-record.json', '2024-10-04-other.json', 'x', '999999-99-99-record.json'])
    writeFileSync(join(dir, name), '{}');
  mkdirSync(join(dir, '2024-10-05'));
  assert.deepEqual(new DayKeys({ dir, master: MASTER, random: systemRandom }).list(), []);
  assert.equal(readdirSync(dir).length, 5);
});

test('no bytes of pending.json make its reader throw anything but a ledger error, or do what the ledger did not write', async (t) => {
  const place = await temporaryLedger(t);
  const store = storeOf(place);
  const work = { kind: 'erase' as const, uid: 'u', indexes: [1, 2], reason: 'r' };
  writePending(store, work);
  feed(store.layout.pending, fuzzInputs({ oneIn: 10 }), () => {
    assert.deepEqual(readPending(store), work);
  });
  const forged = '{"kind":"erase","uid":"u","indexes":[0],"reason":"r"}';
  writeFileSync(store.layout.pending, `${'0'.repeat(64)}\n${forged}\n`);
  assert.throws(() => readPending(store), { code: 'corrupt' });
});

test('no bytes of the snapshot of the marks are taken for marks, nor throw', (t) => {
  const path = join(temporaryDirectory(t), 'marks.sealed');
  const tools = { sealer: new MarkSealer(MASTER, systemRandom), origin: 'log.test/one' };
  const mark = { sourceId: 'a', headHash: '', offset: 1, records: 1, prefixHash: null, state: null };
  writeMarksSnapshot(path, { segment: 5, marks: [mark] }, tools);
  const good = readFileSync(path);
  for (let n = 0, all = fuzzInputs({ oneIn: 10 }); n < all; n += 1) {
    const bad = mutated(good);
    writeFileSync(path, bad);
    const read = readMarksSnapshot(path, tools);
    assert.ok(read === null || bad.equals(good));
  }
});

const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
const days = fc.option(fc.constantFrom('2026-01-01', '2026-12-31'));
const counts = fc.nat();

const manifests: fc.Arbitrary<Manifest> = fc.record(
  {
    format: fc.constant(1),
    origin: texts,
    createdMs: counts,
    keyFile: texts,
    anchor: fc.option(texts),
    signing: fc.array(
      fc.record(
        { generation: counts, ed25519: texts, mldsa: texts, createdMs: counts, retiredMs: fc.option(counts) },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    retentionDays: fc.record({ record: counts, telemetry: counts }, { noNullPrototype: true }),
    holds: fc.array(
      fc.record({ name: texts, fromDay: days, toDay: days, placedMs: counts }, { noNullPrototype: true }),
      { maxLength: 3 },
    ),
    predecessor: fc.option(fc.record({ origin: texts, checkpoint: texts }, { noNullPrototype: true })),
    closed: fc.option(fc.record({ size: counts, closedMs: counts }, { noNullPrototype: true })),
  },
  { noNullPrototype: true },
);

test('a manifest is read back as it was written, and is authentic under its own key alone', (t) => {
  const path = join(temporaryDirectory(t), 'ledger.json');
  const property = fc.property(manifests, (manifest) => {
    writeManifest(path, manifest, MASTER);
    const stored = readManifest(path, 'x');
    assert.deepEqual(plainManifest(stored), manifest);
    assert.equal(manifestIsAuthentic(stored, MASTER), true);
    assert.equal(manifestIsAuthentic(stored, new MasterKey(Buffer.alloc(32))), false);
    assert.equal(manifestIsAuthentic({ ...stored, createdMs: stored.createdMs + 1 }, MASTER), false);
  });
  fc.assert(property, { numRuns: 60 });
});
