import { join } from 'node:path';
import { type Clock, Deaths, type Log, silentLog, systemClock, systemRandom } from '#kernel';
import { className, classUids } from '#ingest';
import type { AppendedBatch } from '#ingest/live';
import type { RetentionClass, StoredEntry } from '#ledger';
import { standInMaker } from './engine/stand-in.ts';
import { ArchiveError } from './errors.ts';
import { AHEAD_BYTES_MAX, MESSAGE_ENTRIES_MAX, THREAD_HEAP_MB } from './limits.ts';
import { type Call, type PackableEntry, type Status, type WorkerStart, packBatch } from './protocol.ts';
import { ArchiveThread } from './thread.ts';
import type { Archive, ArchiveStatus, EventQuery, EventRow, SqlOptions, SqlResult } from './types.ts';
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
  /**
   * Opens also where the thread cannot begin (a broken archive, a thread that dies at once), and goes on trying: what
   * rests on the archive says so, and all else goes on. The server has it so.
   */
  keepsTrying?: boolean;
  /** For tests: JavaScript heap above which the archive's thread gives up, MiB. */
  heapMb?: number;
  /** For tests: another thread. */
  module?: URL;
}

/**
 * Opens the archive in a thread of its own and lets it catch up with the ledger in the background. A thread that dies is
 * started anew, and reads again from the ledger what it had not sealed.
 * @throws {ArchiveError} `corrupt`, `newer_format`, `unavailable`; with `keepsTrying` nothing.
 */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  const archive = new ArchiveHandle(options);
  await archive.begin();
  archive.catchUp();
  return archive;
}

class ArchiveHandle implements Archive {
  readonly #options: ArchiveOptions;
  readonly #log: Log;
  readonly #deaths: Deaths;
  /** Null between two lives. */
  #thread: ArchiveThread | null = null;
  /** The one that began last; it may not be ready yet. */
  #newest: ArchiveThread | null = null;
  #status: Status = { sealedTo: 0, seenTo: 0, files: 0, bytes: 0, damaged: [] };
  /** Index of the next entry to be handed to the thread. */
  #next = 0;
  /** Bytes that the thread has not taken yet. */
  #ahead = 0;
  #onTaken: (() => void)[] = [];
  #catchingUp: Promise<void> | null = null;
  /** Until the archive has come so far, searches show less than they did before its thread died. */
  #refillTo = 0;
  #upkeep: Promise<void> = Promise.resolve();
  /** Why nothing can be asked; null while there is a thread. */
  #failure: Error | null = null;
  #again: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** Made when it is first needed: by then the thread has written its key. */
  #standIn: ((patient: string) => string) | null = null;

  constructor(options: ArchiveOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#deaths = new Deaths(options.clock ?? systemClock);
  }

  /** The first life. */
  async begin(): Promise<void> {
    try {
      await this.#live();
    } catch (error) {
      if (this.#options.keepsTrying === true) {
        this.#failure = error as Error;
        return;
      }
      this.#isClosed = true;
      if (this.#again !== null) clearTimeout(this.#again);
      throw error;
    }
  }

  /** Starts the thread; when it ends unasked, another one follows after a pause. */
  async #live(): Promise<void> {
    const thread = new ArchiveThread({
      start: this.#start(),
      log: this.#log,
      module: this.#options.module,
      onStatus: (status, bytes) => {
        if (thread === this.#thread) this.#taken(status, bytes);
      },
    });
    this.#newest = thread;
    void thread.ended.then((reason) => this.#died(reason));
    const status = await thread.ready;
    if (this.#isClosed) return;
    this.#status = status;
    this.#next = status.seenTo;
    this.#ahead = 0;
    this.#failure = null;
    this.#thread = thread;
  }

  #start(): WorkerStart {
    const { dir, origin, ledgerSize, mode, nowMs = null, heapMb = THREAD_HEAP_MB } = this.#options;
    return {
      root: join(dir, 'archive'),
      origin,
      ledgerSize: ledgerSize(),
      isReadOnly: mode === 'read',
      classNames: Object.fromEntries(classUids().map((uid) => [uid, className(uid) ?? String(uid)])),
      nowMs,
      heapMb,
    };
  }

  #died(reason: Error): void {
    if (this.#isClosed) return;
    this.#thread = null;
    this.#failure = reason;
    this.#refillTo = this.#options.ledgerSize();
    for (const wake of this.#onTaken.splice(0)) wake();
    const pauseMs = this.#deaths.note();
    this.#log.warn('the thread of the archive has ended and is started anew', { deaths: this.#deaths.total, pauseMs });
    this.#again = setTimeout(() => {
      this.#again = null;
      // When it cannot begin, its end has been noted, and the next attempt waits.
      this.#live().then(
        () => this.catchUp(),
        () => undefined,
      );
    }, pauseMs);
    this.#again.unref();
  }

  #taken(status: Status, bytes: number): void {
    this.#status = status;
    this.#ahead -= bytes;
    if (bytes > 0) for (const wake of this.#onTaken.splice(0)) wake();
  }

  accept(batch: AppendedBatch): void {
    const [first] = batch.entries;
    const last = batch.entries.at(-1);
    if (first === undefined || last === undefined || last.index < this.#next || this.#thread === null) return;
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
      const message = packBatch(part, sourceId, isLast ? to : (part.at(-1)?.index ?? 0) + 1);
      this.#ahead += message.body.length;
      this.#thread?.post(message);
    }
    this.#next = Math.max(this.#next, to);
  }

  /** Reads from the ledger what the archive has not seen; returns at once. */
  catchUp(): void {
    const thread = this.#thread;
    if (this.#catchingUp !== null || thread === null || this.#next >= this.#options.ledgerSize()) return;
    this.#catchingUp = this.#readLedger(thread)
      .then(() => true)
      .catch((error: unknown) => {
        this.#log.error('the archive could not read the ledger', error);
        return false;
      })
      .then((isDone) => {
        this.#catchingUp = null;
        // What came in the moment in which reading ended was taken for read; another thread begins where it is.
        if (isDone || thread !== this.#thread) this.catchUp();
      });
  }

  async #readLedger(thread: ArchiveThread): Promise<void> {
    const isOver = (): boolean => thread !== this.#thread;
    while (!isOver() && this.#next < this.#options.ledgerSize()) {
      const to = this.#options.ledgerSize();
      for await (const entries of this.#options.readFrom(this.#next, to)) {
        if (isOver()) return;
        const last = entries.at(-1);
        if (last === undefined) continue;
        // A body that is erased or expired has no row.
        const present = entries.filter(({ state }) => state === 'present');
        this.#send(present, null, last.index + 1);
        while (this.#ahead > AHEAD_BYTES_MAX && !isOver())
          await new Promise<void>((resolve) => this.#onTaken.push(resolve));
      }
      if (!isOver()) this.#next = Math.max(this.#next, to);
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

  status(): ArchiveStatus {
    const { total: deaths, isOften } = this.#deaths;
    const isBehind = this.#thread === null || this.#thread.failure !== null || this.#status.seenTo < this.#refillTo;
    const state = isOften ? 'degraded' : isBehind ? 'restarting' : 'up';
    return {
      ...this.#status,
      damaged: [...this.#status.damaged],
      state,
      deaths,
      problem: (this.#failure ?? this.#thread?.failure)?.message ?? null,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    if (this.#again !== null) clearTimeout(this.#again);
    this.#thread = null;
    this.#failure ??= new ArchiveError('unavailable', 'the archive was closed');
    for (const wake of this.#onTaken.splice(0)) wake();
    const newest = this.#newest;
    await newest?.ready.catch(() => undefined);
    await newest?.close();
  }

  #call<T>(call: Call, signal?: AbortSignal): Promise<T> {
    if (this.#thread === null)
      return Promise.reject(this.#failure ?? new ArchiveError('unavailable', 'the archive was closed'));
    return this.#thread.call<T>(call, signal);
  }
}
