import { DAY_MS, dayText } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import { LEAF_BYTES } from './frame.ts';
import { CLOCK_AHEAD_DAYS_MAX, CLOCK_LOOK_BACK_ENTRIES } from './limits.ts';
import { isOwnClass } from './own-events.ts';
import type { Store } from './store.ts';

/**
 * Refuses a clock that is far ahead of the newest entry: by it, keys would be destroyed for good that are not due. Entries
 * of the ledger's own do not count, because this very run may have recorded them by the wrong clock.
 * @throws {LedgerError} `clock_ahead`.
 */
export function refuseClockAhead(store: Store, nowMs: number): void {
  const newest = newestReceipt(store);
  if (nowMs - newest <= CLOCK_AHEAD_DAYS_MAX * DAY_MS) return;
  const [now, then] = [nowMs, newest].map((ms) => dayText(Math.floor(ms / DAY_MS)));
  throw new LedgerError(
    'clock_ahead',
    `by the clock it is ${now}, and the newest entry is of ${then}: nothing was destroyed`,
    { advice: 'look at the date of this machine; where it is right, add --clock-is-right' },
  );
}

/** When the newest of the last entries was received, ms; the making of the ledger where there is none. */
function newestReceipt({ head, manifest, reader }: Store): number {
  const from = Math.max(0, head.size - CLOCK_LOOK_BACK_ENTRIES);
  let newest: number | null = null;
  let oldest = Number.MAX_SAFE_INTEGER;
  for (const { frame } of reader.frames(from, head.size))
    for (let at = 0; at < frame.leaves.length; at += LEAF_BYTES) {
      const receivedMs = frame.leaves.readUIntBE(at + 5, 6);
      oldest = Math.min(oldest, receivedMs);
      if (!isOwnClass(frame.leaves.readUInt32BE(at + 1))) newest = Math.max(newest ?? 0, receivedMs);
    }
  if (newest !== null) return newest;
  return from === 0 ? manifest.createdMs : oldest;
}
