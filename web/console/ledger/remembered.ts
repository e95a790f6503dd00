import type { Remembered } from './tlog/verify.ts';

/** Where this browser keeps what it saw of each ledger. */
function place(origin: string): string {
  return `wardkeep.ledger.${origin}`;
}

/** What this browser saw of a ledger last; null when it never did, or what lies there is not ours. */
export function recall(origin: string): Remembered | null {
  try {
    const kept = JSON.parse(localStorage.getItem(place(origin)) ?? 'null') as Partial<Remembered> | null;
    const isWhole =
      typeof kept?.vkey === 'string' &&
      typeof kept.root === 'string' &&
      Number.isSafeInteger(kept.size) &&
      Number.isFinite(kept.atMs);
    return isWhole ? (kept as Remembered) : null;
  } catch {
    return null;
  }
}

export function remember(origin: string, remembered: Remembered): void {
  localStorage.setItem(place(origin), JSON.stringify(remembered));
}

export function forget(origin: string): void {
  localStorage.removeItem(place(origin));
}
