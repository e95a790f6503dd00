import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Evaluator } from './evaluator.ts';
import type { BlockResult, EvaluatorOptions, FromWorker, ToWorker } from './types.ts';

/** Blocks that may wait for one thread; more would only fill memory. */
const WAITING_PER_THREAD = 3;
/** In the place of a number of another thread. */
const OWN = -1;

type Unticketed<Message> = Message extends ToWorker ? Omit<Message, 'ticket' | 'bytes'> : never;
/** A block to evaluate; its bytes are a view that nobody changes. */
type Task = Unticketed<ToWorker> & { bytes: Uint8Array };

/** Evaluates blocks, on other threads or on this one. */
export interface EvaluatorPool extends AsyncDisposable {
  /** Resolves when there is room for another block. */
  room(): Promise<void>;
  /** Chunks of one member are evaluated in the order in which they are given. */
  evaluate(task: Task): Promise<BlockResult>;
}

export function createPool(threads: number, options: EvaluatorOptions): EvaluatorPool {
  return threads <= 1 ? new InlinePool(options) : new SharedPool(threads, options);
}

class InlinePool implements EvaluatorPool {
  readonly #evaluator: Evaluator;

  constructor(options: EvaluatorOptions) {
    this.#evaluator = new Evaluator(options);
  }

  async room(): Promise<void> {}

  async evaluate(task: Task): Promise<BlockResult> {
    const { memberId, info } = task;
    const bytes = Buffer.from(task.bytes.buffer, task.bytes.byteOffset, task.bytes.byteLength);
    return task.kind === 'lines'
      ? this.#evaluator.lines(memberId, info, bytes, task.offset)
      : this.#evaluator.chunk(memberId, info, bytes, task.last);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface Waiting {
  thread: number;
  resolve: (result: BlockResult) => void;
  reject: (error: unknown) => void;
}

/**
 * This thread, which also reads, and others beside it. It evaluates only what the others have no room for, so that rules are
 * held once for each thread that works and none waits for blocks.
 */
class SharedPool implements EvaluatorPool {
  readonly #own: InlinePool;
  readonly #workers: Worker[];
  readonly #load: number[];
  readonly #waiting = new Map<number, Waiting>();
  readonly #limit: number;
  /** Threads that have ended, and why: what is sent to them gets no answer. */
  readonly #ended = new Map<number, unknown>();
  #ticket = 0;
  #wake: (() => void) | null = null;
  /** Whether this thread was at work: answers of the others wait to be heard. */
  #isDeaf = false;

  constructor(threads: number, options: EvaluatorOptions) {
    const others = threads - 1;
    this.#limit = others * WAITING_PER_THREAD + 1;
    this.#load = Array.from({ length: others }, () => 0);
    // They load the rules while this thread does.
    this.#workers = this.#load.map((_, thread) => this.#start(thread, options));
    this.#own = new InlinePool(options);
  }

  async room(): Promise<void> {
    if (this.#isDeaf) await setImmediate();
    this.#isDeaf = false;
    while (this.#waiting.size >= this.#limit)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  evaluate(task: Task): Promise<BlockResult> {
    const thread = task.kind === 'lines' ? this.#withRoom() : (task.memberId % (this.#workers.length + 1)) - 1;
    if (thread === OWN) {
      this.#isDeaf = true;
      return this.#own.evaluate(task);
    }
    if (this.#ended.has(thread)) return Promise.reject(this.#ended.get(thread));
    const ticket = (this.#ticket += 1);
    this.#load[thread] = (this.#load[thread] ?? 0) + 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { thread, resolve, reject });
      // A copy in a buffer of its own, which can move to the other thread.
      const bytes = new Uint8Array(task.bytes);
      this.#workers[thread]?.postMessage({ ...task, bytes, ticket }, [bytes.buffer]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(thread: number, options: EvaluatorOptions): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options });
    worker.on('message', ({ ticket, result }: FromWorker) => this.#settle(ticket, (one) => one.resolve(result)));
    worker.on('error', (error) => this.#end(thread, error));
    worker.on('exit', () => this.#end(thread, new Error('a scanning thread has ended')));
    return worker;
  }

  #end(thread: number, reason: unknown): void {
    if (!this.#ended.has(thread)) this.#ended.set(thread, reason);
    for (const [ticket, one] of this.#waiting)
      if (one.thread === thread) this.#settle(ticket, () => one.reject(reason));
  }

  #settle(ticket: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(ticket);
    if (waiting === undefined) return;
    this.#waiting.delete(ticket);
    this.#load[waiting.thread] = (this.#load[waiting.thread] ?? 1) - 1;
    how(waiting);
    this.#wake?.();
    this.#wake = null;
  }

  /** The other thread with the fewest blocks waiting, or this one when all have enough. */
  #withRoom(): number {
    const load = this.#load.map((waiting, thread) => (this.#ended.has(thread) ? Infinity : waiting));
    const least = Math.min(...load);
    return least < WAITING_PER_THREAD ? load.indexOf(least) : OWN;
  }
}
