import { Worker } from 'node:worker_threads';
import { type Clock, Deaths, type Log, WardkeepError } from '#kernel';
import { LiveError } from '../errors.ts';
import { MAP_MS_MAX } from '../limits.ts';
import type { FromThread, MapJob, Mapped, ThreadData, ToThread } from './types.ts';

/** The thread ended before it answered: nothing of the request has happened. */
export class ThreadDied extends WardkeepError<'thread_died'> {
  /** It never began: the request had no part in its death. */
  readonly isUnborn: boolean;

  constructor(isUnborn: boolean) {
    super('thread_died', isUnborn ? 'the mapping thread cannot begin' : 'the mapping thread has ended');
    this.isUnborn = isUnborn;
  }
}

interface Waiting {
  resolve: (message: FromThread) => void;
  reject: (error: unknown) => void;
  watchdog: NodeJS.Timeout;
}

/** The mapping thread as this side sees it. Whatever ends it, the next request starts another one. */
export class MappingThread implements AsyncDisposable {
  #data: ThreadData;
  readonly #log: Log;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  /** Until then the thread is another's alone. */
  #alone: Promise<void> = Promise.resolve();
  readonly #onQuiet: (() => void)[] = [];
  readonly #deaths: Deaths;
  #ticket = 0;
  #isClosed = false;
  /** The thread that runs has begun. */
  #isBorn = false;
  /** One that could not begin is not tried again before then, by a clock that nobody sets. */
  #notBeforeMs = 0;

  constructor(data: ThreadData, { clock, log }: { clock: Clock; log: Log }) {
    this.#data = data;
    this.#log = log;
    this.#deaths = new Deaths(clock);
  }

  /** How often it died since the start, and whether it does so again and again. */
  get deaths(): { total: number; isOften: boolean } {
    return { total: this.#deaths.total, isOften: this.#deaths.isOften };
  }

  /** Starts the thread, so that a tap which cannot be loaded is known at once. */
  async start(): Promise<void> {
    const worker = this.#running();
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', () => {
        worker.off('error', reject);
        resolve();
      });
    });
  }

  /** @throws {ThreadDied} */
  async map(bytes: Uint8Array<ArrayBuffer>, jobs: readonly MapJob[]): Promise<Mapped> {
    await this.#alone;
    return this.#map(bytes, jobs);
  }

  /** As `map`, while the thread does nothing else: when it dies, it died of this. */
  mapAlone(bytes: Uint8Array<ArrayBuffer>, jobs: readonly MapJob[]): Promise<Mapped> {
    const mine = this.#alone.then(async () => {
      while (this.#waiting.size > 0) await this.#quiet();
      return this.#map(bytes, jobs);
    });
    this.#alone = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  async #map(bytes: Uint8Array<ArrayBuffer>, jobs: readonly MapJob[]): Promise<Mapped> {
    const answer = await this.#ask({ kind: 'map', ticket: 0, bytes, jobs }, [bytes.buffer]);
    if (answer.kind !== 'mapped') throw new ThreadDied(false);
    return answer;
  }

  /** @throws {LiveError} `bad_option` when the tap refuses its options. */
  async updateTap(options: unknown): Promise<void> {
    if (this.#data.tap === null) return;
    this.#data = { ...this.#data, tap: { ...this.#data.tap, options } };
    try {
      const answer = await this.#ask({ kind: 'tap', ticket: 0, options }, []);
      if (answer.kind === 'tap' && answer.problem !== null)
        throw new LiveError('bad_option', `the tap refused its new options (${answer.problem})`);
    } catch (error) {
      // The next thread begins with the new options.
      if (!(error instanceof ThreadDied)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  /** Resolves when the next answer has come, or the thread has ended. */
  #quiet(): Promise<void> {
    return new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  async #ask(request: ToThread, transfer: ArrayBuffer[]): Promise<FromThread> {
    const ticket = (this.#ticket += 1);
    const worker = this.#running();
    return new Promise((resolve, reject) => {
      const watchdog = setTimeout(() => {
        this.#log.warn('the mapping thread hangs and is started anew');
        void worker.terminate();
      }, MAP_MS_MAX);
      this.#waiting.set(ticket, { resolve, reject, watchdog });
      worker.postMessage({ ...request, ticket }, transfer);
    });
  }

  #running(): Worker {
    if (this.#worker !== null) return this.#worker;
    if (this.#isClosed || performance.now() < this.#notBeforeMs) throw new ThreadDied(true);
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: this.#data, name: 'mapping' });
    this.#isBorn = false;
    worker.on('message', (message: FromThread) => this.#settle(message));
    worker.on('error', (error) => this.#ended(worker, error));
    worker.on('exit', () => this.#ended(worker, null));
    this.#worker = worker;
    return worker;
  }

  #settle(message: FromThread): void {
    if (message.kind === 'ready') {
      this.#isBorn = true;
      return;
    }
    const waiting = this.#waiting.get(message.ticket);
    if (waiting === undefined) return;
    this.#waiting.delete(message.ticket);
    clearTimeout(waiting.watchdog);
    waiting.resolve(message);
    for (const resolve of this.#onQuiet.splice(0)) resolve();
  }

  #ended(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    // What a thread throws may hold what it failed on: only the kind of error is named.
    if (!this.#isClosed) this.#note(error instanceof Error ? error.name : 'none');
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) {
      clearTimeout(one.watchdog);
      one.reject(new ThreadDied(!this.#isBorn));
    }
    for (const resolve of this.#onQuiet.splice(0)) resolve();
  }

  #note(error: string): void {
    const pauseMs = this.#deaths.note();
    if (!this.#isBorn) this.#notBeforeMs = performance.now() + pauseMs;
    this.#log.warn('the mapping thread has ended', { error, deaths: this.#deaths.total });
  }
}
