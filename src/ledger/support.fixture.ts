import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '#kernel';
import { createLedger } from './create.ts';
import type { EntryInput, StoredEntry } from './types.ts';

/** The moment at which the tests take place. */
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 30);

/** A made-up event; a third of them are records, some lack a raw or a patient part. */
export function entryOf(
  n: number,
  retention: 'record' | 'telemetry' = n % 3 === 0 ? 'record' : 'telemetry',
): EntryInput {
  return {
    classUid: 3002 + (n % 5),
    retention,
    normal: JSON.stringify({ n, message: `event ${n} ü` }),
    raw: n % 4 === 0 ? new Uint8Array(0) : Buffer.from(`raw line ${n}`),
    patient: n % 7 === 0 ? Buffer.from(`{"seen":${n}}`) : null,
  };
}

export function entriesOf(from: number, count: number): EntryInput[] {
  return Array.from({ length: count }, (_one, n) => entryOf(from + n));
}

/** An empty directory that goes away with the test. */
export function temporaryDirectory(t: { after: (done: () => void) => void }): string {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-ledger-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return base;
}

export interface Place {
  dir: string;
  keyFile: string;
}

/** A fresh ledger with its key beside it. */
export async function temporaryLedger(t: { after: (done: () => void) => void }): Promise<Place> {
  const base = temporaryDirectory(t);
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger({ ...place, origin: 'log.test/one', clock: new ManualClock(NOW) });
  return place;
}

export async function readAll(ledger: { read: () => AsyncGenerator<StoredEntry[]> }): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  for await (const batch of ledger.read()) all.push(...batch);
  return all;
}
