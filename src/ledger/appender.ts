import type { AppendRequest, BatchSealer, PreparedFrame } from './batch.ts';
import { dayOf } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import type { JournalWriter } from './journal.ts';
import { FRAME_BYTES_TARGET, FRAME_ENTRIES_TARGET, PIPELINE_ENTRIES_MIN, QUEUE_CALLS_MAX } from './limits.ts';
import type { RightEdge } from './tlog/right-edge.ts';
import type { AppendResult } from './types.ts';

interface Call {
  kind: 'append';
  request: AppendRequest;
  bytes: number;
  resolve: (result: AppendResult) => void;
  reject: (error: unknown) => void;
}

interface Work {
  kind: 'work';
  run: () => Promise<void>;
  reject: (error: unknown) => void;
}

/** A frame that has become durable, and where it lies. */
export interface CommittedFrame {
  frame: PreparedFrame;
  segment: number;
  offset: number;
}

export interface AppenderOptions {
  sealer: BatchSealer;
  journal: JournalWriter;
  edge: RightEdge;
  /** Called once for each durable frame, before its callers get their answer. */
  onCommitted: (committed: CommittedFrame) => void;
  /** Called after a new segment has begun at `firstIndex`. */
  onRotated: (firstIndex: number) => void;
}

/**
 * Group commit: while one frame is being synced the next calls gather; they share one write, one
 * `fdatasync` and then get their answers. A failed write or sync ends the appender for good, because
 * after it nobody knows what the disk holds.
 */
export class Appender {
  readonly #options: AppenderOptions;
  #edge: RightEdge;
  #queue: (Call | Work)[] = [];
  #queuedEntries = 0;
  #running: Promise<void> | null = null;
  #failure: LedgerError | null = null;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#edge = options.edge;
  }

  /** Why the appender has ended, or null while it works. */
  get failure(): LedgerError | null {
    return this.#failure;
  }

  /** Appends the entries of one call; resolves when they are durable. */
  append(request: AppendRequest, bytes: number): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      if (this.#queue.length >= QUEUE_CALLS_MAX) {
        reject(new LedgerError('too_large', `more than ${QUEUE_CALLS_MAX} append calls wait; wait for their answers`));
        return;
      }
      this.#queuedEntries += request.entries.length;
      this.#enqueue({ kind: 'append', request, bytes, resolve, reject });
    });
  }

  /** Runs `work` between two frames: while it runs, nothing is appended. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): Promise<void> => work().then(resolve, reject);
      this.#enqueue({ kind: 'work', run, reject });
    });
  }

  /** Ends the appender for good because the journal failed; gives the failure. */
  end(error: unknown): LedgerError {
    this.#failure ??=
      error instanceof LedgerError ? error : new LedgerError('write_failed', 'the journal failed', { cause: error });
    return this.#failure;
  }

  /** Resolves when all that was asked for so far has been answered. */
  async drain(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #enqueue(item: Call | Work): void {
    if (this.#failure !== null) {
      item.reject(deadHandle(this.#failure));
      return;
    }
    this.#queue.push(item);
    // The first frame waits for the end of the current turn, so that calls made together share it.
    this.#running ??= Promise.resolve()
      .then(() => this.#run())
      .finally(() => {
        this.#running = null;
        if (this.#queue.length > 0) this.#restart();
      });
  }

  #restart(): void {
    const waiting = this.#queue;
    this.#queue = [];
    for (const item of waiting) this.#enqueue(item);
  }

  async #run(): Promise<void> {
    let inFlight: Promise<void> | null = null;
    while (this.#failure === null && (this.#queue.length > 0 || inFlight !== null)) {
      if (inFlight !== null && this.#queuedEntries < PIPELINE_ENTRIES_MIN) {
        await inFlight;
        inFlight = null;
        continue;
      }
      const next = this.#queue[0];
      if (next?.kind === 'work') {
        if (inFlight !== null) await inFlight;
        inFlight = null;
        this.#queue.shift();
        await next.run();
        continue;
      }
      const calls = this.#take();
      const prepared = await this.#prepare(calls, inFlight);
      if (inFlight !== null) await inFlight;
      inFlight = prepared === null ? null : this.#commit(prepared, calls);
    }
    if (inFlight !== null) await inFlight;
    if (this.#failure !== null) this.#rejectAll(this.#failure);
  }

  /** The calls of the next frame: of one receive day, within the limits of a frame, at least one. */
  #take(): Call[] {
    const calls: Call[] = [];
    let entries = 0;
    let bytes = 0;
    let day: number | null = null;
    for (const item of this.#queue) {
      if (item.kind === 'work') break;
      const itemDay = dayOf(item.request.receivedMs);
      entries += item.request.entries.length;
      bytes += item.bytes;
      const fits = itemDay === (day ?? itemDay) && entries <= FRAME_ENTRIES_TARGET && bytes <= FRAME_BYTES_TARGET;
      if (calls.length > 0 && !fits) break;
      day = itemDay;
      calls.push(item);
    }
    this.#queue.splice(0, calls.length);
    for (const call of calls) this.#queuedEntries -= call.request.entries.length;
    return calls;
  }

  /** Prepares a frame while the one before it is being synced. What fails here fails these calls alone. */
  async #prepare(calls: readonly Call[], inFlight: Promise<void> | null): Promise<PreparedFrame | null> {
    const edge = this.#edge.clone();
    const requests = calls.map((call) => call.request);
    try {
      const prepared = this.#options.sealer.prepare(requests, edge);
      this.#edge = edge;
      return prepared;
    } catch (error) {
      if (inFlight !== null) await inFlight;
      for (const call of calls) call.reject(error);
      return null;
    }
  }

  async #commit(prepared: PreparedFrame, calls: readonly Call[]): Promise<void> {
    const { journal, onCommitted, onRotated } = this.#options;
    if (this.#failure !== null) {
      for (const call of calls) call.reject(deadHandle(this.#failure));
      return;
    }
    try {
      if (journal.full && prepared.firstIndex > journal.end.segment) {
        await journal.rotate(prepared.firstIndex, prepared.rootBefore);
        onRotated(prepared.firstIndex);
      }
      const { segment } = journal.end;
      const offset = await journal.append(prepared.bytes);
      onCommitted({ frame: prepared, segment, offset });
    } catch (error) {
      const failure = this.end(error);
      for (const call of calls) call.reject(failure);
      return;
    }
    let firstIndex = prepared.firstIndex;
    for (const call of calls) {
      const size = firstIndex + call.request.entries.length;
      call.resolve({ firstIndex, size });
      firstIndex = size;
    }
  }

  #rejectAll(failure: LedgerError): void {
    for (const item of this.#queue) item.reject(deadHandle(failure));
    this.#queue = [];
    this.#queuedEntries = 0;
  }
}

export function deadHandle(cause: LedgerError): LedgerError {
  return new LedgerError('handle_dead', `the ledger stopped after a failed write: ${cause.message}`, {
    cause,
    advice: cause.advice ?? 'open the ledger again',
  });
}
