import type { Kysely } from 'kysely';
import type { Clock, Log, RandomFill } from '#kernel';
import { silentLog, systemClock, systemRandom } from '#kernel';
import {
  type IngestTables,
  type OcsfEvent,
  PatientCounter,
  type RawPolicies,
  ownEventEntry,
  validateEvent,
} from '#ingest';
import { type EntryInput, type Ledger, LedgerError } from '#ledger';
import { Appending } from './appending.ts';
import { DOOR_PROBE_EVERY_MS, Door, freeBytesOf } from './door.ts';
import { LiveError } from './errors.ts';
import { GROUPS_AHEAD, SAVE_EVERY_MS, SUBMISSION_BYTES_MAX } from './limits.ts';
import { type MappedRecords, WatchedFiles } from './files/watched-files.ts';
import type { Timing } from './files/limits.ts';
import type { WatchedPath, WatchedState } from './files/types.ts';
import { mapGroup } from './mapping/group.ts';
import { MappingThread } from './mapping/thread.ts';
import { SubmissionQueue, type Ticket } from './queue.ts';
import { Registry, noSuchSource } from './registry.ts';
import { type IntakeTables, SourceStore } from './store.ts';
import type {
  AppendedBatch,
  IntakeLoad,
  LiveIntake,
  LiveSource,
  LiveSourceStatus,
  Sender,
  Submission,
  SubmissionResult,
} from './types.ts';

export interface IntakeOptions {
  /** Opened for writing; stays the caller's. */
  ledger: Ledger;
  /** Opened with `INTAKE_MIGRATIONS` and `INGEST_MIGRATIONS`; stays the caller's. */
  state: Kysely<IntakeTables & IngestTables>;
  /** The data directory, whose volume is asked for its free space. */
  dir: string;
  /** A look at each record in the mapping thread; see `TapModule`. */
  tap?: { module: URL; options: unknown };
  /** What is kept of records as received. */
  raw?: RawPolicies;
  /** IANA zone of times that state none, for sources without one of their own; default UTC. */
  zone?: string;
  clock?: Clock;
  random?: RandomFill;
  log?: Log;
  /** For tests: another answer than that of the disk, and other pauses. */
  freeBytes?: () => Promise<number>;
  probeEveryMs?: number;
  saveEveryMs?: number;
  fileTiming?: Partial<Timing>;
}

/**
 * Opens the door for live events.
 * @throws {Error} when the tap's module cannot be loaded.
 */
export async function openIntake(options: IntakeOptions): Promise<LiveIntake> {
  const { clock = systemClock, random = systemRandom, log = silentLog, raw = {} } = options;
  const registry = await Registry.open({ store: new SourceStore(options.state), clock, random });
  const patients = await PatientCounter.open(options.state, options.ledger);
  const { tap } = options;
  const data = { raw, tap: tap === undefined ? null : { module: tap.module.href, options: tap.options } };
  const thread = new MappingThread(data, { clock, log });
  await thread.start();
  return new LiveDoor(options, { registry, patients, thread, clock, log });
}

interface Parts {
  registry: Registry;
  patients: PatientCounter;
  thread: MappingThread;
  clock: Clock;
  log: Log;
}

/** The intake: lets submissions in, has them mapped, appends them, and tells. */
class LiveDoor implements LiveIntake {
  readonly #options: IntakeOptions;
  readonly #parts: Parts;
  readonly #queue = new SubmissionQueue();
  readonly #appending: Appending;
  readonly #door: Door;
  readonly #timer: NodeJS.Timeout;
  #tapOptions: unknown = null;
  #groupsUnderway = 0;
  /** The groups' appends follow one another in the order in which they were taken. */
  #turn: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;
  #files: WatchedFiles | null = null;

  constructor(options: IntakeOptions, parts: Parts) {
    const { ledger, state, dir } = options;
    const { patients, log } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#appending = new Appending({ ledger, patients, log });
    this.#door = new Door({
      ledger,
      freeBytes: options.freeBytes ?? (() => freeBytesOf(dir)),
      probeEveryMs: options.probeEveryMs ?? DOOR_PROBE_EVERY_MS,
      log,
      onShut: (error) => this.#queue.refuse(error),
      // Numbers that were given to lost entries must be given again.
      onReopened: async () => this.#appending.renumber(await PatientCounter.open(state, ledger)),
    });
    this.#timer = setInterval(() => void this.#upkeep(), options.saveEveryMs ?? SAVE_EVERY_MS);
    this.#timer.unref();
  }

  async submit(submission: Submission): Promise<SubmissionResult> {
    this.#checkOpen();
    if (submission.bytes.length > SUBMISSION_BYTES_MAX) throw tooLarge();
    await this.#queue.enter(submission.bytes.length);
    try {
      this.#checkOpen();
      const source = this.#parts.registry.find(submission.sourceId);
      if (source === null) throw noSuchSource();
      return this.#mapped(submission, source);
    } catch (error) {
      this.#queue.leave(submission.bytes.length);
      throw error;
    }
  }

  #mapped(submission: Submission, source: LiveSource): Promise<SubmissionResult> {
    return new Promise((resolve, reject) => {
      this.#queue.add({ submission, source, resolve, reject });
      this.#pump();
    });
  }

  async record(event: Readonly<Record<string, unknown>>): Promise<number> {
    return this.recordAll([event]);
  }

  async recordAll(events: readonly Readonly<Record<string, unknown>>[]): Promise<number> {
    this.#checkOpen();
    const entries = events.map((event) => this.#ownEntry(event));
    try {
      const receivedMs = this.#parts.clock.nowMs();
      const { firstIndex } = await this.#appending.append(entries, { receivedMs, sourceId: null, tapped: new Map() });
      return firstIndex;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  onAppended(listener: (batch: AppendedBatch) => void): void {
    this.#appending.onAppended(listener);
  }

  sources(): readonly LiveSourceStatus[] {
    return this.#parts.registry.statuses();
  }

  source(id: string): LiveSourceStatus | null {
    return this.#parts.registry.status(id);
  }

  sourceOfToken(token: string): LiveSource | null {
    return this.#parts.registry.byToken(token);
  }

  sourceOfSender(sender: Sender): Promise<LiveSource | null> {
    return this.#parts.registry.bySender(sender);
  }

  createSource(create: Omit<LiveSource, 'id'>): Promise<{ source: LiveSource; token: string | null }> {
    return this.#parts.registry.create(create);
  }

  changeSource(id: string, change: Partial<Omit<LiveSource, 'id' | 'kind'>>): Promise<LiveSource> {
    return this.#parts.registry.change(id, change);
  }

  renewToken(id: string): Promise<string | null> {
    return this.#parts.registry.renewToken(id);
  }

  removeSource(id: string): Promise<void> {
    return this.#parts.registry.remove(id);
  }

  noteLost(sourceId: string, count: number): void {
    this.#parts.registry.statistics(sourceId)?.addLost(count, this.#parts.clock.nowMs());
  }

  updateTap(options: unknown): Promise<void> {
    this.#tapOptions = options;
    this.#files?.updateTap(options);
    return this.#parts.thread.updateTap(options);
  }

  async watchFiles(paths: readonly WatchedPath[]): Promise<AsyncDisposable> {
    const { ledger, tap, raw = {}, zone = 'UTC', fileTiming = {} } = this.#options;
    const { registry, log } = this.#parts;
    this.#files = await WatchedFiles.open({
      paths,
      raw,
      zone,
      tap: tap === undefined ? null : { module: tap.module.href, options: this.#tapOptions ?? tap.options },
      marks: () => ledger.marks(),
      sourceOf: (sender) => registry.bySender(sender),
      sinceMs: (id) => registry.status(id)?.createdMs ?? 0,
      change: (id, change) => registry.change(id, change),
      append: (records) => this.#appendMapped(records),
      setTrouble: (id, trouble) => registry.statistics(id)?.setTrouble(trouble),
      timing: fileTiming,
      log,
    });
    return this.#files;
  }

  watchedFiles(): readonly WatchedState[] {
    return this.#files?.states() ?? [];
  }

  load(): IntakeLoad {
    const shut = this.#closing === null ? (this.#door.shut?.message ?? null) : 'Wardkeep is stopping';
    const { deaths } = this.#parts.thread;
    return {
      queued: this.#queue.count,
      queuedBytes: this.#queue.bytes,
      shut,
      threadDeaths: deaths.total,
      diesOften: deaths.isOften,
    };
  }

  isFull(): boolean {
    return this.#queue.isFull;
  }

  settled(): Promise<void> {
    return this.#queue.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#files?.[Symbol.asyncDispose]();
    await this.#queue.settled();
    this.#door[Symbol.dispose]();
    await this.#parts.thread[Symbol.asyncDispose]();
    await this.#parts.registry.saveStatistics();
    await this.#appending[Symbol.asyncDispose]();
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new LiveError('unavailable', 'Wardkeep is stopping');
    if (this.#door.shut !== null) throw this.#door.shut;
  }

  /** @throws {LiveError} `bad_event` where it has no class. What is not quite valid is a bug, yet better kept than lost. */
  #ownEntry(event: Readonly<Record<string, unknown>>): EntryInput {
    if (typeof event['class_uid'] !== 'number') throw new LiveError('bad_event', 'an event of our own has no class');
    const [problem] = validateEvent(event);
    if (problem !== undefined)
      this.#parts.log.warn('an event of our own is not valid', { at: problem.path, code: problem.code });
    const { normal, patient, ...entry } = ownEventEntry(event as unknown as OcsfEvent);
    return { ...entry, normal: Buffer.from(normal), patient: patient === null ? null : Buffer.from(patient) };
  }

  #pump(): void {
    while (this.#groupsUnderway < GROUPS_AHEAD && !this.#queue.isEmpty) {
      this.#groupsUnderway += 1;
      void this.#run(this.#queue.take());
    }
  }

  /** Maps a group and appends it when those before it were; each submission is answered by itself. */
  async #run(group: readonly Ticket[]): Promise<void> {
    const before = this.#turn;
    const mine = Promise.withResolvers<void>();
    this.#turn = mine.promise;
    const mapped = await mapGroup(this.#parts.thread, group, this.#options.zone);
    this.#groupsUnderway -= 1;
    this.#pump();
    await before;
    for (const [n, outcome] of mapped.entries()) {
      const ticket = group[n];
      if (ticket !== undefined) await this.#settle(ticket, outcome);
    }
    mine.resolve();
  }

  /** Hands one submission to the ledger; resolves as soon as its place there is taken. */
  async #settle(ticket: Ticket, outcome: Awaited<ReturnType<typeof mapGroup>>[number]): Promise<void> {
    const { submission, source } = ticket;
    const finish = (answer: () => void): void => {
      this.#queue.leave(submission.bytes.length);
      answer();
    };
    if (outcome instanceof LiveError) return finish(() => ticket.reject(outcome));
    const { entries, tapped, result } = outcome;
    const { receivedMs } = submission;
    const { rejects, gaps, offsets } = result;
    const statistics = this.#parts.registry.statistics(source.id);
    const rejected = Object.values(rejects).reduce((sum, count) => sum + count, 0);
    const done = (firstIndex: number | null): void => {
      statistics?.add({ atMs: receivedMs, events: entries.length, rejects, gaps, offsets });
      finish(() => ticket.resolve({ events: entries.length, rejected, firstIndex }));
    };
    if (entries.length === 0) return done(null);
    const failed = (error: unknown): void => finish(() => ticket.reject(this.#failure(error)));
    try {
      const appended = await this.#appending.start(entries, { receivedMs, sourceId: source.id, tapped });
      appended.durable.then(({ firstIndex }) => done(firstIndex), failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Records that the thread of the files has mapped; resolves when they and their mark are durable. */
  async #appendMapped({ sourceId, entries, tapped, mark, bytes, rejects }: MappedRecords): Promise<void> {
    this.#checkOpen();
    await this.#queue.enter(bytes);
    try {
      this.#checkOpen();
      if (this.#parts.registry.find(sourceId) === null) throw noSuchSource();
      const receivedMs = this.#parts.clock.nowMs();
      await this.#appending.append(entries, { receivedMs, sourceId, tapped, marks: [mark] });
      const progress = { atMs: receivedMs, events: entries.length, rejects, gaps: 0, offsets: [] };
      this.#parts.registry.statistics(sourceId)?.add(progress);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#queue.leave(bytes);
    }
  }

  /** A failed append in the words of this module; a ledger that cannot write shuts the door. */
  #failure(error: unknown): unknown {
    if (!(error instanceof LedgerError)) return error;
    if (error.code === 'too_large') return tooLarge(error);
    if (this.#options.ledger.failure === null)
      return new LiveError('unavailable', `the ledger takes nothing (${error.message})`, { cause: error });
    return this.#door.failed(error);
  }

  async #upkeep(): Promise<void> {
    try {
      await this.#door.check();
      await this.#parts.registry.saveStatistics();
      await this.#appending.save();
    } catch (error) {
      this.#parts.log.error('the state of the sources could not be saved', error);
    }
  }
}

function tooLarge(cause?: unknown): LiveError {
  return new LiveError('too_large', 'this is more than can become durable at once', {
    cause,
    advice: 'send it in smaller parts',
  });
}
