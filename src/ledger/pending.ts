import type { DayClass } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import { readOptional, removeFile, replaceFile } from './files.ts';
import { isRecord, parseJson } from './json.ts';
import type { Store } from './store.ts';

/** Work that must be finished once it has begun; written down before its first step. */
export type PendingWork =
  | { kind: 'erase'; uid: string; indexes: readonly number[]; reason: string }
  | { kind: 'expire'; uid: string; keys: readonly DayClass[] };

const PURPOSE = 'pending';

export function writePending(store: Store, work: PendingWork): void {
  const text = JSON.stringify(work);
  const mac = store.master.mac(PURPOSE, Buffer.from(text)).toString('hex');
  replaceFile(store.layout.pending, `${mac}\n${text}\n`);
}

export function clearPending(store: Store): void {
  removeFile(store.layout.pending);
}

/**
 * The work that a crash interrupted, or null.
 * @throws {LedgerError} `corrupt` when the file was not written by the holder of the key: nothing is erased on its word.
 */
export function readPending(store: Pick<Store, 'layout' | 'master'>): PendingWork | null {
  const bytes = readOptional(store.layout.pending);
  if (bytes === null) return null;
  const [mac = '', text = ''] = bytes.toString('utf8').split('\n');
  const value = parseJson(text);
  if (store.master.macMatches(PURPOSE, Buffer.from(text), Buffer.from(mac, 'hex')) && isWork(value)) return value;
  throw new LedgerError('corrupt', `the file ${store.layout.pending} was not written by this ledger`, {
    advice: 'nothing has been erased; move the file away and look where it came from',
  });
}

function isWork(value: unknown): value is PendingWork {
  if (!isRecord(value) || typeof value['uid'] !== 'string') return false;
  return value['kind'] === 'erase' ? Array.isArray(value['indexes']) : Array.isArray(value['keys']);
}
