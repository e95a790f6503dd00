import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { SourceMark } from '#ledger';
import { compareStream } from './stream-identity.ts';
import { HEAD_BYTES, type Member } from './containers/open.ts';

/** How a member is to be read: from its beginning, or on from where an earlier run stopped. */
export interface Resumption {
  /** Under which name the progress is kept from now on. */
  sourceId: string;
  headHash: string;
  /** Null = from the beginning. The mark may be that of another path: the member is its copy, or the file was renamed. */
  from: SourceMark | null;
}

/** A file that was renamed and has grown since is known by its beginning if that is at least so long. */
const KNOWN_BYTES_MIN = 4096;
/** So many of the latest marks of a folder are compared with the beginning of a file that has no mark. */
const RENAMED_TRIES_MAX = 64;

/** The name of standard input. */
const STREAM = '-';
/** Earlier streams that a stream is compared with, the latest. */
const STREAMS_MAX = 64;

/** Whether it is standard input itself, which cannot be read twice, and not a member of an archive in it. */
export function isStream({ file, member }: Pick<Member, 'file' | 'member'>): boolean {
  return file === STREAM && member === null;
}

/** All marks of a ledger, found by path and by content. Grows with the run: a copy is known from the same run on. */
export class MarkBook {
  readonly #byId = new Map<string, SourceMark>();
  readonly #byHead = new Map<string, Set<string>>();
  readonly #byFolder = new Map<string, Set<string>>();

  constructor(marks: Iterable<SourceMark>) {
    for (const mark of marks) this.set(mark);
  }

  set(mark: SourceMark): void {
    const { sourceId, headHash } = mark;
    const before = this.#byId.get(sourceId);
    if (before !== undefined && before.headHash !== headHash) this.#byHead.get(before.headHash)?.delete(sourceId);
    this.#byId.set(sourceId, mark);
    setOf(this.#byHead, headHash).add(sourceId);
    setOf(this.#byFolder, dirname(sourceId)).add(sourceId);
  }

  /**
   * What is known of a member. Its own path comes first; a file that was renamed (a rotated log) or copied is known by its
   * beginning. Whether all bytes in front of the mark are still the same, the reader finds out on its way; marks that it
   * found not to fit are named in `refuted`.
   */
  find(member: Member, refuted: ReadonlySet<string>): Resumption {
    if (isStream(member)) return this.#findStream(member.head, sha256(member.head));
    const base = member.member === null ? resolve(member.file) : `${resolve(member.file)}#${member.member}`;
    const headHash = sha256(member.head);
    const { own, generation } = this.#latest(base);
    const isOwn = own !== undefined && !refuted.has(own.sourceId) && mayFit(own, member.head, headHash);
    if (isOwn) return { sourceId: own.sourceId, headHash, from: own };
    const from = this.#byContent({ head: member.head, headHash, folder: dirname(base) }, refuted);
    return { sourceId: own === undefined ? base : `${base}@${generation + 1}`, headHash, from };
  }

  /** Whether a stream that begins so may yet turn out to be an earlier one. */
  isUndecided(head: Buffer): boolean {
    return this.#streams().some((mark) => compareStream(head, mark) === 'open');
  }

  /** A stream is an earlier one when it begins with the same bytes as that, as far as those are kept: 64 KiB at most. */
  #findStream(head: Buffer, headHash: string): Resumption {
    let own: SourceMark | null = null;
    for (const mark of this.#streams())
      if (compareStream(head, mark) === 'same' && (own === null || isFurther(mark, own))) own = mark;
    if (own !== null) return { sourceId: own.sourceId, headHash, from: own };
    const base = resolve(STREAM);
    const { own: latest, generation } = this.#latest(base);
    // What is alike in a stream that is shorter than an earlier one says nothing about where to go on.
    const streams = new Set(this.#streams().map(({ sourceId }) => sourceId));
    const from = this.#byContent({ head, headHash, folder: dirname(base) }, streams);
    return { sourceId: latest === undefined ? base : `${base}@${generation + 1}`, headHash, from };
  }

  /** Marks of the latest streams. */
  #streams(): SourceMark[] {
    const base = resolve(STREAM);
    const marks: SourceMark[] = [];
    for (let { generation } = this.#latest(base); generation >= 1 && marks.length < STREAMS_MAX; generation -= 1) {
      const mark = this.#byId.get(generation === 1 ? base : `${base}@${generation}`);
      if (mark !== undefined) marks.push(mark);
    }
    return marks;
  }

  /** A path whose beginning changed is a new source: `path`, `path@2`, `path@3`, … */
  #latest(base: string): { own: SourceMark | undefined; generation: number } {
    let generation = 1;
    while (this.#byId.has(`${base}@${generation + 1}`)) generation += 1;
    return { own: this.#byId.get(generation === 1 ? base : `${base}@${generation}`), generation };
  }

  #byContent(
    { head, headHash, folder }: { head: Buffer; headHash: string; folder: string },
    refuted: ReadonlySet<string>,
  ): SourceMark | null {
    let best: SourceMark | null = null;
    const consider = (mark: SourceMark | undefined): void => {
      if (mark !== undefined && !refuted.has(mark.sourceId) && (best === null || isFurther(mark, best))) best = mark;
    };
    if (head.length === 0) return null;
    for (const id of this.#byHead.get(headHash) ?? []) consider(this.#byId.get(id));
    if (best !== null) return best;
    for (const id of [...(this.#byFolder.get(folder) ?? [])].slice(-RENAMED_TRIES_MAX)) {
      const mark = this.#byId.get(id);
      if (mark !== undefined && mark.offset >= KNOWN_BYTES_MIN && beginsWith(head, mark)) consider(mark);
    }
    return best;
  }
}

/** Whether a member may be what its own path's mark is about; false only when it surely is not. */
function mayFit(mark: SourceMark, head: Buffer, headHash: string): boolean {
  if (mark.headHash === headHash) return true;
  if (head.length === 0) return false;
  // The bytes in hand say nothing about text that is transcoded, about binary files (offset 0), whose headers change, or
  // about a mark beyond them. Those are checked as they are read.
  if (mark.offset === 0 || mark.offset > HEAD_BYTES || isWide(head)) return true;
  return beginsWith(head, mark);
}

function beginsWith(head: Buffer, { offset, prefixHash }: SourceMark): boolean {
  return head.length >= offset && sha256(head.subarray(0, offset)) === prefixHash;
}

/** UTF-16, whose offsets are those of its UTF-8 form. */
function isWide(head: Buffer): boolean {
  return head.includes(0);
}

function isFurther(a: SourceMark, b: SourceMark): boolean {
  return a.offset > b.offset || (a.offset === b.offset && a.records > b.records);
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
