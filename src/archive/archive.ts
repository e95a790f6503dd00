import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import { type Clock, type Log, silentLog, systemRandom } from '#kernel';
import { className, classUids } from '#ingest';
import type { AppendedBatch } from '#ingest/live';
import type { RetentionClass, StoredEntry } from '#ledger';
import { standInMaker } from './engine/stand-in.ts';
import { ArchiveError } from './errors.ts';
import { AHEAD_BYTES_MAX, MESSAGE_ENTRIES_MAX } from './limits.ts';
import type { BatchMessage, Call, Failure, FromWorker, Status, ToWorker, WorkerStart } from './protocol.ts';
import { type PackableEntry, packBatch } from './protocol.ts';
import type { Archive, EventQuery, EventRow, SqlOptions, SqlResult } from './types.ts';
import { keepUp } from './keep-up.ts';
import { VIEWS, columnsOf } from './views.ts';

export interface ArchiveOptions {
  /** The data directory; the archive lies in `archive` below it. */
  dir: string;
  /**
   * `write` (default) is for the process that holds the ledger's write lock; `read` changes nothing, and looks at the files
   * and at the newest entries behind them.
   */
  mode?: 'write' | 'read';
  /** Name of the log: an archive of another one is made anew. */
  origin: string;
  /** Entries [from, to) of the ledger in order: `(from, to) => ledger.read({ from, to })`. */
  readFrom: (from: number, to: number) => AsyncIterable<readonly StoredEntry[]>;
  /** Durable entries. */
  ledgerSize: () => number;
  log?: Log;
  clock?: Clock;
  /** Days that each class is kept, as the ledger has it: younger files are not asked about. Default: every past day is. */
  retentionDays?: () => Readonly<Record<RetentionClass, number>>;
  /** For tests: the time of the archive's thread stands still. */
  nowMs?: number;
}

/**
 * Opens the archive in a thread of its own and lets it catch up with the ledger in the background.
 * @throws {ArchiveError} `corrupt`, `newer_format`, `unavailable`
 */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  const archive = new ArchiveHandle(options);
  await archive.ready;
  archive.catchUp();
  return archive;
}

class ArchiveHandle implements Archive {
  readonly #options: ArchiveOptions;
  readonly #log: Log;
  readonly #worker: Worker;
  readonly #pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly ready: Promise<void>;
  #status: Status = { sealedTo: 0, seenTo: 0, files: 0, bytes: 0, damaged: [] };
  #calls = 0;
  /** Index of the next entry to be handed to the thread. */
  #next = 0;
  /** Bytes that the thread has not taken yet. */
  #ahead = 0;
  #onTaken: (() => void)[] = [];
  #catchingUp: Promise<void> | null = null;
  #upkeep: Promise<void> = Promise.resolve();
  #ended: Error | null = null;
  /** Made when it is first needed: by then the thread has written its key. */
  #standIn: ((patient: string) => string) | null = null;
  readonly #exited: Promise<void>;

  constructor(options: ArchiveOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    const workerData: WorkerStart = {
      root: join(options.dir, 'archive'),
      origin: options.origin,
      ledgerSize: options.ledgerSize(),
      isReadOnly: options.mode === 'read',
      classNames: Object.fromEntries(classUids().map((uid) => [uid, className(uid) ?? String(uid)])),
      nowMs: options.nowMs ?? null,
    };
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
    const begun = Promise.withResolvers<void>();
    this.ready = begun.promise;
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#end(unavailable());
        begun.reject(this.#ended ?? unavailable());
        resolve();
      });
    });
    this.#worker.on('error', (error) => {
      this.#log.error('the archive has stopped', error);
      this.#end(unavailable(error));
    });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message, begun));
  }

  #hear(message: FromWorker, begun: PromiseWithResolvers<void>): void {
    switch (message.kind) {
      case 'ready':
        this.#status = message.status;
        this.#next = message.status.seenTo;
        return begun.resolve();
      case 'stopped':
        this.#end(errorOf(message.failure));
        return begun.reject(errorOf(message.failure));
      case 'taken':
        this.#status = message.status;
        this.#ahead -= message.bytes;
        for (const wake of this.#onTaken.splice(0)) wake();
        return;
      case 'reply':
        this.#status = message.status;
        this.#pending.get(message.id)?.resolve(message.value);
        this.#pending.delete(message.id);
        return;
      case 'failure':
        this.#pending.get(message.id)?.reject(errorOf(message.failure));
        this.#pending.delete(message.id);
        return;
      case 'log':
        return this.#say(message);
    }
  }

  #say({ level, message, fields }: Extract<FromWorker, { kind: 'log' }>): void {
    if (level === 'error') this.#log.error(message, new Error(String(fields['error'] ?? '')), fields);
    else this.#log[level](message, fields);
  }

  accept(batch: AppendedBatch): void {
    const [first] = batch.entries;
    const last = batch.entries.at(-1);
    if (first === undefined || last === undefined || last.index < this.#next || this.#ended !== null) return;
    // While entries are read from the ledger, these come from there, too.
    if (this.#catchingUp !== null) return;
    if (first.index > this.#next || this.#ahead > AHEAD_BYTES_MAX) return this.catchUp();
    const { receivedMs, sourceId } = batch;
    this.#send(
      batch.entries.map((entry) => ({ ...entry, receivedMs })),
      sourceId,
    );
  }

  /** Hands over consecutive entries, of which those before `#next` are known already. */
  #send(entries: readonly PackableEntry[], sourceId: string | null, to = (entries.at(-1)?.index ?? -1) + 1): void {
    const fresh = entries.filter(({ index }) => index >= this.#next);
    for (let n = 0; n < fresh.length || n === 0; n += MESSAGE_ENTRIES_MAX) {
      const part = fresh.slice(n, n + MESSAGE_ENTRIES_MAX);
      const isLast = n + MESSAGE_ENTRIES_MAX >= fresh.length;
      this.#post(packBatch(part, sourceId, isLast ? to : (part.at(-1)?.index ?? 0) + 1));
    }
    this.#next = Math.max(this.#next, to);
  }

  #post(message: BatchMessage): void {
    this.#ahead += message.body.length;
    this.#worker.postMessage(message satisfies ToWorker, [
      message.body.buffer,
      message.heads.buffer,
      message.receivedMs.buffer,
    ]);
  }

  /** Reads from the ledger what the archive has not seen; returns at once. */
  catchUp(): void {
    if (this.#catchingUp !== null || this.#next >= this.#options.ledgerSize()) return;
    this.#catchingUp = this.#readLedger()
      .then(() => true)
      .catch((error: unknown) => {
        this.#log.error('the archive could not read the ledger', error);
        return false;
      })
      .then((isDone) => {
        this.#catchingUp = null;
        // What came in the moment in which reading ended was taken for read.
        if (isDone && this.#ended === null) this.catchUp();
      });
  }

  async #readLedger(): Promise<void> {
    while (this.#ended === null && this.#next < this.#options.ledgerSize()) {
      const to = this.#options.ledgerSize();
      for await (const entries of this.#options.readFrom(this.#next, to)) {
        if (this.#ended !== null) return;
        const last = entries.at(-1);
        if (last === undefined) continue;
        // A body that is erased or expired has no row.
        const present = entries.filter(({ state }) => state === 'present');
        this.#send(present, null, last.index + 1);
        while (this.#ahead > AHEAD_BYTES_MAX && this.#ended === null)
          await new Promise<void>((resolve) => this.#onTaken.push(resolve));
      }
      this.#next = Math.max(this.#next, to);
    }
  }

  events(query: EventQuery): Promise<EventRow[]> {
    return this.#call({ name: 'events', query });
  }

  hunt(sql: string, { signal, ...options }: SqlOptions): Promise<SqlResult> {
    return this.#call({ name: 'hunt', sql, options }, signal);
  }

  exportTo(
    path: string,
    sql: string,
    { signal, ...options }: SqlOptions & { format: 'csv' | 'json' | 'parquet' },
  ): Promise<void> {
    return this.#call({ name: 'exportTo', path, sql, options }, signal);
  }

  standIn(patient: string): string {
    this.#standIn ??= standInMaker(join(this.#options.dir, 'archive'), { random: systemRandom, isReadOnly: true });
    return this.#standIn(patient);
  }

  views(): ReturnType<Archive['views']> {
    return VIEWS.map((view) => ({
      name: view.name,
      description: view.description,
      columns: columnsOf(view),
      example: view.example,
    }));
  }

  activity(hours: number): Promise<{ hourMs: number; events: number; findings: number }[]> {
    return this.#call({ name: 'activity', hours });
  }

  async settled(): Promise<void> {
    if (this.#catchingUp === null && this.#next < this.#options.ledgerSize()) this.catchUp();
    while (this.#catchingUp !== null) await this.#catchingUp;
    await this.#call({ name: 'settled' });
  }

  async seal({ all = false }: { all?: boolean } = {}): Promise<void> {
    await this.#call({ name: 'seal', all });
  }

  applyRetention(): Promise<void> {
    this.#upkeep = this.#upkeep
      .catch(() => undefined)
      .then(() => keepUp({ ...this.#options, call: (call) => this.#call(call), log: this.#log }));
    return this.#upkeep;
  }

  status(): Status {
    return { ...this.#status, damaged: [...this.#status.damaged] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended === null) await this.#call({ name: 'close' }).catch(() => undefined);
    this.#end(new ArchiveError('unavailable', 'the archive was closed'));
    await this.#exited;
  }

  #call<T>(call: Call, signal?: AbortSignal): Promise<T> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (signal?.aborted === true) return Promise.reject(new ArchiveError('cancelled', 'the hunt was cancelled'));
    this.#calls += 1;
    const id = this.#calls;
    const onAbort = (): void => this.#worker.postMessage({ kind: 'cancel', id } satisfies ToWorker);
    signal?.addEventListener('abort', onAbort);
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: (value) => resolve(value as T), reject });
      this.#worker.postMessage({ kind: 'call', id, call } satisfies ToWorker);
    }).finally(() => signal?.removeEventListener('abort', onAbort));
  }

  /** From now on every call fails with `error`. */
  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
    for (const wake of this.#onTaken.splice(0)) wake();
  }
}

function unavailable(cause?: unknown): ArchiveError {
  return new ArchiveError('unavailable', 'the archive’s thread has ended', {
    cause,
    advice: 'restart Wardkeep; the ledger has everything, and the archive catches up from it',
  });
}

function errorOf({ code, text, advice }: Failure): Error {
  if (code === null) return new Error(`the archive has a fault: ${text}`);
  return new ArchiveError(code, text, advice === undefined ? {} : { advice });
}
