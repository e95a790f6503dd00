import type { KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '#kernel';
import { syncPath } from '#kernel';
import { LedgerError } from './errors.ts';
import { HASH_BYTES, LEAF_BYTES, frameIsAuthentic } from './frame.ts';
import type { JournalEnd } from './journal.ts';
import type { Layout } from './layout.ts';
import { segmentName } from './layout.ts';
import type { MarkSealer } from './marks.ts';
import { marksAad, readMarksSnapshot } from './marks.ts';
import type { TreeHead } from './publisher.ts';
import type { FramePositions } from './reader.ts';
import { lastAtOrBelow } from './reader.ts';
import type { ScannedFrame } from './segment.ts';
import { SegmentScanner, listSegments, partsOf } from './segment.ts';
import { leafHashesInto } from './tlog/hash.ts';
import { rightEdgeFromTiles } from './tlog/prove.ts';
import { RightEdge } from './tlog/right-edge.ts';
import { tileReader } from './tree-files.ts';
import type { SourceMark } from './types.ts';

/** What the journal holds, as far as it is durable. */
export interface Recovered {
  segments: number[];
  end: JournalEnd;
  edge: RightEdge;
  marks: Map<string, SourceMark>;
  /** Frames of the last segment. */
  positions: FramePositions;
  /** What it took: frames that were hashed again, and bytes of the journal that were read. */
  replayedFrames: number;
  readBytes: number;
}

export interface RecoveryOptions {
  layout: Layout;
  origin: string;
  markSealer: MarkSealer;
  macKey: KeyObject;
  published: TreeHead | null;
  /** A writer removes a segment whose head was cut off while it was made; a reader passes over it. */
  repair: boolean;
  /** How far a reader beside a writer may go; null where nobody says so. */
  durable: JournalEnd | null;
  log: Log;
}

/**
 * Brings back the state of the journal: the right edge from the published tiles, then every batch
 * behind it. A torn tail is dropped; anything else that does not fit stops the opening.
 * @throws {LedgerError} `corrupt`, `rolled_back`, `forked`, `newer_format`.
 */
export function recover(options: RecoveryOptions): Recovered {
  const { layout, published } = options;
  const edge = startingEdge(options);
  const segments = usableSegments(options);
  const snapshot = readMarksSnapshot(layout.marks, { sealer: options.markSealer, origin: options.origin });
  const replay = new Replay(options, edge);
  const marksFrom = snapshot !== null && segments.includes(snapshot.segment) ? snapshot.segment : 0;
  if (marksFrom > 0) replay.noteMarks(snapshot?.marks ?? []);
  const startIndex = Math.min(marksFrom, edge.size);
  for (let at = lastAtOrBelow(segments, startIndex); at < segments.length; at += 1) {
    replay.segment(segments[at] ?? 0, {
      last: at === segments.length - 1,
      withMarks: (segments[at] ?? 0) >= marksFrom,
    });
  }
  // The edge came from the tiles: what counts is how far the journal itself reaches.
  if (replay.next < replay.edge.size) throw rolledBack(replay.next, replay.edge.size, 'its last checkpoint');
  if (published !== null && replay.next < published.size) {
    throw rolledBack(replay.next, published.size, 'its last checkpoint');
  }
  const { end, marks, positions, replayedFrames, readBytes } = replay;
  return { segments, end, edge: replay.edge, marks, positions, replayedFrames, readBytes };
}

/** Refuses a log that is behind a checkpoint kept elsewhere, or that has another history. */
export function compareWithAnchor(anchor: TreeHead, recovered: Recovered, rootAt: (size: number) => Buffer): void {
  if (anchor.size > recovered.edge.size) throw rolledBack(recovered.edge.size, anchor.size, 'its anchor');
  if (rootAt(anchor.size).equals(anchor.root)) return;
  throw new LedgerError('forked', `the log and its anchor have different histories at size ${anchor.size}`, {
    advice: 'keep both as evidence; restore the log that the anchor belongs to, or end this one and start a successor',
  });
}

function rolledBack(size: number, wanted: number, what: string): LedgerError {
  return new LedgerError('rolled_back', `the journal has ${size} entries, ${what} has ${wanted}: entries are missing`, {
    advice:
      'this looks like a restored backup or a lost file: restore the newer journal; if it is lost, start a successor log',
  });
}

/** The right edge of the published tree, or an empty one when its tiles do not give it: then all is replayed. */
function startingEdge(options: RecoveryOptions): RightEdge {
  const { published, layout, log } = options;
  const fresh = RightEdge.restore(0, Buffer.alloc(0));
  if (published === null || published.size === 0) return fresh;
  try {
    const edge = rightEdgeFromTiles(published.size, tileReader(layout.tree));
    if (edge.root().equals(published.root)) return edge;
    log.warn('the published tiles do not match the checkpoint: the journal is replayed in full');
  } catch {
    log.warn('published tiles are missing: the journal is replayed in full');
  }
  return fresh;
}

/** The segments; without a last one that a crash left without a whole head. */
function usableSegments(options: RecoveryOptions): number[] {
  const { journal } = options.layout;
  const segments = durableSegments(options);
  const last = segments.at(-1);
  if (last === undefined) throw new LedgerError('corrupt', 'the journal has no segment');
  using scanner = new SegmentScanner(journal, last);
  if (scanner.head !== null || scanner.end.kind !== 'torn' || segments.length === 1) return segments;
  if (options.repair) {
    rmSync(join(journal, segmentName(last)));
    syncPath(journal);
  }
  return segments.slice(0, -1);
}

function durableSegments({ layout, durable }: RecoveryOptions): number[] {
  const segments = listSegments(layout.journal);
  return durable === null ? segments : segments.filter((first) => first <= durable.segment);
}

/** Replays segments in order. */
class Replay {
  readonly marks = new Map<string, SourceMark>();
  edge: RightEdge;
  end: JournalEnd = { segment: 0, offset: 0 };
  positions: FramePositions = { first: [], offset: [] };
  replayedFrames = 0;
  readBytes = 0;
  readonly #options: RecoveryOptions;
  /** Index that the next frame must have; null until the first segment is read. */
  #next: number | null = null;

  constructor(options: RecoveryOptions, edge: RightEdge) {
    this.#options = options;
    this.edge = edge;
  }

  /** Index behind the last whole frame. */
  get next(): number {
    return this.#next ?? 0;
  }

  noteMarks(marks: Iterable<SourceMark>): void {
    for (const mark of marks) this.marks.set(mark.sourceId, mark);
  }

  segment(first: number, place: { last: boolean; withMarks: boolean }): void {
    const { durable, layout } = this.#options;
    const limit = first === durable?.segment ? durable.offset : Number.MAX_SAFE_INTEGER;
    using scanner = new SegmentScanner(layout.journal, first, limit);
    const { head } = scanner;
    if (head === null || head.origin !== this.#options.origin || head.firstIndex !== first) {
      throw corrupt(first, 'the head of a segment is damaged');
    }
    if (this.#next !== null && this.#next !== first)
      throw corrupt(Math.min(this.#next, first), 'entries are missing between two segments');
    if (first === this.edge.size && !this.edge.root().equals(head.root))
      throw corrupt(first, 'a segment stands on another tree');
    this.#next = first;
    this.positions = { first: [], offset: [] };
    for (let scanned = scanner.next(); scanned !== null; scanned = scanner.next())
      this.#frame(scanned, place.withMarks);
    this.readBytes += scanner.readBytes;
    const { kind, offset, reason } = scanner.end;
    const next = this.#next;
    if (kind !== 'clean' && (!place.last || scanner.wholeFrameAfter(offset))) throw corrupt(next, reason);
    if (kind !== 'clean')
      this.#options.log.warn('a torn batch at the end of the journal is dropped', { index: next, offset });
    this.end = { segment: first, offset };
  }

  #frame(scanned: ScannedFrame, withMarks: boolean): void {
    const { firstIndex, count } = scanned.head;
    if (firstIndex !== this.#next) throw corrupt(Math.min(firstIndex, this.#next ?? 0), 'a frame is out of order');
    this.#next = firstIndex + count;
    if (count > 0) {
      this.positions.first.push(firstIndex);
      this.positions.offset.push(scanned.offset);
    }
    const behind = this.#next > this.edge.size;
    if (!behind && !withMarks) return;
    const frame = partsOf(scanned);
    if (!frameIsAuthentic(scanned.bytes, scanned.head, this.#options.macKey))
      throw corrupt(firstIndex, 'a frame was not written by the holder of the key');
    if (behind) this.#replay(frame);
    if (withMarks) this.#openMarks(frame.marks, firstIndex);
  }

  #replay(frame: { firstIndex: number; count: number; leaves: Buffer; leafHashes: Buffer; root: Buffer }): void {
    if (frame.firstIndex !== this.edge.size) throw corrupt(frame.firstIndex, 'the last checkpoint ends inside a batch');
    const hashes = Buffer.allocUnsafe(frame.count * HASH_BYTES);
    leafHashesInto(frame.leaves, LEAF_BYTES, hashes);
    if (!hashes.equals(frame.leafHashes)) throw corrupt(frame.firstIndex, 'a leaf does not match its hash');
    this.replayedFrames += 1;
    this.edge.appendMany(hashes);
    if (!this.edge.root().equals(frame.root)) throw corrupt(frame.firstIndex, 'the root of a batch does not match');
  }

  #openMarks(sealed: Buffer, firstIndex: number): void {
    const marks = this.#options.markSealer.open(sealed, marksAad(this.#options.origin, firstIndex));
    if (marks === null) throw corrupt(firstIndex, 'the source marks of a batch do not open');
    this.noteMarks(marks);
  }
}

function corrupt(index: number, reason: string): LedgerError {
  return new LedgerError('corrupt', `the journal is damaged at index ${index}: ${reason}`, {
    advice: 'nothing has been changed; see what is affected with: wardkeep ledger verify',
  });
}
