import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Log, RandomFill } from '#kernel';
import { invariant, silentLog, systemClock, systemRandom } from '#kernel';
import { LedgerError } from './errors.ts';
import type { Faults } from './faults.ts';
import { noFaults } from './faults.ts';
import { layoutOf } from './layout.ts';
import { PUBLISH_INTERVAL_MS, READ_BATCH_ENTRIES, SEGMENT_BYTES_TARGET } from './limits.ts';
import { WriteLock } from './lock.ts';
import type { Manifest } from './manifest.ts';
import { readManifest } from './manifest.ts';
import { OWN_MARK_PREFIX } from './marks.ts';
import type { Proof, ProveOptions } from './prove.ts';
import { prove } from './prove.ts';
import { Store } from './store.ts';
import type { AppendOptions, AppendResult, EntryInput, ReadOptions, SourceMark, StoredEntry } from './types.ts';
import { Upkeep } from './upkeep.ts';
import { Writer } from './writer.ts';

export interface OpenOptions {
  /** Data directory. */
  dir: string;
  /** Master key; default is where `createLedger` put it. */
  keyFile?: string;
  /** `write` (default) takes the lock; `read` is a snapshot at the last durable batch, also beside a writer. */
  mode?: 'write' | 'read';
  /** The anchor is lost for good: a writer puts a new one in its place instead of refusing to open. */
  newAnchor?: boolean;
  /** Pause between two publications in the background, ms; 0 publishes only when asked and when closed. */
  publishEveryMs?: number;
  /** Size from which a journal segment is followed by a new one; default `SEGMENT_BYTES_TARGET`. */
  segmentBytes?: number;
  clock?: Clock;
  random?: RandomFill;
  log?: Log;
  faults?: Faults;
}

/**
 * Opens a ledger. A writer takes the lock, drops a torn tail, and finishes what a crash interrupted.
 * @throws {LedgerError} `missing`, `locked`, `key_missing`, `key_wrong`, `key_open`, `key_inside`, `newer_format`,
 * `corrupt`, `rolled_back`, `forked`, `anchor_missing`.
 */
export async function openLedger(options: OpenOptions): Promise<Ledger> {
  const { dir, keyFile, mode = 'write', faults = noFaults } = options;
  const { clock = systemClock, random = systemRandom, log = silentLog } = options;
  const layout = layoutOf(dir);
  readManifest(layout.manifest, dir);
  const lock = mode === 'write' ? new WriteLock(layout.root) : null;
  try {
    const { newAnchor = false } = options;
    const store = new Store({ dir, keyFile, repair: mode === 'write', newAnchor, world: { clock, random, log } });
    if (lock === null) return new Ledger(store, null, options);
    if (newAnchor) store.renewAnchor();
    const { publishEveryMs = PUBLISH_INTERVAL_MS, segmentBytes = SEGMENT_BYTES_TARGET } = options;
    const writer = new Writer({ store, lock, faults, publishEveryMs, segmentBytes });
    const writing = { writer, upkeep: new Upkeep(store, writer, faults) };
    return await resumed(new Ledger(store, writing, options), store);
  } catch (error) {
    lock?.[Symbol.dispose]();
    throw error;
  }
}

/** Finishes what a crash interrupted; a successor that is still empty first names the log before it. */
async function resumed(ledger: Ledger, store: Store): Promise<Ledger> {
  const { predecessor } = store.manifest;
  try {
    await ledger.upkeep.resume();
    if (store.head.size === 0 && predecessor !== null) {
      await ledger.upkeep.record({
        kind: 'log_opened',
        predecessor: predecessor.origin,
        checkpoint: predecessor.checkpoint,
      });
    }
    return ledger;
  } catch (error) {
    await ledger[Symbol.asyncDispose]();
    throw error;
  }
}

/** An opened ledger. */
export class Ledger implements AsyncDisposable {
  readonly #options: OpenOptions;
  #store: Store;
  #writer: Writer | null;
  #upkeep: Upkeep | null;

  /** Through `openLedger` only. */
  constructor(store: Store, writing: { writer: Writer; upkeep: Upkeep } | null, options: OpenOptions) {
    this.#options = options;
    this.#store = store;
    this.#writer = writing?.writer ?? null;
    this.#upkeep = writing?.upkeep ?? null;
  }

  /**
   * Erasure, expiry, legal holds, retention, signing keys, and the end of the log.
   * @throws {LedgerError} `read_only`.
   */
  get upkeep(): Upkeep {
    this.#writing();
    invariant(this.#upkeep !== null, 'a writer has an upkeep');
    return this.#upkeep;
  }

  /** Name of the log. */
  get origin(): string {
    return this.#store.origin;
  }

  /** Durable entries. */
  get size(): number {
    return this.#store.head.size;
  }

  /** What the ledger is: public keys, retention, holds. */
  get manifest(): Readonly<Manifest> {
    return this.#store.manifest;
  }

  /**
   * A 32-byte key for one purpose of a module beside the ledger (RFC 5869 of the master key): with it, what lies in clear
   * beside the ledger need not tell whom it is about. The same master key and purpose give the same key.
   */
  deriveKey(purpose: string): Buffer {
    return this.#store.master.derive(`module/${purpose}`);
  }

  /** Root of the durable tree (RFC 6962), 32 bytes. */
  rootHash(): Buffer {
    return Buffer.from(this.#store.head.root);
  }

  /**
   * Appends entries; resolves when they are durable. Calls made at the same time share one write and one
   * `fdatasync`. The entries of one call are consecutive; its marks are saved with them or not at all.
   * @throws {LedgerError} `disk_full`, `write_failed` (then the handle is dead: open again), `handle_dead`,
   * `log_closed`, `read_only`, `too_large`, `bad_option`.
   */
  async append(entries: readonly EntryInput[], options: AppendOptions = {}): Promise<AppendResult> {
    return this.#writing().append(entries, options);
  }

  /** The last durable mark of a source, or null when it has none. */
  mark(sourceId: string): SourceMark | null {
    return sourceId.startsWith(OWN_MARK_PREFIX) ? null : (this.#store.marks.get(sourceId) ?? null);
  }

  /** The last durable mark of every source. */
  marks(): ReadonlyMap<string, SourceMark> {
    return new Map([...this.#store.marks].filter(([sourceId]) => !sourceId.startsWith(OWN_MARK_PREFIX)));
  }

  /**
   * The entries [from, to) in order, in batches of about a thousand; `to` is at most the size at the call.
   * Memory is bounded by the largest batch appended.
   * @throws {LedgerError} `corrupt`.
   */
  async *read(options: ReadOptions = {}): AsyncGenerator<StoredEntry[]> {
    const from = Math.max(0, options.from ?? 0);
    const to = Math.min(options.to ?? this.size, this.size);
    let batch: StoredEntry[] = [];
    for (const { frame } of this.#store.reader.frames(from, to)) {
      batch = batch.concat(this.#store.opener.entries(frame, from, to));
      if (batch.length < READ_BATCH_ENTRIES) continue;
      yield batch;
      batch = [];
      await nextTurn();
    }
    if (batch.length > 0) yield batch;
  }

  /**
   * One entry, or null when the log has none of this index.
   * @throws {LedgerError} `corrupt`.
   */
  async entry(index: number): Promise<StoredEntry | null> {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.size) return null;
    for (const { frame } of this.#store.reader.frames(index, index + 1)) {
      return this.#store.opener.entries(frame, index, index + 1)[0] ?? null;
    }
    return null;
  }

  /**
   * Writes the tiles of all that is durable and publishes a signed checkpoint of it, which it gives back.
   * @throws {LedgerError} `read_only`, `disk_full`, `write_failed`, `corrupt`.
   */
  async publish(): Promise<string> {
    return this.#writing().publish();
  }

  /**
   * The receipt of an entry under the published checkpoint; a writer publishes first when the entry is newer.
   * @throws {LedgerError} `no_such_entry`.
   */
  async prove(index: number, options: ProveOptions = {}): Promise<Proof> {
    if (this.#writer !== null && index < this.size && index >= this.#writer.publishedSize) await this.#writer.publish();
    return prove(this.#store, index, options);
  }

  /** Why nothing can be appended since a write failed, or null while all is well. Reading goes on either way. */
  get failure(): LedgerError | null {
    return this.#writer?.failure ?? null;
  }

  /**
   * Takes up writing after a failed write, on this same handle: reads again what the disk holds and drops a torn tail. What
   * was not acknowledged may be there or not. Does nothing while all is well.
   * @throws {LedgerError} as `openLedger`; the handle then still reads, and this may be called again.
   */
  async reopen(): Promise<void> {
    if (this.failure === null) return;
    await this.#writer?.[Symbol.asyncDispose]();
    const fresh = await openLedger({ ...this.#options, newAnchor: false });
    this.#store = fresh.#store;
    this.#writer = fresh.#writer;
    this.#upkeep = fresh.#upkeep;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.[Symbol.asyncDispose]();
  }

  #writing(): Writer {
    if (this.#writer !== null) return this.#writer;
    throw new LedgerError('read_only', 'the ledger was opened for reading');
  }
}
