import { uuidv7 } from '#kernel';
import type { DayClass } from './day-keys.ts';
import { DAY_MS, dayOf, dayText, nameOf } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import { ERASE_INDEXES_MAX } from './limits.ts';
import type { Hold } from './manifest.ts';
import type { OwnEvent } from './own-events.ts';
import { ownEntry } from './own-events.ts';
import type { PendingWork } from './pending.ts';
import { clearPending, readPending, writePending } from './pending.ts';
import { lastAtOrBelow } from './reader.ts';
import { refuseUnreadable, rewriteSegment, withoutBodies, withoutKeys } from './rewrite.ts';
import { createSigningKeys, destroySigningKeys } from './signing.ts';
import type { Store } from './store.ts';
import type { RetentionClass } from './types.ts';
import type { Writer } from './writer.ts';

/** The mark that tells, after a crash, whether the event of the pending work is in the log already. */
const WORK_MARK = 'ledger:work';

/** What changes a ledger besides appending: erasure, expiry, holds, keys, the end. One at a time. */
export class Upkeep {
  readonly #store: Store;
  readonly #writer: Writer;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, writer: Writer) {
    this.#store = store;
    this.#writer = writer;
  }

  /** Finishes what a crash interrupted. */
  resume(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#finishPending();
      if (this.#activeGenerations().length > 1) await this.#retireOldKeys();
    });
  }

  /**
   * Erases the bodies of entries; their leaves stay. Gives the index of the `erasure` event.
   * @throws {LedgerError} `no_such_entry`, `held`, `too_large`.
   */
  erase(indexes: readonly number[], reason: string): Promise<{ eventIndex: number; erased: number }> {
    return this.#inTurn(async () => {
      await this.#finishPending();
      const wanted = [...new Set(indexes)].toSorted((a, b) => a - b);
      if (wanted.length === 0) throw new LedgerError('no_such_entry', 'no entry was named');
      if (wanted.length > ERASE_INDEXES_MAX)
        throw new LedgerError('too_large', `at most ${ERASE_INDEXES_MAX} entries at once`);
      const unknown = wanted.find(
        (index) => !Number.isSafeInteger(index) || index < 0 || index >= this.#store.head.size,
      );
      if (unknown !== undefined) throw new LedgerError('no_such_entry', `the ledger has no entry ${unknown}`);
      for (const index of wanted) this.#refuseHeld(this.#dayOfEntry(index), `entry ${index}`);
      for (const segment of this.#segmentsOf(wanted)) refuseUnreadable(this.#store, segment);
      const work: PendingWork = { kind: 'erase', uid: this.#uid(), indexes: wanted, reason };
      const eventIndex = await this.#carryOut(work);
      return { eventIndex, erased: wanted.length };
    });
  }

  /** Destroys the keys of days whose retention has ended and that no hold covers; drops their blocks. */
  expire(): Promise<{ expired: string[]; held: string[] }> {
    return this.#inTurn(async () => {
      await this.#finishPending();
      const due = this.#store.dayKeys.list().filter((id) => this.#isDue(id));
      const held = due.filter((id) => this.#holdOver(id.day) !== null);
      const doomed = due.filter((id) => this.#holdOver(id.day) === null);
      if (doomed.length > 0) await this.#carryOut({ kind: 'expire', uid: this.#uid(), keys: doomed });
      return { expired: doomed.map(nameOf), held: held.map(nameOf) };
    });
  }

  /** Places a legal hold; one of the same name is replaced. */
  placeHold(hold: Omit<Hold, 'placedMs'>): Promise<void> {
    return this.#inTurn(async () => {
      const others = this.#store.manifest.holds.filter((one) => one.name !== hold.name);
      this.#store.saveManifest({ holds: [...others, { ...hold, placedMs: this.#nowMs() }] });
      await this.#record({ kind: 'hold_placed', name: hold.name });
    });
  }

  /** @throws {LedgerError} `bad_option` when there is no hold of this name. */
  releaseHold(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const holds = this.#store.manifest.holds.filter((one) => one.name !== name);
      if (holds.length === this.#store.manifest.holds.length)
        throw new LedgerError('bad_option', `there is no hold "${name}"`);
      await this.#record({ kind: 'hold_released', name });
      this.#store.saveManifest({ holds });
    });
  }

  setRetention(days: Partial<Record<RetentionClass, number>>): Promise<void> {
    return this.#inTurn(async () => {
      const retentionDays = { ...this.#store.manifest.retentionDays, ...days };
      for (const count of Object.values(retentionDays)) {
        if (!Number.isSafeInteger(count) || count < 1)
          throw new LedgerError('bad_option', 'a retention is a whole number of days, at least 1');
      }
      this.#store.saveManifest({ retentionDays });
      await this.#record({ kind: 'retention_changed', ...retentionDays });
    });
  }

  /**
   * Makes new signing keys. One checkpoint is signed by old and new, so that who trusts the old ones can
   * follow; then the old private keys are destroyed. What they signed stays valid.
   */
  rotate(): Promise<{ vkeys: string[] }> {
    return this.#inTurn(async () => {
      const { layout, origin, master, world, manifest } = this.#store;
      const generation = Math.max(...manifest.signing.map((one) => one.generation)) + 1;
      const nowMs = this.#nowMs();
      const { publicKeys } = createSigningKeys({
        keysDir: layout.keys,
        generation,
        origin,
        master,
        random: world.random,
        nowMs,
      });
      const vkeys = [publicKeys.ed25519, publicKeys.mldsa];
      await this.#record({ kind: 'keys_rotated', generation, vkeys });
      this.#store.saveManifest({ signing: [...manifest.signing, publicKeys] });
      await this.#retireOldKeys();
      return { vkeys };
    });
  }

  /** Ends the log: a last event, a last checkpoint, then nothing more. Gives that checkpoint. */
  close(successor: string | null): Promise<string> {
    return this.#inTurn(async () => {
      if (this.#store.manifest.closed === null) {
        await this.#record({ kind: 'log_closed', successor });
        this.#store.saveManifest({ closed: { size: this.#store.head.size, closedMs: this.#nowMs() } });
      }
      return this.#writer.publish();
    });
  }

  /** Records an event of the ledger's own. */
  record(event: OwnEvent): Promise<number> {
    return this.#inTurn(() => this.#record(event));
  }

  async #record(event: OwnEvent, uid = this.#uid()): Promise<number> {
    const entry = ownEntry(event, { uid, nowMs: this.#nowMs(), master: this.#store.master });
    const mark = { sourceId: WORK_MARK, headHash: '', offset: 0, records: 0, prefixHash: null, state: uid };
    return (await this.#writer.appendOwn([entry], { marks: [mark] })).firstIndex;
  }

  /** What failed before is finished before anything else is begun, for only one work is written down. */
  async #finishPending(): Promise<void> {
    const pending = readPending(this.#store);
    if (pending !== null) await this.#carryOut(pending);
  }

  /** Does pending work from wherever it stands; each step may be repeated. */
  async #carryOut(work: PendingWork): Promise<number> {
    writePending(this.#store, work);
    const recorded = this.#store.marks.get(WORK_MARK)?.state === work.uid;
    const event: OwnEvent =
      work.kind === 'erase'
        ? { kind: 'erasure', indexes: work.indexes, reason: work.reason }
        : { kind: 'expiry', keys: work.keys.map(nameOf) };
    const eventIndex = recorded ? -1 : await this.#record(event, work.uid);
    await this.#writer.sealSegment();
    if (work.kind === 'erase') this.#eraseBodies(work.indexes);
    else this.#dropKeys(work.keys);
    clearPending(this.#store);
    return eventIndex;
  }

  #eraseBodies(indexes: readonly number[]): void {
    const change = withoutBodies(this.#store, new Set(indexes));
    for (const segment of this.#segmentsOf(indexes)) rewriteSegment(this.#store, segment, change);
  }

  #segmentsOf(indexes: readonly number[]): Set<number> {
    const segments = this.#store.segments();
    return new Set(indexes.map((index) => segments[lastAtOrBelow(segments, index)] ?? 0));
  }

  #dropKeys(keys: readonly DayClass[]): void {
    for (const id of keys) this.#store.dayKeys.destroy(id, this.#nowMs());
    const change = withoutKeys(new Set(keys.map(nameOf)));
    for (const segment of this.#store.segments()) {
      if (segment === this.#store.end.segment) continue;
      try {
        rewriteSegment(this.#store, segment, change);
      } catch (error) {
        if (!(error instanceof LedgerError) || error.code !== 'corrupt') throw error;
        // Without their key its bodies are gone all the same; a damaged segment must not keep the ledger shut.
        this.#store.world.log.error('a damaged journal segment keeps its expired blocks', error, { segment });
      }
    }
  }

  /** Publishes once under all generations, then destroys the private keys of all but the newest. */
  async #retireOldKeys(): Promise<void> {
    const active = this.#activeGenerations();
    const newest = Math.max(...active);
    this.#writer.signWith(active);
    await this.#writer.publish();
    this.#writer.signWith([newest]);
    const nowMs = this.#nowMs();
    const retired = active.filter((generation) => generation !== newest);
    const signing = this.#store.manifest.signing.map((one) =>
      retired.includes(one.generation) ? { ...one, retiredMs: nowMs } : one,
    );
    this.#store.saveManifest({ signing });
    for (const generation of retired) destroySigningKeys(this.#store.layout.keys, generation);
  }

  #activeGenerations(): number[] {
    return this.#store.manifest.signing.filter((one) => one.retiredMs === null).map((one) => one.generation);
  }

  #isDue(id: DayClass): boolean {
    if (this.#store.dayKeys.state(id) !== 'present') return false;
    return id.day + this.#store.manifest.retentionDays[id.retention] < dayOf(this.#nowMs());
  }

  #dayOfEntry(index: number): number {
    for (const { frame } of this.#store.reader.frames(index, index + 1)) {
      const block = frame.blocks[frame.slots[index - frame.firstIndex] ?? 0];
      if (block !== undefined) return block.day;
    }
    throw new LedgerError('no_such_entry', `the ledger has no entry ${index}`);
  }

  #refuseHeld(day: number, what: string): void {
    const hold = this.#holdOver(day);
    if (hold === null) return;
    throw new LedgerError('held', `${what} is under the legal hold "${hold.name}"`, {
      advice: 'release the hold first, when the law allows it: wardkeep ledger hold --release NAME',
    });
  }

  #holdOver(day: number): Hold | null {
    const text = dayText(day);
    const covers = (hold: Hold): boolean => (hold.fromDay ?? text) <= text && text <= (hold.toDay ?? text);
    return this.#store.manifest.holds.find(covers) ?? null;
  }

  #uid(): string {
    return uuidv7(this.#store.world.clock, this.#store.world.random);
  }

  #nowMs(): number {
    return this.#store.world.clock.nowMs();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** Milliseconds at the start of a day `YYYY-MM-DD`, or null when it is none. */
export function parseDay(text: string): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) || dayText(Math.floor(ms / DAY_MS)) !== text ? null : ms;
}
