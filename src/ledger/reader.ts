import { OpenBlock, blockAad, openBlock } from './block.ts';
import type { DayKeys } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import type { Frame } from './frame.ts';
import { LEAF_BYTES, hashesAt, positionsIn } from './frame.ts';
import { SEGMENT_INDEX_CACHE } from './limits.ts';
import type { ScannedFrame } from './segment.ts';
import { SegmentScanner, partsOf } from './segment.ts';
import type { BodyState, StoredEntry } from './types.ts';

/** Where the frames of a segment lie: first index and offset of each, ascending. */
export interface FramePositions {
  first: number[];
  offset: number[];
}

/** What a reader must know of the journal; the writer's state, or a snapshot of it. */
export interface JournalState {
  readonly journalDir: string;
  /** First indexes of the segments, ascending. */
  segments(): readonly number[];
  /** Bytes of a segment that are durable and may be read. */
  limitOf(segment: number): number;
  /** Frame positions of the growing segment, known without a scan; null for any other. */
  positionsOf(segment: number): FramePositions | null;
}

export interface ReadFrame {
  segment: number;
  scanned: ScannedFrame;
  frame: Frame;
}

/** Finds and reads frames by index. Keeps the frame positions of a few segments. */
export class JournalReader {
  readonly #state: JournalState;
  readonly #positions = new Map<number, FramePositions>();

  constructor(state: JournalState) {
    this.#state = state;
  }

  /** Forgets what is known of a segment that has been rewritten. */
  forget(segment: number): void {
    this.#positions.delete(segment);
  }

  /**
   * The frames that hold entries of [from, to), in order; the buffers of one are valid until the next.
   * @throws {LedgerError} `corrupt` when a frame on the way cannot be read.
   */
  *frames(from: number, to: number): Generator<ReadFrame> {
    const segments = this.#state.segments();
    let at = lastAtOrBelow(segments, from);
    for (let next = from; next < to && at < segments.length; at += 1) {
      const segment = segments[at] ?? 0;
      using scanner = new SegmentScanner(this.#state.journalDir, segment, this.#state.limitOf(segment));
      if (scanner.head === null) throw unreadable(segment, scanner.end.reason);
      if (next > segment) scanner.seek(this.#offsetOf(segment, next) ?? scanner.head.length);
      for (let scanned = scanner.next(); scanned !== null; scanned = scanner.next()) {
        const end = scanned.head.firstIndex + scanned.head.count;
        if (end <= next) continue;
        if (scanned.head.firstIndex >= to) return;
        yield { segment, scanned, frame: partsOf(scanned) };
        next = end;
      }
      if (scanner.end.kind !== 'clean') throw unreadable(next, scanner.end.reason);
    }
  }

  /** Offset of the frame that holds `index`, or null when the segment has none at or before it. */
  #offsetOf(segment: number, index: number): number | null {
    const positions = this.#state.positionsOf(segment) ?? this.#scanned(segment);
    const at = lastAtOrBelow(positions.first, index);
    return positions.offset[at] ?? null;
  }

  #scanned(segment: number): FramePositions {
    const known = this.#positions.get(segment);
    if (known !== undefined) return known;
    const positions: FramePositions = { first: [], offset: [] };
    using scanner = new SegmentScanner(this.#state.journalDir, segment, this.#state.limitOf(segment));
    for (let scanned = scanner.next(); scanned !== null; scanned = scanner.next()) {
      if (scanned.head.count === 0) continue;
      positions.first.push(scanned.head.firstIndex);
      positions.offset.push(scanned.offset);
    }
    const oldest = this.#positions.keys().next();
    if (this.#positions.size >= SEGMENT_INDEX_CACHE && oldest.done === false) this.#positions.delete(oldest.value);
    this.#positions.set(segment, positions);
    return positions;
  }
}

/** Opens the bodies of frames. */
export class BodyOpener {
  readonly #origin: string;
  readonly #keys: DayKeys;

  constructor(origin: string, keys: DayKeys) {
    this.#origin = origin;
    this.#keys = keys;
  }

  /**
   * The bodies of block `slot`, or why there are none.
   * @throws {LedgerError} `corrupt` when the block does not open under its key.
   */
  open(frame: Frame, slot: number, positions = positionsIn(frame, slot)): OpenBlock | 'expired' | 'sealed' {
    const block = frame.blocks[slot];
    if (block === undefined || block.state === 'dropped') return 'expired';
    const key = this.#keys.find(block);
    if (key === null) return this.#keys.state(block) === 'destroyed' ? 'expired' : 'sealed';
    const aad = blockAad(this.#origin, frame.firstIndex + (positions[0] ?? 0), hashesAt(frame, positions));
    const opened = openBlock(block, key, aad);
    if (opened !== null && opened.count === positions.length) return opened;
    throw new LedgerError(
      'corrupt',
      `the bodies of the frame of index ${frame.firstIndex} do not open under their key`,
      {
        advice: 'run: wardkeep ledger verify',
      },
    );
  }

  /** The entries [from, to) of a frame, with their bodies. */
  entries(frame: Frame, from: number, to: number): StoredEntry[] {
    const entries: StoredEntry[] = [];
    const blocks = frame.blocks.map((_block, slot) => this.open(frame, slot));
    const next = frame.blocks.map(() => 0);
    for (let position = 0; position < frame.count; position += 1) {
      const slot = frame.slots[position] ?? 0;
      const inBlock = next[slot] ?? 0;
      next[slot] = inBlock + 1;
      const index = frame.firstIndex + position;
      const block = blocks[slot];
      if (index < from || index >= to || block === undefined) continue;
      entries.push(storedEntry(frame, { position, slot, inBlock, block }));
    }
    return entries;
  }
}

const NOTHING = Buffer.alloc(0);

function storedEntry(
  frame: Frame,
  place: { position: number; slot: number; inBlock: number; block: OpenBlock | 'expired' | 'sealed' },
): StoredEntry {
  const leafAt = place.position * LEAF_BYTES;
  const body = place.block instanceof OpenBlock ? place.block.body(place.inBlock) : null;
  return {
    index: frame.firstIndex + place.position,
    classUid: frame.leaves.readUInt32BE(leafAt + 1),
    receivedMs: frame.leaves.readUIntBE(leafAt + 5, 6),
    retention: frame.blocks[place.slot]?.retention ?? 'record',
    state: stateOf(place.block, body !== null),
    normal: body?.normal ?? NOTHING,
    raw: body?.raw ?? NOTHING,
    patient: body?.patient ?? null,
  };
}

function stateOf(block: OpenBlock | 'expired' | 'sealed', present: boolean): BodyState {
  if (block === 'expired' || block === 'sealed') return block;
  return present ? 'present' : 'erased';
}

/** Position of the last number ≤ `value` in an ascending list; 0 when there is none. */
export function lastAtOrBelow(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((list[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function unreadable(index: number, reason: string): LedgerError {
  return new LedgerError('corrupt', `the journal cannot be read at index ${index}: ${reason}`, {
    advice: 'run: wardkeep ledger verify',
  });
}
