import type { DayClass } from './day-keys.ts';
import { nameOf } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import type { OwnEvent } from './own-events.ts';
import type { OwnRecord } from './own-record.ts';
import type { PendingWork } from './pending.ts';
import { clearPending, readPending, writePending } from './pending.ts';
import { lastAtOrBelow } from './reader.ts';
import { refuseUnreadable, rewriteSegment, withoutBodies, withoutKeys } from './rewrite.ts';
import type { Store } from './store.ts';
import type { Writer } from './writer.ts';

/** Takes bodies away: written down before its first step, recorded in the log, then done, each step repeatable. */
export class Removal {
  readonly #store: Store;
  readonly #writer: Writer;
  readonly #record: OwnRecord;

  constructor(store: Store, writer: Writer, record: OwnRecord) {
    this.#store = store;
    this.#writer = writer;
    this.#record = record;
  }

  /** Erases the bodies of entries (ascending, each once); gives the index of the event that says so. */
  erase(indexes: readonly number[], reason: string): Promise<number> {
    for (const segment of this.#segmentsOf(indexes)) refuseUnreadable(this.#store, segment);
    return this.#carryOut({ kind: 'erase', uid: this.#record.uid(), indexes, reason });
  }

  /** Destroys day keys and drops their blocks. */
  async expire(keys: readonly DayClass[]): Promise<void> {
    await this.#carryOut({ kind: 'expire', uid: this.#record.uid(), keys });
  }

  /** What failed before is finished before anything else is begun, for only one work is written down. */
  async finishPending(): Promise<void> {
    const pending = readPending(this.#store);
    if (pending !== null) await this.#carryOut(pending);
  }

  async #carryOut(work: PendingWork): Promise<number> {
    writePending(this.#store, work);
    this.#record.step();
    const eventIndex = this.#record.isLast(work.uid) ? -1 : await this.#record.append(eventOf(work), work.uid);
    this.#record.step();
    await this.#writer.sealSegment();
    this.#record.step();
    if (work.kind === 'erase') this.#eraseBodies(work.indexes);
    else this.#dropKeys(work.keys);
    clearPending(this.#store);
    this.#record.step();
    return eventIndex;
  }

  #eraseBodies(indexes: readonly number[]): void {
    const change = withoutBodies(this.#store, new Set(indexes));
    for (const segment of this.#segmentsOf(indexes)) {
      rewriteSegment(this.#store, segment, change);
      this.#record.step();
    }
  }

  #dropKeys(keys: readonly DayClass[]): void {
    for (const id of keys) {
      this.#store.dayKeys.destroy(id, this.#record.nowMs());
      this.#record.step();
    }
    const change = withoutKeys(new Set(keys.map(nameOf)));
    for (const segment of this.#store.segments()) {
      if (segment === this.#store.end.segment) continue;
      this.#dropBlocks(segment, change);
      this.#record.step();
    }
  }

  #dropBlocks(segment: number, change: ReturnType<typeof withoutKeys>): void {
    try {
      rewriteSegment(this.#store, segment, change);
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== 'corrupt') throw error;
      // Without their key its bodies are gone all the same; a damaged segment must not keep the ledger shut.
      this.#store.world.log.error('a damaged journal segment keeps its expired blocks', error, { segment });
    }
  }

  #segmentsOf(indexes: readonly number[]): Set<number> {
    const segments = this.#store.segments();
    return new Set(indexes.map((index) => segments[lastAtOrBelow(segments, index)] ?? 0));
  }
}

function eventOf(work: PendingWork): OwnEvent {
  if (work.kind === 'erase') return { kind: 'erasure', indexes: work.indexes, reason: work.reason };
  return { kind: 'expiry', keys: work.keys.map(nameOf) };
}
