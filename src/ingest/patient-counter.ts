import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';
import type { Kysely } from 'kysely';
import { remembering } from '#kernel';
import type { EntryInput, Ledger } from '#ledger';
import { type IngestTables, type PatientRow, PatientStore } from './store.ts';

/** Purpose of the key under which the store knows patients. */
const DIGEST_PURPOSE = 'ingest/patients/v1';
/** Rows changed since the last save, beyond which a save happens by itself. */
const UNSAVED_ROWS_MAX = 20_000;
/** Patients kept in memory; beyond it the cache starts anew from the store. */
const CACHED_PATIENTS_MAX = 200_000;
/** Digests of patients seen lately. */
const DIGESTS_MAX = 10_000;

/**
 * Numbers each patient's entries without a gap, 1, 2, 3, …, and links each to the one before, so that a patient who holds
 * their receipts sees when one is missing. The numbers stand in the ledger's patient parts; the store only spares reading
 * them all again.
 */
export class PatientCounter implements AsyncDisposable {
  readonly #store: PatientStore;
  /** What the store knows a patient by: who guesses an identifier cannot look it up there without the master key. */
  readonly #digestOf: (patient: string) => string;
  readonly #last = new Map<string, PatientRow>();
  /** Numbers given to entries that may still be lost, in the order of their indexes. */
  #given: PatientRow[] = [];
  /** The last durable number of each patient that the store does not have yet. */
  readonly #unsaved = new Map<string, PatientRow>();
  /** Patients of entries that are about to be numbered: they stay in memory. */
  readonly #pinned = new Map<string, number>();
  #position: number;

  private constructor(store: PatientStore, { key, position }: { key: KeyObject; position: number }) {
    this.#store = store;
    this.#digestOf = remembering(DIGESTS_MAX, (patient) => createHmac('sha256', key).update(patient).digest('base64'));
    this.#position = position;
  }

  /** Catches up with entries that became durable after the last save. A ledger shorter than the cursor starts anew. */
  static async open(state: Kysely<IngestTables>, ledger: Ledger): Promise<PatientCounter> {
    const store = new PatientStore(state);
    const saved = await store.position();
    const key = createSecretKey(ledger.deriveKey(DIGEST_PURPOSE));
    const counter = new PatientCounter(store, { key, position: saved > ledger.size ? 0 : saved });
    for await (const batch of ledger.read({ from: counter.#position })) {
      for (const { patient, index } of batch) {
        if (patient === null || patient.length === 0) continue;
        const view = JSON.parse(Buffer.from(patient).toString('utf8')) as { patient?: string; counter?: number };
        if (view.patient !== undefined && view.counter !== undefined)
          counter.#set({ digest: counter.#digestOf(view.patient), counter: view.counter, index });
      }
      counter.#advance((batch.at(-1)?.index ?? 0) + 1);
      await counter.save();
    }
    return counter;
  }

  /** Writes `counter` and `previous` into the patient parts of entries that will stand from `firstIndex` on. */
  async number(entries: readonly EntryInput[], firstIndex: number): Promise<void> {
    (await this.prepare(entries))?.(firstIndex);
  }

  /**
   * Loads what numbering the entries needs; gives the function that numbers them at once, for the moment at which their
   * index is certain. Null where no entry concerns a patient. Calls are numbered in the order in which they are sealed.
   */
  async prepare(entries: readonly EntryInput[]): Promise<((firstIndex: number) => void) | null> {
    const views = entries.map(({ patient }) =>
      patient === null ? null : (JSON.parse(Buffer.from(patient).toString('utf8')) as Record<string, unknown>),
    );
    if (views.every((view) => view === null)) return null;
    const digests = views.map((view) => (view === null ? null : this.#digestOf(String(view['patient']))));
    const named = [...new Set(digests.filter((digest) => digest !== null))];
    for (const digest of named) this.#pinned.set(digest, (this.#pinned.get(digest) ?? 0) + 1);
    await this.#load(named);
    return (firstIndex) => {
      for (const [i, view] of views.entries()) {
        const entry = entries[i];
        const digest = digests[i];
        if (view === null || entry === undefined || typeof digest !== 'string') continue;
        const last = this.#last.get(digest);
        const counter = (last?.counter ?? 0) + 1;
        entry.patient = Buffer.from(JSON.stringify({ ...view, counter, previous: last?.index ?? null }));
        this.#set({ digest, counter, index: firstIndex + i });
      }
      for (const digest of named) this.#unpin(digest);
    };
  }

  /** To be called when the entries in front of `position` are durable. */
  async durable(position: number): Promise<void> {
    this.#advance(position);
    if (this.#unsaved.size >= UNSAVED_ROWS_MAX) await this.save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.save();
  }

  #set(row: PatientRow): void {
    this.#last.set(row.digest, row);
    this.#given.push(row);
  }

  #advance(position: number): void {
    this.#position = position;
    let durable = 0;
    for (; durable < this.#given.length; durable += 1) {
      const row = this.#given[durable];
      if (row === undefined || row.index >= position) break;
      this.#unsaved.set(row.digest, row);
    }
    this.#given.splice(0, durable);
  }

  async #load(digests: readonly string[]): Promise<void> {
    if (this.#last.size > CACHED_PATIENTS_MAX) {
      const pinned = [...this.#pinned.keys()].flatMap((digest) => this.#last.get(digest) ?? []);
      this.#last.clear();
      for (const row of [...pinned, ...this.#unsaved.values(), ...this.#given]) this.#last.set(row.digest, row);
    }
    const missing = digests.filter((digest) => !this.#last.has(digest));
    if (missing.length === 0) return;
    // Another call may have loaded, and numbered, the same patient meanwhile.
    for (const row of await this.#store.find(missing)) if (!this.#last.has(row.digest)) this.#last.set(row.digest, row);
  }

  #unpin(digest: string): void {
    const count = this.#pinned.get(digest) ?? 0;
    if (count > 1) this.#pinned.set(digest, count - 1);
    else this.#pinned.delete(digest);
  }

  /** Saves the durable rows. What becomes durable meanwhile stays for the next time. */
  async save(): Promise<void> {
    const rows = [...this.#unsaved.values()];
    await this.#store.save(rows, this.#position);
    for (const row of rows) if (this.#unsaved.get(row.digest) === row) this.#unsaved.delete(row.digest);
  }
}
