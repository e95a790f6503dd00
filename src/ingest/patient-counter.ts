import { createHash } from 'node:crypto';
import type { EntryInput, Ledger } from '#ledger';

/**
 * Numbers each patient's entries without a gap, 1, 2, 3, …, and links each to the one before, so that a patient who holds
 * their receipts sees when one is missing. The numbers are the ledger's own: they are rebuilt from its patient parts.
 */
export class PatientCounter {
  /** SHA-256 of the patient key → last number and the index of its entry. Keys are hashed to keep names out of memory dumps. */
  readonly #last = new Map<string, { counter: number; index: number }>();

  static async rebuild(ledger: Ledger): Promise<PatientCounter> {
    const counter = new PatientCounter();
    for await (const batch of ledger.read()) {
      for (const { patient, index } of batch) {
        if (patient === null || patient.length === 0) continue;
        const view = JSON.parse(Buffer.from(patient).toString('utf8')) as { patient?: string; counter?: number };
        if (view.patient !== undefined && view.counter !== undefined)
          counter.#last.set(digest(view.patient), { counter: view.counter, index });
      }
    }
    return counter;
  }

  /** Writes `counter` and `previous` into the patient parts of entries that will stand from `firstIndex` on. */
  number(entries: readonly EntryInput[], firstIndex: number): void {
    for (const [i, entry] of entries.entries()) {
      if (entry.patient === null) continue;
      const view = JSON.parse(Buffer.from(entry.patient).toString('utf8')) as Record<string, unknown>;
      const key = digest(String(view['patient']));
      const last = this.#last.get(key);
      const counter = (last?.counter ?? 0) + 1;
      entry.patient = Buffer.from(JSON.stringify({ ...view, counter, previous: last?.index ?? null }));
      this.#last.set(key, { counter, index: firstIndex + i });
    }
  }
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}
