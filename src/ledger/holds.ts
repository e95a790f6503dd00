import { DAY_MS, dayText } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import type { Hold } from './manifest.ts';

/** The hold that covers a receive day (days since the epoch), or null. */
export function holdOver(holds: readonly Hold[], day: number): Hold | null {
  const text = dayText(day);
  const covers = (hold: Hold): boolean => (hold.fromDay ?? text) <= text && text <= (hold.toDay ?? text);
  return holds.find(covers) ?? null;
}

/** @throws {LedgerError} `held` when a hold covers the day. */
export function refuseHeld(holds: readonly Hold[], day: number, what: string): void {
  const hold = holdOver(holds, day);
  if (hold === null) return;
  throw new LedgerError('held', `${what} is under the legal hold "${hold.name}"`, {
    advice: 'release the hold first, when the law allows it: wardkeep ledger hold --release NAME',
  });
}

/** Milliseconds at the start of a day `YYYY-MM-DD`, or null when it is none. */
export function parseDay(text: string): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) || dayText(Math.floor(ms / DAY_MS)) !== text ? null : ms;
}
