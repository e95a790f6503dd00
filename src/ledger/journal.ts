import { close, closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { syncPath } from '#kernel';
import { DurableEndFile } from './durable-end.ts';
import type { Faults } from './faults.ts';
import { segmentName } from './layout.ts';
import { SCAN_BYTES, SYNC_WRITE_BYTES_MAX } from './limits.ts';
import { encodeSegmentHead } from './segment.ts';
import { LedgerError, writeError } from './errors.ts';

const writeAsync = promisify(write);
const fdatasyncAsync = promisify(fdatasync);
const closeAsync = promisify(close);

/** The end of the journal: the segment that grows and how far it is durable. */
export interface JournalEnd {
  segment: number;
  offset: number;
}

/** Writes frames behind the last durable one: one write and one `fdatasync` a frame. */
export class JournalWriter implements AsyncDisposable {
  readonly #dir: string;
  readonly #origin: string;
  readonly #faults: Faults;
  readonly #checkLock: () => void;
  readonly #durable: DurableEndFile;
  readonly #segmentBytes: number;
  #fd: number;
  #end: JournalEnd;

  /**
   * Opens the last segment, cuts off what lies behind `end`, and writes once more what lies behind `syncedTo`: after a
   * failed sync the system may show bytes that the disk does not hold and that another sync would not write.
   */
  constructor(options: {
    dir: string;
    origin: string;
    faults: Faults;
    end: JournalEnd;
    syncedTo: number;
    durableFile: string;
    segmentBytes: number;
    /** Throws when this process is no longer the one that may write. */
    checkLock: () => void;
  }) {
    this.#dir = options.dir;
    this.#origin = options.origin;
    this.#faults = options.faults;
    this.#end = options.end;
    this.#checkLock = options.checkLock;
    this.#segmentBytes = options.segmentBytes;
    this.#fd = openSync(join(this.#dir, segmentName(options.end.segment)), 'r+');
    ftruncateSync(this.#fd, options.end.offset);
    rewriteInPlace(this.#fd, { from: options.syncedTo, to: options.end.offset });
    fsyncSync(this.#fd);
    this.#durable = new DurableEndFile(options.durableFile);
    this.#durable.set(this.#end);
  }

  get end(): JournalEnd {
    return this.#end;
  }

  /** Whether the segment is full, so that the next frame belongs into a new one. */
  get full(): boolean {
    return this.#end.offset >= this.#segmentBytes;
  }

  /**
   * Makes one frame durable; gives the offset at which it lies.
   * @throws {LedgerError} `lock_lost`, `disk_full`, `write_failed`: the writer must not be used any more.
   */
  async append(frame: Buffer): Promise<number> {
    const { segment, offset } = this.#end;
    this.#checkLock();
    try {
      await this.#write(frame, offset);
      const fault = this.#faults('journal-sync', 0);
      if (fault !== null) throw fault.error;
      await fdatasyncAsync(this.#fd);
      // Whoever took over before now may have cut this frame off; whoever does later finds it.
      this.#checkLock();
      this.#end = { segment, offset: offset + frame.length };
      this.#durable.set(this.#end);
    } catch (error) {
      throw error instanceof LedgerError ? error : writeError(error, 'the journal');
    }
    return offset;
  }

  /**
   * Starts a new segment at `firstIndex`, above the root so far.
   * @throws {LedgerError} `lock_lost`, `disk_full`, `write_failed`: the writer must not be used any more.
   */
  async rotate(firstIndex: number, root: Buffer): Promise<void> {
    const head = { origin: this.#origin, firstIndex, root };
    this.#checkLock();
    try {
      const fault = this.#faults('segment-create', 0);
      if (fault !== null) throw fault.error;
      const offset = createSegment(this.#dir, head);
      const before = this.#fd;
      this.#fd = openSync(join(this.#dir, segmentName(firstIndex)), 'r+');
      this.#end = { segment: firstIndex, offset };
      this.#durable.set(this.#end);
      await closeAsync(before);
    } catch (error) {
      throw writeError(error, 'a journal segment');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#durable[Symbol.dispose]();
    await closeAsync(this.#fd);
  }

  async #write(frame: Buffer, offset: number): Promise<void> {
    const fault = this.#faults('journal-write', frame.length);
    const bytes = fault === null ? frame : frame.subarray(0, fault.writtenBytes ?? 0);
    const isShort = bytes.length <= SYNC_WRITE_BYTES_MAX;
    for (let at = 0; at < bytes.length;) {
      if (isShort) at += writeSync(this.#fd, bytes, at, bytes.length - at, offset + at);
      else at += (await writeAsync(this.#fd, bytes, at, bytes.length - at, offset + at)).bytesWritten;
    }
    if (fault !== null) throw fault.error;
  }
}

function rewriteInPlace(fd: number, range: { from: number; to: number }): void {
  const bytes = Buffer.allocUnsafe(SCAN_BYTES);
  for (let at = range.from; at < range.to;) {
    const got = readSync(fd, bytes, 0, Math.min(bytes.length, range.to - at), at);
    if (got === 0) return;
    for (let done = 0; done < got;) done += writeSync(fd, bytes, done, got - done, at + done);
    at += got;
  }
}

/** Creates an empty segment durably; gives the length of its head. */
export function createSegment(dir: string, head: { origin: string; firstIndex: number; root: Buffer }): number {
  const bytes = encodeSegmentHead(head);
  const fd = openSync(join(dir, segmentName(head.firstIndex)), 'w', 0o600);
  try {
    writeSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncPath(dir);
  return bytes.length;
}
