import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { detectEncoding, headText } from '#ingest';
import type { SourceMark } from '#ledger';
import { GENERATIONS_KEPT, KNOWN_BYTES_MIN, MARKS_TRIED_MAX } from './limits.ts';
import { isRelatedPath } from './rotated-names.ts';

/** Whoever reads what a mark is about, or has read it and still sees the file. */
export interface Holder {
  /** It reads no further: another file may go on from the mark. */
  readonly isDone: boolean;
}

/**
 * All marks, found by what a file begins with rather than by its name: rotation renames and copies. Each mark has one holder at
 * most, so that what stands in two files is read from one of them. A mark is known from the moment its batch is on its way.
 */
export class FollowedMarks {
  readonly #byId = new Map<string, SourceMark>();
  readonly #byHead = new Map<string, Set<string>>();
  readonly #byFolder = new Map<string, Set<string>>();
  readonly #holders = new Map<string, Holder>();

  constructor(marks: Iterable<SourceMark>) {
    for (const mark of marks) this.set(mark);
  }

  set(mark: SourceMark): void {
    const { sourceId, headHash } = mark;
    const before = this.#byId.get(sourceId);
    if (before !== undefined && before.headHash !== headHash) this.#byHead.get(before.headHash)?.delete(sourceId);
    // The order is that of the last change.
    this.#byId.delete(sourceId);
    this.#byId.set(sourceId, mark);
    setOf(this.#byHead, headHash).add(sourceId);
    setOf(this.#byFolder, dirname(sourceId)).add(sourceId);
  }

  holderOf(sourceId: string): Holder | null {
    return this.#holders.get(sourceId) ?? null;
  }

  hold(sourceId: string, holder: Holder): void {
    this.#holders.set(sourceId, holder);
  }

  /** Names of the marks that a holder has. */
  heldBy(holder: Holder): string[] {
    return [...this.#holders].filter(([, one]) => one === holder).map(([id]) => id);
  }

  /** Lets go of all that a holder has. */
  release(holder: Holder): void {
    for (const id of this.heldBy(holder)) this.#holders.delete(id);
  }

  /**
   * The mark that a file of this name and beginning goes on from, the furthest there is; null when it is new. Whether all bytes
   * in front of the mark are the same, the reader finds out; marks that it found not to fit are named in `refuted`.
   */
  find({ base, head, refuted }: { base: string; head: Buffer; refuted: ReadonlySet<string> }): SourceMark | null {
    if (head.length === 0) return null;
    const headHash = sha256(head);
    const text = asUtf8(head);
    let best: SourceMark | null = null;
    for (const id of this.#candidates(base, headHash)) {
      const mark = this.#byId.get(id);
      if (mark === undefined || refuted.has(id) || !mayFit(mark, { base, headHash, text })) continue;
      if (best === null || rank(mark, base) > rank(best, base)) best = mark;
    }
    return best;
  }

  /**
   * The name under which the progress of a new file is kept: a new one, or, when `mayReuse`, that of a file that went away long
   * ago. Before all files have said which marks they go on from, nobody knows which have gone.
   */
  slotFor(base: string, { mayReuse }: { mayReuse: boolean }): string {
    const free: string[] = [];
    for (let generation = 1; ; generation += 1) {
      const id = generation === 1 ? base : `${base}@${generation}`;
      if (this.#holders.has(id)) continue;
      if (!this.#byId.has(id)) {
        if (!mayReuse || generation <= GENERATIONS_KEPT || free.length === 0) return id;
        break;
      }
      free.push(id);
      if (mayReuse && generation > GENERATIONS_KEPT) break;
    }
    const oldest = [...this.#byId.keys()].find((id) => free.includes(id));
    return oldest ?? base;
  }

  #candidates(base: string, headHash: string): Set<string> {
    const ids = new Set(this.#byHead.get(headHash));
    const inFolder = [...(this.#byFolder.get(dirname(base)) ?? [])];
    const related = inFolder.filter((id) => isRelatedPath(base, baseOf(id)));
    for (const id of related.slice(-MARKS_TRIED_MAX)) ids.add(id);
    for (const id of inFolder.slice(-MARKS_TRIED_MAX)) ids.add(id);
    return ids;
  }
}

/** The path that a mark was made under. */
export function baseOf(sourceId: string): string {
  return sourceId.replace(/@\d+$/, '');
}

function mayFit(
  { sourceId, headHash, offset, prefixHash }: SourceMark,
  file: { base: string; headHash: string; text: Buffer },
): boolean {
  if (headHash === file.headHash) return true;
  if (offset > file.text.length) return false;
  // A binary file has no offset, and its header changes: only its records tell, as they are read.
  if (offset === 0) return baseOf(sourceId) === file.base;
  if (offset < KNOWN_BYTES_MIN && !isRelatedPath(file.base, baseOf(sourceId))) return false;
  return sha256(file.text.subarray(0, offset)) === prefixHash;
}

/** Further is better; of two that are as far, the one under the file's own name. */
function rank(mark: SourceMark, base: string): number {
  return (mark.offset + mark.records) * 2 + Number(baseOf(mark.sourceId) === base);
}

/** Offsets of UTF-16 are those of its UTF-8 form. */
function asUtf8(head: Buffer): Buffer {
  const encoding = detectEncoding(head);
  return encoding === 'utf-8' ? head : Buffer.from(headText(head, encoding));
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
