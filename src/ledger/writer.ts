import { messageOf } from '#kernel';
import { Appender, deadHandle } from './appender.ts';
import { BatchSealer } from './batch.ts';
import { LedgerError } from './errors.ts';
import type { Faults } from './faults.ts';
import { JournalWriter } from './journal.ts';
import { APPEND_BYTES_MAX, APPEND_ENTRIES_MAX } from './limits.ts';
import type { WriteLock } from './lock.ts';
import { OWN_MARK_PREFIX, checkMarks } from './marks.ts';
import { Publisher } from './publisher.ts';
import { CheckpointSigner, readSigningKeys } from './signing.ts';
import type { SigningSeeds } from './signing.ts';
import type { Store } from './store.ts';
import { bodyBytes } from './store.ts';
import type { AppendOptions, AppendResult, EntryInput } from './types.ts';

const RECEIVED_MS_MAX = 2 ** 47;
const CLASS_UID_MAX = 0xffff_ffff;

/** The writing side of an opened ledger: appends, publishes in the background, holds the lock. */
export class Writer implements AsyncDisposable {
  readonly #store: Store;
  readonly #lock: WriteLock;
  readonly #journal: JournalWriter;
  readonly #appender: Appender;
  readonly #publisher: Publisher;
  readonly #publishEveryMs: number;
  #signer: CheckpointSigner;
  #publishing: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #disposed = false;

  constructor(options: {
    store: Store;
    lock: WriteLock;
    faults: Faults;
    publishEveryMs: number;
    segmentBytes: number;
  }) {
    const { store, faults } = options;
    this.#store = store;
    this.#lock = options.lock;
    this.#publishEveryMs = options.publishEveryMs;
    this.#signer = this.signerOf(
      store.manifest.signing.filter((one) => one.retiredMs === null).map((one) => one.generation),
    );
    const { origin, layout, recovered, reader } = store;
    // A failed sync ends its writer, so that only the last batch can be in doubt.
    const syncedTo = recovered.positions.offset.at(-1) ?? 0;
    this.#journal = new JournalWriter({
      dir: layout.journal,
      origin,
      faults,
      end: recovered.end,
      syncedTo,
      durableFile: layout.durable,
      segmentBytes: options.segmentBytes,
      checkLock: () => this.#lock.check(),
    });
    this.#appender = new Appender({
      sealer: new BatchSealer(store.sealingTools),
      journal: this.#journal,
      edge: recovered.edge,
      onCommitted: (committed) => store.noteCommitted(committed),
      onRotated: () => store.noteRotated(this.#journal.end),
    });
    const publishedSize = store.published?.size ?? 0;
    this.#publisher = new Publisher({ layout, reader, publishedSize, anchor: store.manifest.anchor, faults });
    this.#schedule();
  }

  /** Size of the last checkpoint that this handle knows to be published. */
  get publishedSize(): number {
    return this.#publisher.publishedSize;
  }

  /** @throws {LedgerError} `lock_lost` when this process is no longer the one that may write. */
  checkLock(): void {
    this.#lock.check();
  }

  /** Why nothing can be appended any more, or null while all is well. */
  get failure(): LedgerError | null {
    return this.#appender.failure;
  }

  /** Appends on behalf of a caller; see `Ledger.append`. */
  async append(entries: readonly EntryInput[], options: AppendOptions): Promise<AppendResult> {
    const marks = options.marks ?? [];
    if (this.#store.manifest.closed !== null) throw logClosed();
    if (marks.some((mark) => mark.sourceId.startsWith(OWN_MARK_PREFIX))) {
      throw new LedgerError('bad_option', `a source must not be named "${OWN_MARK_PREFIX}…"`);
    }
    return this.appendOwn(entries, options);
  }

  /** Appends on behalf of the ledger itself, also its own marks. */
  async appendOwn(entries: readonly EntryInput[], options: AppendOptions): Promise<AppendResult> {
    if (this.#disposed) throw closedHandle();
    const { receivedMs = this.#store.world.clock.nowMs(), marks = [] } = options;
    const bytes = checkEntries(entries, receivedMs) + checkMarks(marks, this.#store.marks);
    return this.#appender.append({ entries, receivedMs, marks, onIndexed: options.onIndexed }, bytes);
  }

  /** Publishes the durable tree; publications follow one another. */
  publish(): Promise<string> {
    const turn = this.#publishing.then(async () => {
      if (this.#appender.failure !== null) throw deadHandle(this.#appender.failure);
      this.#lock.check();
      return this.#publisher.publish(this.#store.head, this.#signer);
    });
    this.#publishing = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the growing segment, so that all that is durable now lies in segments that may be rewritten. */
  sealSegment(): Promise<void> {
    return this.#appender.exclusive(async () => {
      const { size, root } = this.#store.head;
      if (size === this.#journal.end.segment) return;
      try {
        await this.#journal.rotate(size, root);
      } catch (error) {
        // Half a segment may lie there: a batch behind the old one would stand in its place.
        throw this.#appender.end(error);
      }
      this.#store.noteRotated(this.#journal.end);
    });
  }

  /** Signs with the keys of these generations from now on. */
  signWith(generations: readonly number[]): void {
    this.#signer = this.signerOf(generations);
  }

  signerOf(generations: readonly number[]): CheckpointSigner {
    const { origin, layout, master, manifest, world } = this.#store;
    const seeds: SigningSeeds[] = manifest.signing
      .filter((one) => generations.includes(one.generation))
      .map((publicKeys) => readSigningKeys({ keysDir: layout.keys, origin, publicKeys, master }));
    return new CheckpointSigner({ origin, seeds, clock: world.clock });
  }

  /** Answers what was asked for, publishes, and gives the lock back. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    try {
      await this.#appender.drain();
      await this.#publishing;
      if (this.#appender.failure === null && this.publishedSize < this.#store.head.size) await this.publish();
    } catch (error) {
      // The journal holds everything; the next opening publishes it.
      this.#store.world.log.error('could not publish the last checkpoint', error);
    } finally {
      await this.#journal[Symbol.asyncDispose]();
      this.#lock[Symbol.dispose]();
    }
  }

  #schedule(): void {
    if (this.#publishEveryMs <= 0 || this.#disposed) return;
    this.#timer = setTimeout(() => {
      this.#publishBehind()
        .finally(() => this.#schedule())
        .catch(() => undefined);
    }, this.#publishEveryMs);
    this.#timer.unref();
  }

  async #publishBehind(): Promise<void> {
    if (this.publishedSize === this.#store.head.size || this.#appender.failure !== null) return;
    try {
      await this.publish();
    } catch (error) {
      this.#store.world.log.error('could not publish a checkpoint', error, { reason: messageOf(error) });
    }
  }
}

function checkEntries(entries: readonly EntryInput[], receivedMs: number): number {
  if (entries.length > APPEND_ENTRIES_MAX) {
    throw new LedgerError('too_large', `one append has ${entries.length} entries; at most ${APPEND_ENTRIES_MAX}`);
  }
  if (!Number.isSafeInteger(receivedMs) || receivedMs < 0 || receivedMs > RECEIVED_MS_MAX) {
    throw new LedgerError('bad_option', 'the time of receipt is not a whole number of milliseconds since 1970');
  }
  for (const { classUid } of entries) {
    if (!Number.isSafeInteger(classUid) || classUid < 0 || classUid > CLASS_UID_MAX) {
      throw new LedgerError('bad_option', 'a class is not a whole number of 32 bits');
    }
  }
  const bytes = bodyBytes(entries, APPEND_BYTES_MAX);
  if (bytes <= APPEND_BYTES_MAX) return bytes;
  throw new LedgerError('too_large', `one append has ${bytes} bytes; at most ${APPEND_BYTES_MAX}`, {
    advice: 'append fewer events at once',
  });
}

function closedHandle(): LedgerError {
  return new LedgerError('handle_dead', 'the ledger has been closed', { advice: 'open it again' });
}

function logClosed(): LedgerError {
  return new LedgerError('log_closed', 'this log has ended: nothing is appended to it any more', {
    advice: 'append to its successor; this log stays readable and verifiable',
  });
}
