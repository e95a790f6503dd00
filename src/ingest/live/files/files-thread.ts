import { Worker } from 'node:worker_threads';
import type { Log } from '#kernel';
import { RESTART_MS, RESTART_MS_MAX } from './limits.ts';
import type { FilesBatch, FilesThreadData, FromFiles, ToFiles, WatchedState } from './types.ts';

/** What a record leaves behind is dead when the next one is read: more room only fills memory. */
const HEAP = { maxYoungGenerationSizeMb: 12 };

export interface FilesThreadOptions {
  /** What a thread begins with; asked when it begins, since marks move on. */
  data: () => FilesThreadData;
  /** Takes a batch; the next one comes when it has resolved. */
  onBatch: (batch: FilesBatch) => Promise<void>;
  onStates: (states: readonly WatchedState[]) => void;
  /** Called when reading has ended against its will. */
  onDied: () => void;
  log: Log;
}

/** The thread that reads files, as this side sees it. When it dies another one goes on from the durable marks. */
export class FilesThread implements AsyncDisposable {
  readonly #options: FilesThreadOptions;
  #worker: Worker | null = null;
  /** Batches are taken one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #pauseMs = RESTART_MS;
  #isClosed = false;

  constructor(options: FilesThreadOptions) {
    this.#options = options;
  }

  /** @throws {Error} when the thread cannot begin, such as with a tap that cannot be loaded. */
  async start(): Promise<void> {
    const worker = this.#begin();
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', () => {
        worker.off('error', reject);
        resolve();
      });
    });
  }

  tell(message: ToFiles): void {
    this.#worker?.postMessage(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#worker?.terminate();
    await this.#turn;
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#options.data(),
      resourceLimits: HEAP,
    });
    this.#worker = worker;
    worker.on('message', (message: FromFiles) => this.#heard(worker, message));
    worker.on('error', (error) => this.#ended(worker, error));
    worker.on('exit', () => this.#ended(worker, null));
    return worker;
  }

  #heard(worker: Worker, message: FromFiles): void {
    if (message.kind === 'state') this.#options.onStates(message.states);
    if (message.kind !== 'batch') return;
    this.#turn = this.#turn.then(async () => {
      if (this.#isClosed) return;
      await this.#options.onBatch(message);
      this.#pauseMs = RESTART_MS;
      worker.postMessage({ kind: 'credit' } satisfies ToFiles);
    });
  }

  #ended(worker: Worker, error: unknown): void {
    if (this.#worker !== worker || this.#isClosed) return;
    this.#worker = null;
    // What a thread throws may hold what it failed on: only the kind of error is named.
    this.#options.log.warn('the thread that reads files has ended', {
      error: error instanceof Error ? error.name : '',
    });
    this.#options.onDied();
    // What it sent is brought to its end first, so that the marks are those of all of it.
    void this.#turn.then(() => {
      if (this.#isClosed) return;
      this.#timer = setTimeout(() => this.#begin(), this.#pauseMs);
      this.#pauseMs = Math.min(this.#pauseMs * 2, RESTART_MS_MAX);
    });
  }
}
