import { refuseClockAhead } from './clock-guard.ts';
import type { DayClass } from './day-keys.ts';
import { dayOf, nameOf } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import type { Faults } from './faults.ts';
import { LEAF_BYTES } from './frame.ts';
import { holdOver, refuseHeld } from './holds.ts';
import { ERASE_INDEXES_MAX } from './limits.ts';
import type { Hold } from './manifest.ts';
import type { OwnEvent } from './own-events.ts';
import { isOwnClass, namedRemovals } from './own-events.ts';
import { OwnRecord } from './own-record.ts';
import { Removal } from './removal.ts';
import { Rotation } from './rotation.ts';
import type { Store } from './store.ts';
import type { RetentionClass } from './types.ts';
import type { Writer } from './writer.ts';

/** What changes a ledger besides appending: erasure, expiry, holds, keys, the end. One at a time. */
export class Upkeep {
  readonly #store: Store;
  readonly #writer: Writer;
  readonly #record: OwnRecord;
  readonly #removal: Removal;
  readonly #rotation: Rotation;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, writer: Writer, faults: Faults) {
    this.#store = store;
    this.#writer = writer;
    this.#record = new OwnRecord(store, writer, faults);
    this.#removal = new Removal(store, writer, this.#record);
    this.#rotation = new Rotation(store, writer, this.#record);
  }

  /** Finishes what a crash interrupted. */
  resume(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#removal.finishPending();
      await this.#rotation.resume();
    });
  }

  /**
   * Erases the bodies of entries; their leaves stay. Gives the index of the `erasure` event.
   * @throws {LedgerError} `no_such_entry`, `held`, `too_large`, `corrupt`; `bad_option` for an entry that names removals.
   */
  erase(indexes: readonly number[], reason: string): Promise<{ eventIndex: number; erased: number }> {
    return this.#inTurn(async () => {
      await this.#removal.finishPending();
      const wanted = this.#erasable(indexes);
      return { eventIndex: await this.#removal.erase(wanted, reason), erased: wanted.length };
    });
  }

  /** Throws what `erase` would refuse these entries with, and changes nothing: for who must erase elsewhere first. */
  checkErasable(indexes: readonly number[]): Promise<void> {
    return this.#inTurn(async () => void this.#erasable(indexes));
  }

  /**
   * Destroys the keys of days whose retention has ended and that no hold covers; drops their blocks.
   * @throws {LedgerError} `clock_ahead` when the clock is far beyond the newest entry and `clockIsRight` does not say that
   * somebody has looked at it.
   */
  expire(options: { clockIsRight?: boolean } = {}): Promise<{ expired: string[]; held: string[] }> {
    return this.#inTurn(async () => {
      await this.#removal.finishPending();
      const { holds } = this.#store.manifest;
      const due = this.#store.dayKeys.list().filter((id) => this.#isDue(id));
      const doomed = due.filter((id) => holdOver(holds, id.day) === null);
      if (doomed.length > 0 && options.clockIsRight !== true) refuseClockAhead(this.#store, this.#record.nowMs());
      if (doomed.length > 0) await this.#removal.expire(doomed);
      return { expired: doomed.map(nameOf), held: due.filter((id) => !doomed.includes(id)).map(nameOf) };
    });
  }

  /** Places a legal hold; one of the same name is replaced. */
  placeHold(hold: Omit<Hold, 'placedMs'>): Promise<void> {
    return this.#inTurn(async () => {
      const others = this.#store.manifest.holds.filter((one) => one.name !== hold.name);
      this.#store.saveManifest({ holds: [...others, { ...hold, placedMs: this.#record.nowMs() }] });
      this.#record.step();
      await this.#record.append({ kind: 'hold_placed', name: hold.name });
      this.#record.step();
    });
  }

  /** @throws {LedgerError} `bad_option` when there is no hold of this name. */
  releaseHold(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const holds = this.#store.manifest.holds.filter((one) => one.name !== name);
      if (holds.length === this.#store.manifest.holds.length)
        throw new LedgerError('bad_option', `there is no hold "${name}"`);
      await this.#record.append({ kind: 'hold_released', name });
      this.#store.saveManifest({ holds });
    });
  }

  /** @throws {LedgerError} `bad_option` for anything but whole days from 1 on. */
  setRetention(days: Partial<Record<RetentionClass, number>>): Promise<void> {
    return this.#inTurn(async () => {
      const retentionDays = { ...this.#store.manifest.retentionDays, ...days };
      for (const count of Object.values(retentionDays)) {
        if (!Number.isSafeInteger(count) || count < 1)
          throw new LedgerError('bad_option', 'a retention is a whole number of days, at least 1');
      }
      this.#store.saveManifest({ retentionDays });
      await this.#record.append({ kind: 'retention_changed', ...retentionDays });
    });
  }

  /**
   * Makes new signing keys. One checkpoint is signed by old and new, so that who trusts the old ones can
   * follow; then the old private keys are destroyed. What they signed stays valid.
   */
  rotate(): Promise<{ vkeys: string[] }> {
    return this.#inTurn(async () => ({ vkeys: await this.#rotation.rotate() }));
  }

  /** Ends the log: a last event, a last checkpoint, then nothing more. Gives that checkpoint. */
  close(successor: string | null): Promise<string> {
    return this.#inTurn(async () => {
      if (this.#store.manifest.closed === null) {
        await this.#record.append({ kind: 'log_closed', successor });
        this.#record.step();
        this.#store.saveManifest({ closed: { size: this.#store.head.size, closedMs: this.#record.nowMs() } });
        this.#record.step();
      }
      return this.#writer.publish();
    });
  }

  /** Records an event of the ledger's own. */
  record(event: OwnEvent): Promise<number> {
    return this.#inTurn(() => this.#record.append(event));
  }

  /** Ascending, each once. */
  #erasable(indexes: readonly number[]): number[] {
    const wanted = [...new Set(indexes)].toSorted((a, b) => a - b);
    if (wanted.length === 0) throw new LedgerError('no_such_entry', 'no entry was named');
    if (wanted.length > ERASE_INDEXES_MAX)
      throw new LedgerError('too_large', `at most ${ERASE_INDEXES_MAX} entries at once`);
    for (const index of wanted) {
      refuseHeld(this.#store.manifest.holds, this.#receiveDayOf(index), `entry ${index}`);
      this.#refuseRemovalEvent(index);
    }
    return wanted;
  }

  #isDue(id: DayClass): boolean {
    if (this.#store.dayKeys.state(id) !== 'present') return false;
    return id.day + this.#store.manifest.retentionDays[id.retention] < dayOf(this.#record.nowMs());
  }

  /** Without the event that names them, bodies that were removed would count as destroyed for ever. */
  #refuseRemovalEvent(index: number): void {
    const { reader, opener, master } = this.#store;
    for (const { frame } of reader.frames(index, index + 1)) {
      if (!isOwnClass(frame.leaves.readUInt32BE((index - frame.firstIndex) * LEAF_BYTES + 1))) return;
      const [entry] = opener.entries(frame, index, index + 1);
      const named = entry === undefined ? null : namedRemovals(entry, master);
      if (named === null || named.indexes.length + named.keys.length === 0) return;
      throw new LedgerError('bad_option', `entry ${index} says which bodies were removed: it cannot be erased itself`, {
        advice: 'erase the other entries alone; this one holds no record',
      });
    }
  }

  #receiveDayOf(index: number): number {
    const { reader, head } = this.#store;
    const isEntry = Number.isSafeInteger(index) && index >= 0 && index < head.size;
    for (const { frame } of isEntry ? reader.frames(index, index + 1) : []) {
      const block = frame.blocks[frame.slots[index - frame.firstIndex] ?? 0];
      if (block !== undefined) return block.day;
    }
    throw new LedgerError('no_such_entry', `the ledger has no entry ${index}`);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      this.#writer.checkLock();
      return work();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
