import type { KeyObject } from 'node:crypto';
import type { RandomFill } from '#kernel';
import { BlockStream, SALTS_BYTES, blockAad, sealBlock } from './block.ts';
import type { DayKeys } from './day-keys.ts';
import { dayOf } from './day-keys.ts';
import { PrefixedHash, sha256Into } from './digest.ts';
import type { Frame, FrameBlock } from './frame.ts';
import { HASH_BYTES, LEAF_BYTES, encodeFrame, hashesAt, positionsIn } from './frame.ts';
import type { MarkSealer } from './marks.ts';
import { marksAad } from './marks.ts';
import type { RightEdge } from './tlog/right-edge.ts';
import type { EntryInput, RetentionClass, SourceMark } from './types.ts';

const MINUTE_MS = 60_000;
const SALT_BYTES = 16;
const LEAF_VERSION = 1;
/** In the scratch of a leaf, behind its prefix byte. */
const COMMITMENT_AT = 16;

/** What one append call asks for. */
export interface AppendRequest {
  entries: readonly EntryInput[];
  receivedMs: number;
  marks: readonly SourceMark[];
  /** See `AppendOptions.onIndexed`. */
  onIndexed?: ((firstIndex: number) => void) | undefined;
}

/** A frame that is ready to be written. */
export interface PreparedFrame {
  bytes: Buffer;
  firstIndex: number;
  count: number;
  marks: SourceMark[];
  /** Size and root of the tree after it. */
  size: number;
  root: Buffer;
  /** Root of the tree before it. */
  rootBefore: Buffer;
}

export interface SealingTools {
  origin: string;
  dayKeys: DayKeys;
  markSealer: MarkSealer;
  macKey: KeyObject;
  random: RandomFill;
}

/** Turns append calls of one receive day into one frame: commits, hashes, compresses, seals. */
export class BatchSealer {
  readonly #tools: SealingTools;
  readonly #streams: Record<RetentionClass, BlockStream> = { record: new BlockStream(), telemetry: new BlockStream() };
  readonly #committer = new Committer();

  constructor(tools: SealingTools) {
    this.#tools = tools;
  }

  /** Advances `edge` over the entries of the calls and gives their frame. All calls are of one receive day. */
  prepare(requests: readonly AppendRequest[], edge: RightEdge): PreparedFrame {
    const firstIndex = edge.size;
    tellIndexes(requests, firstIndex);
    const entries = requests.flatMap((request) => request.entries);
    const received = requests.flatMap((request) => request.entries.map(() => request.receivedMs));
    const classes = classesOf(entries);
    const salts = Buffer.allocUnsafe(entries.length * SALTS_BYTES);
    this.#tools.random(salts);
    const frame = emptyFrame(firstIndex, entries.length);
    this.#fill(frame, { entries, received, classes, salts });
    const rootBefore = edge.root();
    edge.appendMany(frame.leafHashes);
    frame.root = edge.root();
    const day = dayOf(requests[0]?.receivedMs ?? 0);
    frame.blocks = classes.map((retention, slot) => this.#sealBlock(frame, { day, retention, slot, salts }));
    const marks = requests.flatMap((request) => request.marks);
    frame.marks = this.#tools.markSealer.seal(marks, marksAad(this.#tools.origin, firstIndex));
    const bytes = encodeFrame(frame, this.#tools.macKey);
    return { bytes, firstIndex, count: frame.count, marks, size: edge.size, root: frame.root, rootBefore };
  }

  /** Fills leaves, leaf hashes, slots and the streams of the blocks. */
  #fill(frame: Frame, batch: FillBatch): void {
    for (const retention of batch.classes) {
      this.#streams[retention].start(batch.entries.reduce((n, entry) => n + Number(entry.retention === retention), 0));
    }
    batch.entries.forEach((entry, position) => {
      const stream = this.#streams[entry.retention];
      const start = stream.add(entry.normal, entry.raw, entry.patient);
      const slot = batch.classes.indexOf(entry.retention);
      frame.slots[position] = slot;
      const patientBytes = entry.patient?.length ?? 0;
      const normalEnd = stream.end - patientBytes - entry.raw.length;
      const ends = [normalEnd, normalEnd + entry.raw.length, stream.end] as const;
      this.#committer.commit(stream.bytes, { start, ends, salts: batch.salts, saltsAt: position * SALTS_BYTES });
      const receivedMs = batch.received[position] ?? 0;
      this.#committer.leaf(frame, { position, classUid: entry.classUid, receivedMs });
    });
  }

  #sealBlock(frame: Frame, block: { day: number; retention: RetentionClass; slot: number; salts: Buffer }): FrameBlock {
    const { day, retention, slot } = block;
    const positions = positionsIn(frame, slot);
    const plain = this.#streams[retention].finish(saltsAt(block.salts, positions, frame.count));
    const aad = blockAad(this.#tools.origin, frame.firstIndex + (positions[0] ?? 0), hashesAt(frame, positions));
    const dayKey = this.#tools.dayKeys.forSealing({ day, retention });
    const sealed = sealBlock(plain, { dayKey, aad, random: this.#tools.random });
    return { day, retention, state: 'sealed', ...sealed };
  }
}

interface FillBatch {
  entries: readonly EntryInput[];
  received: readonly number[];
  classes: readonly RetentionClass[];
  salts: Buffer;
}

/** Computes commitments and leaves into reused areas: no allocation for an entry. */
export class Committer {
  readonly #part = new PrefixedHash(2 + SALT_BYTES);
  /** `0x01 ‖ part hashes`. */
  readonly #commitment = Buffer.alloc(1 + 3 * HASH_BYTES, 1);
  /** `0x00 ‖ leaf`: what RFC 6962 hashes. */
  readonly #leaf = Buffer.alloc(1 + LEAF_BYTES);

  /** Hashes the three salted parts of one body that lies at `bytes[start..]`. */
  commit(
    bytes: Buffer,
    body: { start: number; ends: readonly [number, number, number]; salts: Buffer; saltsAt: number },
  ): void {
    const { prefix } = this.#part;
    let from = body.start;
    for (let part = 0; part < 3; part += 1) {
      prefix[0] = 0;
      prefix[1] = part;
      const saltAt = body.saltsAt + part * SALT_BYTES;
      for (let n = 0; n < SALT_BYTES; n += 1) prefix[2 + n] = body.salts[saltAt + n] ?? 0;
      const to = body.ends[part] ?? from;
      this.#part.into(bytes, from, to, this.#commitment, 1 + part * HASH_BYTES);
      from = to;
    }
  }

  /** Whether `leaf` holds the commitment to the body hashed last. */
  matches(leaves: Buffer, leafAt: number): boolean {
    sha256Into(this.#commitment, this.#leaf, COMMITMENT_AT);
    return this.#leaf.compare(leaves, leafAt + COMMITMENT_AT - 1, leafAt + LEAF_BYTES, COMMITMENT_AT) === 0;
  }

  /** Writes leaf and leaf hash of the body committed last. */
  leaf(frame: Frame, entry: { position: number; classUid: number; receivedMs: number }): void {
    const minuteMs = Math.floor(entry.receivedMs / MINUTE_MS) * MINUTE_MS;
    const leaf = this.#leaf;
    leaf[1] = LEAF_VERSION;
    leaf.writeUInt32BE(entry.classUid, 2);
    leaf.writeUIntBE(minuteMs, 6, 6);
    leaf.writeUInt32BE(dayOf(entry.receivedMs), 12);
    sha256Into(this.#commitment, leaf, COMMITMENT_AT);
    const leafAt = entry.position * LEAF_BYTES;
    for (let n = 0; n < LEAF_BYTES; n += 1) frame.leaves[leafAt + n] = leaf[1 + n] ?? 0;
    sha256Into(leaf, frame.leafHashes, entry.position * HASH_BYTES);
  }
}

function tellIndexes(requests: readonly AppendRequest[], firstIndex: number): void {
  let index = firstIndex;
  for (const { entries, onIndexed } of requests) {
    onIndexed?.(index);
    index += entries.length;
  }
}

function emptyFrame(firstIndex: number, count: number): Frame {
  return {
    firstIndex,
    count,
    root: Buffer.alloc(0),
    leaves: Buffer.allocUnsafe(count * LEAF_BYTES),
    leafHashes: Buffer.allocUnsafe(count * HASH_BYTES),
    slots: Buffer.alloc(count),
    blocks: [],
    marks: Buffer.alloc(0),
  };
}

function classesOf(entries: readonly EntryInput[]): RetentionClass[] {
  const classes: RetentionClass[] = [];
  for (const entry of entries) if (!classes.includes(entry.retention)) classes.push(entry.retention);
  return classes;
}

function saltsAt(salts: Buffer, positions: readonly number[], count: number): Buffer {
  if (positions.length === count) return salts;
  const chosen = Buffer.allocUnsafe(positions.length * SALTS_BYTES);
  positions.forEach((position, n) => {
    salts.copy(chosen, n * SALTS_BYTES, position * SALTS_BYTES, (position + 1) * SALTS_BYTES);
  });
  return chosen;
}
