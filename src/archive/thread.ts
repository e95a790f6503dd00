import { Worker } from 'node:worker_threads';
import type { Log } from '#kernel';
import { ArchiveError } from './errors.ts';
import { THREAD_HEAP_HARD_FACTOR, YOUNG_MB } from './limits.ts';
import type { BatchMessage, Call, Failure, FromWorker, Status, ToWorker, WorkerStart } from './protocol.ts';

export interface ThreadOptions {
  start: WorkerStart;
  log: Log;
  /** Told of the state of things with every answer, and how many bytes of entries were taken in. */
  onStatus: (status: Status, takenBytes: number) => void;
  /** What the thread runs; tests hand in one that can be made to die. */
  module?: URL | undefined;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** One life of the archive's thread. When it has ended, every call to it fails with the reason. */
export class ArchiveThread {
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #begun = Promise.withResolvers<Status>();
  #calls = 0;
  #failure: Error | null = null;
  /** Resolves when it has opened the archive; rejects with the reason when it could not. */
  readonly ready: Promise<Status> = this.#begun.promise;
  /** Resolves with the reason when it has ended. */
  readonly ended: Promise<Error>;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(options.module ?? new URL('./worker.ts', import.meta.url), {
      workerData: options.start,
      name: 'archive',
      resourceLimits: {
        maxOldGenerationSizeMb: options.start.heapMb * THREAD_HEAP_HARD_FACTOR,
        // What a large young generation moves at once could leap over what V8 leaves for ending the thread; then it ends the process.
        maxYoungGenerationSizeMb: YOUNG_MB,
      },
    });
    this.#worker.on('error', (error) => {
      options.log.error('the archive has stopped', error);
      this.#end(died({ cause: error }));
    });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve(this.#end(died({}))));
    });
    // Who waits for it hears of it; a thread that died unasked is no fault of the process.
    this.ready.catch(() => undefined);
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        return this.#begun.resolve(message.status);
      case 'stopped':
        this.#end(errorOf(message.failure));
        return;
      case 'dying':
        this.#end(died({ what: message.what }));
        return;
      case 'taken':
        return this.#options.onStatus(message.status, message.bytes);
      case 'reply':
        this.#options.onStatus(message.status, 0);
        this.#waiting.get(message.id)?.resolve(message.value);
        this.#waiting.delete(message.id);
        return;
      case 'failure':
        this.#waiting.get(message.id)?.reject(errorOf(message.failure));
        this.#waiting.delete(message.id);
        return;
      case 'log':
        return this.#say(message);
    }
  }

  #say({ level, message, fields }: Extract<FromWorker, { kind: 'log' }>): void {
    const { log } = this.#options;
    if (level === 'error') log.error(message, new Error(String(fields['error'] ?? '')), fields);
    else log[level](message, fields);
  }

  /** Why calls to it fail; null while it lives. */
  get failure(): Error | null {
    return this.#failure;
  }

  post(message: BatchMessage): void {
    if (this.#failure !== null) return;
    this.#worker.postMessage(message satisfies ToWorker, [
      message.body.buffer,
      message.heads.buffer,
      message.receivedMs.buffer,
    ]);
  }

  call<T>(call: Call, signal?: AbortSignal): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (signal?.aborted === true) return Promise.reject(new ArchiveError('cancelled', 'the hunt was cancelled'));
    this.#calls += 1;
    const id = this.#calls;
    const onAbort = (): void => this.#worker.postMessage({ kind: 'cancel', id } satisfies ToWorker);
    signal?.addEventListener('abort', onAbort);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      this.#worker.postMessage({ kind: 'call', id, call } satisfies ToWorker);
    }).finally(() => signal?.removeEventListener('abort', onAbort));
  }

  /** Ends it after what it has in hand; resolves when it is gone. */
  async close(): Promise<void> {
    await this.call({ name: 'close' }).catch(() => undefined);
    this.#end(new ArchiveError('unavailable', 'the archive was closed'));
    await this.ended;
  }

  /** From now on every call fails; gives the reason, which is the first that was named. */
  #end(error: Error): Error {
    this.#failure ??= error;
    this.#begun.reject(this.#failure);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    return this.#failure;
  }
}

function died({ what, cause }: { what?: string; cause?: unknown }): ArchiveError {
  return new ArchiveError('unavailable', `the archive’s thread has ended${what === undefined ? '' : `: ${what}`}`, {
    cause,
    advice: 'ask again in a moment: it is started anew, and the ledger has everything',
  });
}

function errorOf({ code, text, advice }: Failure): Error {
  if (code === null) return new Error(`the archive has a fault: ${text}`);
  return new ArchiveError(code, text, advice === undefined ? {} : { advice });
}
