import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { HEAD_BYTES } from '#ingest';
import { GUARD_BYTES, READ_BYTES } from './limits.ts';
import type { Turns } from './turns.ts';

const EMPTY = Buffer.alloc(0);

export interface GrowingFileOptions {
  handle: FileHandle;
  turns: Turns;
  /** Whether the end of what is there is the end of the file. Asked at its end, each time it is woken. */
  isOver: () => boolean;
  /** Called when the file was made shorter or written anew; its old content ends when this resolves. */
  onReplaced: () => Promise<void>;
  /** Called when more of it was read. */
  onGrown: () => void;
}

/** An open file that others write to. Gives its bytes as they come, from its beginning; what it is named does not matter. */
export class GrowingFile {
  readonly #options: GrowingFileOptions;
  #offset = 0;
  #size = 0;
  #modifiedMs = 0;
  /** The last bytes before the offset: while they are there, the file was not written anew. */
  #guard: Buffer = EMPTY;
  #head: Buffer[] = [];
  #headLength = 0;
  #headHash = sha256(EMPTY);
  #isWoken = false;
  #wake: (() => void) | null = null;

  constructor(options: GrowingFileOptions) {
    this.#options = options;
  }

  /** Bytes given so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that are there and were not given yet, as far as it was looked. */
  get behind(): number {
    return Math.max(0, this.#size - this.#offset);
  }

  /** SHA-256 (hex) of the first 64 KiB of what was given. */
  get headHash(): string {
    if (this.#head.length > 0 && this.#headLength > 0) {
      const head = Buffer.concat(this.#head);
      this.#headHash = sha256(head);
      this.#head = head.length >= HEAD_BYTES ? [] : [head];
    }
    return this.#headHash;
  }

  /** Something may have changed. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
    this.#wake = null;
  }

  /** Resolves when it is woken, at once when it was since the last time. */
  async woken(): Promise<void> {
    if (!this.#isWoken) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isWoken = false;
  }

  /** The first 64 KiB, as they are now. */
  async head(): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(HEAD_BYTES);
    const { bytesRead } = await this.#options.handle.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  }

  /** All bytes from the beginning on, until the file is over. May be called again when an earlier one was let go of. */
  async *bytes(): AsyncGenerator<Buffer> {
    const { turns, isOver, onReplaced } = this.#options;
    this.#offset = 0;
    this.#guard = EMPTY;
    this.#head = [];
    this.#headLength = 0;
    for (;;) {
      this.#isWoken = false;
      await turns.take();
      let chunk: Buffer | null;
      try {
        chunk = await this.#next();
        // The turn is kept until whoever reads this asks for more, or lets go of it.
        if (chunk !== null && chunk.length > 0) yield chunk;
      } finally {
        turns.give();
      }
      if (chunk === null) {
        await onReplaced();
        return;
      }
      if (chunk.length > 0) continue;
      if (isOver()) return;
      await this.woken();
    }
  }

  /** The next bytes; empty at the end, null when the file was written anew. */
  async #next(): Promise<Buffer | null> {
    const { handle } = this.#options;
    const { size, mtimeMs } = await handle.stat();
    this.#size = size;
    if (size < this.#offset) return null;
    const isChanged = mtimeMs !== this.#modifiedMs;
    this.#modifiedMs = mtimeMs;
    const length = Math.min(READ_BYTES, size - this.#offset);
    if (length === 0) return isChanged && !(await this.#isGuardThere()) ? null : EMPTY;
    const buffer = Buffer.allocUnsafeSlow(length);
    const { bytesRead } = await handle.read(buffer, 0, length, this.#offset);
    const chunk = buffer.subarray(0, bytesRead);
    // Looked at behind the reading: what stood in front was still there when these bytes were read.
    if (!(await this.#isGuardThere())) return null;
    this.#note(chunk);
    this.#options.onGrown();
    return chunk;
  }

  async #isGuardThere(): Promise<boolean> {
    const guard = this.#guard;
    if (guard.length === 0) return true;
    const now = Buffer.alloc(guard.length);
    const { bytesRead } = await this.#options.handle.read(now, 0, guard.length, this.#offset - guard.length);
    return bytesRead === guard.length && now.equals(guard);
  }

  #note(chunk: Buffer): void {
    this.#offset += chunk.length;
    this.#guard = Buffer.from(
      (chunk.length >= GUARD_BYTES ? chunk : Buffer.concat([this.#guard, chunk])).subarray(-GUARD_BYTES),
    );
    if (this.#headLength >= HEAD_BYTES) return;
    const some = chunk.subarray(0, HEAD_BYTES - this.#headLength);
    this.#head.push(Buffer.from(some));
    this.#headLength += some.length;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
