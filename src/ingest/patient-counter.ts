import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { EntryInput, Ledger } from '#ledger';
import { type IngestTables, type PatientRow, PatientStore } from './store.ts';

/** Purpose of the key under which the store knows patients. */
const DIGEST_PURPOSE = 'ingest/patients/v1';
/** Rows changed since the last save, beyond which a save happens by itself. */
const UNSAVED_ROWS_MAX = 20_000;
/** Patients kept in memory; beyond it the cache starts anew from the store. */
const CACHED_PATIENTS_MAX = 200_000;

/**
 * Numbers each patient's entries without a gap, 1, 2, 3, …, and links each to the one before, so that a patient who holds
 * their receipts sees when one is missing. The numbers stand in the ledger's patient parts; the store only spares reading
 * them all again.
 */
export class PatientCounter implements AsyncDisposable {
  readonly #store: PatientStore;
  /** Under it the store knows patients: who guesses an identifier cannot look it up there without the master key. */
  readonly #key: KeyObject;
  readonly #last = new Map<string, PatientRow>();
  /** Numbers given to entries that may still be lost, in the order of their indexes. */
  #given: PatientRow[] = [];
  /** The last durable number of each patient that the store does not have yet. */
  readonly #unsaved = new Map<string, PatientRow>();
  #position: number;

  private constructor(store: PatientStore, { key, position }: { key: KeyObject; position: number }) {
    this.#store = store;
    this.#key = key;
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
      await counter.#save();
    }
    return counter;
  }

  /** Writes `counter` and `previous` into the patient parts of entries that will stand from `firstIndex` on. */
  async number(entries: readonly EntryInput[], firstIndex: number): Promise<void> {
    const views = entries.map(({ patient }) =>
      patient === null ? null : (JSON.parse(Buffer.from(patient).toString('utf8')) as Record<string, unknown>),
    );
    if (views.every((view) => view === null)) return;
    await this.#load(views.flatMap((view) => (view === null ? [] : [this.#digestOf(String(view['patient']))])));
    for (const [i, view] of views.entries()) {
      const entry = entries[i];
      if (view === null || entry === undefined) continue;
      const digest = this.#digestOf(String(view['patient']));
      const last = this.#last.get(digest);
      const counter = (last?.counter ?? 0) + 1;
      entry.patient = Buffer.from(JSON.stringify({ ...view, counter, previous: last?.index ?? null }));
      this.#set({ digest, counter, index: firstIndex + i });
    }
  }

  /** To be called when the entries in front of `position` are durable. */
  async durable(position: number): Promise<void> {
    this.#advance(position);
    if (this.#unsaved.size >= UNSAVED_ROWS_MAX) await this.#save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#save();
  }

  #digestOf(patient: string): string {
    return createHmac('sha256', this.#key).update(patient).digest('base64');
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
      this.#last.clear();
      for (const row of [...this.#unsaved.values(), ...this.#given]) this.#last.set(row.digest, row);
    }
    const missing = [...new Set(digests)].filter((digest) => !this.#last.has(digest));
    if (missing.length === 0) return;
    for (const row of await this.#store.find(missing)) this.#last.set(row.digest, row);
  }

  /** Saves the durable rows. What becomes durable meanwhile stays for the next time. */
  async #save(): Promise<void> {
    const rows = [...this.#unsaved.values()];
    await this.#store.save(rows, this.#position);
    for (const row of rows) if (this.#unsaved.get(row.digest) === row) this.#unsaved.delete(row.digest);
  }
}
