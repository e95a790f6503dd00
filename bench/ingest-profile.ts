/**
 * Where the time of `ingest` goes: its stages one by one, in one thread, on the same events, in microseconds of processor
 * time an event and as multiples of a bare JSON.parse; then both threads of a whole ingest. Processor time, unlike the
 * clock, hardly depends on what else the machine does.
 *
 *   node bench/ingest-profile.ts [windows|zeek]
 */
import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, crc32, zstdCompressSync } from 'node:zlib';
import { INGEST_MIGRATIONS, type IngestTables, PatientCounter, ingest, sourcesFor } from '#ingest';
import { systemClock } from '#kernel';
import { openState } from '#kernel/database';
import { createLedger, openLedger } from '#ledger';
import { BatchAreas } from '../src/ingest/batch-areas.ts';
import { type Entry, entryOf } from '../src/ingest/entry.ts';
import { eventOf } from '../src/ingest/normalise.ts';
import { BatchPacker, unpackEntries } from '../src/ingest/packed-batch.ts';
import { Dispatcher } from '../src/ingest/read/dispatch.ts';
import { LineFramer } from '../src/ingest/read/frames/lines.ts';
import { type Item, MemberReader } from '../src/ingest/read/reader.ts';
import { Committer } from '../src/ledger/batch.ts';
import { BlockStream, SALTS_BYTES } from '../src/ledger/block.ts';
import { HASH_BYTES, LEAF_BYTES } from '../src/ledger/frame.ts';
import { seal } from '../src/ledger/master-key.ts';
import { RightEdge } from '../src/ledger/tlog/right-edge.ts';
import { campaignLines } from './campaign.ts';
import { zeekLines } from './zeek-lines.ts';

const CHUNK_BYTES = 256 * 1024;
const BATCH_EVENTS = 512;
const WARM_ROUNDS = 3;
const MEASURED_MICROS = 400_000;
const LEVELS = [3, 1, -1, -3, -5];

const base = mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));
const sources = sourcesFor(undefined);
const position = { file: 'bench', member: null, record: 0, offset: 0 };
const time = { receivedMs: 1.79e12, zone: undefined, year: undefined, referenceMs: 1.79e12 };

/** Microseconds of this thread's processor time an event, over whole rounds. */
function cost(events: number, round: () => void): number {
  for (let i = 0; i < WARM_ROUNDS; i += 1) round();
  const start = process.threadCpuUsage();
  for (let rounds = 1; ; rounds += 1) {
    round();
    const { user, system } = process.threadCpuUsage(start);
    if (user + system >= MEASURED_MICROS) return (user + system) / (rounds * events);
  }
}

interface Row {
  thread: 'reading' | 'ledger';
  name: string;
  micros: number;
  note?: string;
}

function profile(name: string, lines: readonly string[]): void {
  const parse = cost(lines.length, () => {
    for (const line of lines) JSON.parse(line);
  });
  const rows = [...readingStages(lines, parse), ...ledgerStages(lines)];
  console.log(`\n${name}: ${lines.length.toLocaleString('en')} events, ${byteLength(lines)} bytes a line`);
  const show = (label: string, micros: number, note = ''): void =>
    console.log(
      `  ${label.padEnd(44)} ${micros.toFixed(2).padStart(7)} µs ${(micros / parse).toFixed(2).padStart(6)} x  ${note}`,
    );
  show('a bare JSON.parse', parse);
  for (const thread of ['reading', 'ledger'] as const) {
    const own = rows.filter((row) => row.thread === thread);
    for (const row of own) show(`${thread}: ${row.name}`, row.micros, row.note);
    show(
      `${thread}: together`,
      own.filter(({ note }) => note?.startsWith('not used') !== true).reduce((sum, { micros }) => sum + micros, 0),
    );
  }
}

function byteLength(lines: readonly string[]): number {
  return Math.round(lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0) / lines.length);
}

function itemsOf(lines: readonly string[]): Item[] {
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  return new MemberReader('bench.ndjson', bytes.subarray(0, 65_536), { sources }).push(bytes);
}

function readingStages(lines: readonly string[], parse: number): Row[] {
  const count = lines.length;
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const items = itemsOf(lines);
  const events = items.map((item) => eventOf(item, position, { ...time, format: item.source?.name ?? '' }));
  const context = { time, raw: {} };
  const entries = items.map((item) => entryOf(item, position, context).entry);
  const frame = cost(count, () => {
    const framer = new LineFramer();
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) framer.push(bytes.subarray(at, at + CHUNK_BYTES));
  });
  const prefix = cost(count, () => {
    const hash = createHash('sha256');
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) hash.update(bytes.subarray(at, at + CHUNK_BYTES));
    hash.digest();
  });
  const dispatcher = new Dispatcher(sources);
  const recognise = cost(count, () => {
    for (const line of lines) dispatcher.line(line);
  });
  const map = cost(count, () => {
    for (const item of items) eventOf(item, position, { ...time, format: item.source?.name ?? '' });
  });
  const stringify = cost(count, () => {
    for (const event of events) JSON.stringify(event);
  });
  const entry = cost(count, () => {
    for (const item of items) entryOf(item, position, context);
  });
  const pack = cost(count, () => {
    for (let at = 0; at < count; at += BATCH_EVENTS) packAll(entries.slice(at, at + BATCH_EVENTS));
  });
  return [
    { thread: 'reading', name: 'cut lines, decode', micros: frame },
    { thread: 'reading', name: 'SHA-256 of what was read (for resuming)', micros: prefix },
    { thread: 'reading', name: 'JSON.parse', micros: parse },
    { thread: 'reading', name: 'recognise, depth', micros: Math.max(0, recognise - parse) },
    { thread: 'reading', name: 'map, time, finish', micros: map },
    { thread: 'reading', name: 'stringify', micros: stringify },
    {
      thread: 'reading',
      name: "patient's view, retention",
      micros: Math.max(0, entry - map - stringify),
    },
    { thread: 'reading', name: 'pack', micros: pack },
  ];
}

/** None: each batch gets a buffer of its own, since all are kept for the ledger's stages. */
const areas = BatchAreas.make(0);
const packer = new BatchPacker(areas);

function packAll(entries: readonly Entry[]): ReturnType<BatchPacker['take']> {
  for (const entry of entries) packer.add(entry);
  return packer.take();
}

function ledgerStages(lines: readonly string[]): Row[] {
  const context = { time, raw: {} };
  const entries = itemsOf(lines).map((item) => entryOf(item, position, context).entry);
  const batches: ReturnType<typeof packAll>[] = [];
  for (let at = 0; at < entries.length; at += BATCH_EVENTS) batches.push(packAll(entries.slice(at, at + BATCH_EVENTS)));
  const count = entries.length;
  const inputs = batches.map((batch) => unpackEntries(batch, areas));
  const streams = inputs.map((batch) => {
    const stream = new BlockStream();
    stream.start(batch.length);
    for (const { normal, raw, patient } of batch) stream.add(normal, raw, patient);
    return Buffer.from(stream.bytes.subarray(0, stream.end));
  });
  const shared = new BlockStream();
  const plainBytes = streams.reduce((sum, { length }) => sum + length, 0);
  const unpack = cost(count, () => void batches.map((batch) => unpackEntries(batch, areas)));
  const gather = cost(count, () => {
    for (const batch of inputs) {
      shared.start(batch.length);
      for (const { normal, raw, patient } of batch) shared.add(normal, raw, patient);
    }
  });
  const { commit, hashes } = commitCost(inputs, streams, count);
  const tree = cost(count, () => {
    const edge = new RightEdge();
    for (const some of hashes) edge.appendMany(some);
  });
  const zstd = LEVELS.map((level): Row => {
    const params = { [constants.ZSTD_c_compressionLevel]: level };
    const packed = streams.reduce((sum, stream) => sum + zstdCompressSync(stream, { params }).length, 0);
    const micros = cost(count, () => {
      for (const stream of streams) zstdCompressSync(stream, { params });
    });
    const size = `${Math.round(packed / count)} of ${Math.round(plainBytes / count)} bytes an event`;
    return { thread: 'ledger', name: `zstd ${level}`, micros, note: level === 1 ? size : `not used; ${size}` };
  });
  const packed = streams.map((stream) =>
    zstdCompressSync(stream, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  );
  const key = Buffer.alloc(32, 1);
  const aad = Buffer.alloc(100);
  const sealing = cost(count, () => {
    for (const block of packed) seal(key, block, aad);
  });
  const check = cost(count, () => {
    for (const block of packed) crc32(block);
  });
  const fd = openSync(join(base, 'plain'), 'w');
  const write = cost(count, () => {
    for (const block of packed) {
      writeSync(fd, block, 0, block.length, 0);
      fdatasyncSync(fd);
    }
  });
  closeSync(fd);
  return [
    { thread: 'ledger', name: 'unpack', micros: unpack },
    { thread: 'ledger', name: 'gather the block', micros: gather },
    { thread: 'ledger', name: 'commitment, leaf (5 x SHA-256)', micros: commit },
    { thread: 'ledger', name: 'tree', micros: tree },
    ...zstd,
    { thread: 'ledger', name: 'AES-256-GCM', micros: sealing },
    { thread: 'ledger', name: 'CRC-32', micros: check },
    { thread: 'ledger', name: 'write, fdatasync', micros: write, note: `of ${BATCH_EVENTS} events at once` },
  ];
}

/** The commitments of the bodies in `streams`, and the leaf hashes that they come to. */
function commitCost(
  inputs: readonly ReturnType<typeof unpackEntries>[],
  streams: readonly Buffer[],
  count: number,
): { commit: number; hashes: Buffer[] } {
  const committer = new Committer();
  const salts = Buffer.alloc(SALTS_BYTES * BATCH_EVENTS, 7);
  const frames = inputs.map((batch) => ({
    firstIndex: 0,
    count: batch.length,
    root: Buffer.alloc(32),
    leaves: Buffer.alloc(batch.length * LEAF_BYTES),
    leafHashes: Buffer.alloc(batch.length * HASH_BYTES),
    slots: Buffer.alloc(batch.length),
    blocks: [],
    marks: Buffer.alloc(0),
  }));
  const commit = cost(count, () => {
    for (const [n, batch] of inputs.entries()) {
      const [bytes, frame] = [streams[n], frames[n]];
      if (bytes === undefined || frame === undefined) continue;
      let start = batch.length * 12;
      for (const [position, { normal, raw, patient }] of batch.entries()) {
        const normalEnd = start + normal.length;
        const rawEnd = normalEnd + raw.length;
        const end = rawEnd + (patient?.length ?? 0);
        const ends = [normalEnd, rawEnd, end] as const;
        committer.commit(bytes, { start, ends, salts, saltsAt: position * SALTS_BYTES });
        committer.leaf(frame, { position, classUid: 4001, receivedMs: time.receivedMs });
        start = end;
      }
    }
  });
  return { commit, hashes: frames.map(({ leafHashes }) => leafHashes) };
}

/** Processor time of a whole ingest; what is not this thread's is the reading thread's (and the collector's). */
async function whole(name: string, lines: readonly string[]): Promise<void> {
  const path = join(base, `${name}.ndjson`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const parse = cost(lines.length, () => {
    for (const line of lines) JSON.parse(line);
  });
  const place = { dir: join(base, name), keyFile: join(base, 'key') };
  await createLedger({ ...place, origin: `bench.invalid/${name}` });
  await using ledger = await openLedger(place);
  const state = await openState<IngestTables>(place.dir, INGEST_MIGRATIONS);
  const [all, own] = [process.cpuUsage(), process.threadCpuUsage()];
  {
    await using patients = await PatientCounter.open(state, ledger);
    await ingest({ ledger, patients, clock: systemClock, paths: [path] });
  }
  const [allEnd, ownEnd] = [process.cpuUsage(all), process.threadCpuUsage(own)];
  await state.destroy();
  const total = (allEnd.user + allEnd.system) / lines.length;
  const ledgerThread = (ownEnd.user + ownEnd.system) / lines.length;
  console.log(
    `\n${name}, a whole ingest of ${lines.length.toLocaleString('en')} events: ${total.toFixed(1)} µs an event ` +
      `(${(total / parse).toFixed(1)} x JSON.parse), ledger thread ${ledgerThread.toFixed(1)}, all other threads ` +
      `${(total - ledgerThread).toFixed(1)}; if two cores shared it evenly: ${((200 * parse) / total).toFixed(1)} %, ` +
      `as it is split: ${((100 * parse) / Math.max(ledgerThread, total - ledgerThread)).toFixed(1)} %`,
  );
}

const only = process.argv[2];
if (only !== 'zeek') {
  const all = campaignLines();
  await whole('windows', [...all, ...all]);
  profile(
    'windows',
    all.filter((_, i) => i % 13 === 0),
  );
}
if (only !== 'windows') {
  await whole('zeek', zeekLines(300_000));
  profile('zeek', zeekLines(20_000));
}
rmSync(base, { recursive: true, force: true });
