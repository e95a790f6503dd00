import { uuidv7 } from '#kernel';
import type { Faults } from './faults.ts';
import type { OwnEvent } from './own-events.ts';
import { ownEntry } from './own-events.ts';
import type { Store } from './store.ts';
import type { Writer } from './writer.ts';

/** The mark that tells, after a crash, whether the event of interrupted work is in the log already. */
const WORK_MARK = 'ledger:work';

/** What the parts of the upkeep share: they record what they do, and name each step at which a crash may fall. */
export class OwnRecord {
  readonly #store: Store;
  readonly #writer: Writer;
  readonly #faults: Faults;

  constructor(store: Store, writer: Writer, faults: Faults) {
    this.#store = store;
    this.#writer = writer;
    this.#faults = faults;
  }

  /** Appends an event of the ledger's own, durably; gives its index. */
  async append(event: OwnEvent, uid = this.uid()): Promise<number> {
    const entry = ownEntry(event, { uid, nowMs: this.nowMs(), master: this.#store.master });
    const mark = { sourceId: WORK_MARK, headHash: '', offset: 0, records: 0, prefixHash: null, state: uid };
    return (await this.#writer.appendOwn([entry], { marks: [mark] })).firstIndex;
  }

  /** Whether the event recorded last carries this uid. */
  isLast(uid: string): boolean {
    return this.#store.marks.get(WORK_MARK)?.state === uid;
  }

  /** A step of the work is durable. */
  step(): void {
    const fault = this.#faults('upkeep-step', 0);
    if (fault !== null) throw fault.error;
  }

  uid(): string {
    return uuidv7(this.#store.world.clock, this.#store.world.random);
  }

  nowMs(): number {
    return this.#store.world.clock.nowMs();
  }
}
