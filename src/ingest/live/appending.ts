import type { Log } from '#kernel';
import type { PatientCounter } from '#ingest';
import type { AppendResult, EntryInput, Ledger, SourceMark } from '#ledger';
import type { AppendedBatch } from './types.ts';

/** What the readers of the stream are told beside the entries. */
export interface Origin {
  receivedMs: number;
  sourceId: string | null;
  /** Place of the entry → what the tap said of it. */
  tapped: ReadonlyMap<number, unknown>;
  /** How far a file was read: durable with the entries, or not at all. */
  marks?: readonly SourceMark[];
}

/** Appends, numbers patients' entries, and tells the readers in the order of the indexes. */
export class Appending implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #listeners: ((batch: AppendedBatch) => void)[] = [];
  #patients: PatientCounter;

  constructor({ ledger, patients, log }: { ledger: Ledger; patients: PatientCounter; log: Log }) {
    this.#ledger = ledger;
    this.#patients = patients;
    this.#log = log;
  }

  onAppended(listener: (batch: AppendedBatch) => void): void {
    this.#listeners.push(listener);
  }

  /** From now on with a counter that knows what the ledger holds. */
  renumber(patients: PatientCounter): void {
    this.#patients = patients;
  }

  async append(entries: readonly EntryInput[], origin: Origin): Promise<AppendResult> {
    return (await this.start(entries, origin)).durable;
  }

  /** Resolves when the entries have taken their place in the ledger's queue; `durable` when they are there. */
  async start(entries: readonly EntryInput[], origin: Origin): Promise<{ durable: Promise<AppendResult> }> {
    const hasPatients = entries.some(({ patient }) => patient !== null);
    const onIndexed = hasPatients ? await this.#patients.prepare(entries) : null;
    const { receivedMs, marks = [] } = origin;
    const options = onIndexed === null ? { receivedMs, marks } : { receivedMs, marks, onIndexed };
    const appended = this.#ledger.append(entries, options);
    const durable = appended.then(async (result) => {
      this.#tell(entries, result.firstIndex, origin);
      if (hasPatients) await this.#patients.durable(result.size);
      return result;
    });
    return { durable };
  }

  /** Saves the patients' numbers, so that the next start has little to read again. */
  async save(): Promise<void> {
    if (this.#ledger.failure !== null) return;
    await this.#patients.durable(this.#ledger.size);
    await this.#patients.save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ledger.failure === null) await this.#patients[Symbol.asyncDispose]();
  }

  #tell(entries: readonly EntryInput[], firstIndex: number, { receivedMs, sourceId, tapped }: Origin): void {
    const batch: AppendedBatch = {
      receivedMs,
      sourceId,
      entries: entries.map(({ classUid, retention, normal }, n) => ({
        index: firstIndex + n,
        classUid,
        retention,
        normal: typeof normal === 'string' ? Buffer.from(normal) : normal,
        tapped: tapped.get(n) ?? null,
      })),
    };
    for (const listener of this.#listeners) {
      try {
        listener(batch);
      } catch (error) {
        this.#log.error('a reader of the stream failed', error);
      }
    }
  }
}
