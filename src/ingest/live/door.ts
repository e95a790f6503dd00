import { statfs } from 'node:fs/promises';
import { type Log, MIB, messageOf } from '#kernel';
import type { Ledger } from '#ledger';
import { LiveError } from './errors.ts';
import { FREE_BYTES_MIN, PROBE_EVERY_MS } from './limits.ts';

/** Free bytes of the volume of a directory. */
export async function freeBytesOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

export interface DoorOptions {
  ledger: Ledger;
  freeBytes: () => Promise<number>;
  probeEveryMs: number;
  log: Log;
  /** Called when the door shuts. */
  onShut: (error: LiveError) => void;
  /** Called when writing goes on, before the door opens. */
  onReopened: () => Promise<void>;
}

/** Whether events can be taken: shut when the ledger cannot write, until a probe says that it can again. Reading goes on. */
export class Door implements Disposable {
  readonly #options: DoorOptions;
  #shut: LiveError | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Why nothing is taken, or null. */
  get shut(): LiveError | null {
    return this.#shut;
  }

  /** The ledger could not write. */
  failed(cause: unknown): LiveError {
    return this.#close(`the ledger cannot write (${messageOf(cause)})`, cause);
  }

  /** Shuts before the disk is quite full: what reads needs some of it, too. */
  async check(): Promise<void> {
    if (this.#shut !== null || this.#isClosed) return;
    if ((await this.#options.freeBytes()) < FREE_BYTES_MIN)
      this.#close(`less than ${FREE_BYTES_MIN / MIB} MiB are free on the disk`, undefined);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #close(why: string, cause: unknown): LiveError {
    if (this.#shut !== null) return this.#shut;
    const advice = 'free space on the volume of the data directory; Wardkeep goes on by itself when there is room';
    this.#shut = new LiveError('unavailable', why, { cause, advice });
    this.#options.log.error('no more events are taken until the disk can be written again', this.#shut);
    this.#options.onShut(this.#shut);
    this.#schedule();
    return this.#shut;
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#probe(), this.#options.probeEveryMs);
    this.#timer.unref();
  }

  async #probe(): Promise<void> {
    const { ledger, freeBytes, log, onReopened } = this.#options;
    try {
      if ((await freeBytes()) < FREE_BYTES_MIN || this.#isClosed) {
        this.#schedule();
        return;
      }
      await ledger.reopen();
      await onReopened();
      this.#shut = null;
      log.info('events are taken again');
    } catch (error) {
      log.warn('the ledger cannot be written yet', { reason: messageOf(error) });
      this.#schedule();
    }
  }
}

export const DOOR_PROBE_EVERY_MS = PROBE_EVERY_MS;
