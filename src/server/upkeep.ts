import type { Archive } from '#archive';
import type { Log } from '#kernel';
import type { Ledger } from '#ledger';
import type { Accounts } from '#protect/accounts';
import type { ClockWatch } from './clock-watch.ts';

/** Pauses between two rounds, ms. */
const RETENTION_EVERY_MS = 60 * 60_000;
const SEAL_EVERY_MS = 10 * 60_000;
const SWEEP_EVERY_MS = 15 * 60_000;
const PLACE_EVERY_MS = 60_000;

export interface UpkeepOptions {
  ledger: Ledger;
  archive: Archive;
  accounts: Accounts;
  keepPlace: () => Promise<void>;
  clockWatch: Pick<ClockWatch, 'doubt'>;
  log: Log;
}

/**
 * Destroys what is over, for good. A clock that is in doubt destroys nothing: what came in by it would bear it out, so
 * that the ledger's own guard, which looks at the newest entries, sees nothing wrong.
 */
export async function applyRetention({
  ledger,
  archive,
  clockWatch,
  log,
}: Pick<UpkeepOptions, 'ledger' | 'archive' | 'clockWatch' | 'log'>): Promise<void> {
  const doubt = clockWatch.doubt();
  if (doubt !== null) log.warn('no retention is applied: the clock is in doubt', { reason: doubt });
  else {
    const { expired } = await ledger.upkeep.expire();
    if (expired.length > 0) log.info('retention: days have expired', { days: expired.length });
  }
  await archive.applyRetention();
}

/**
 * What has to be done now and then: days that have ended are sealed in the archive; classes of events whose time is over
 * lose their keys, unless a legal hold or a doubtful clock stands against it; old sessions are forgotten.
 */
export function startUpkeep(options: UpkeepOptions): Disposable {
  const { archive, accounts, keepPlace, log } = options;
  const every = (ms: number, what: string, work: () => Promise<unknown>): NodeJS.Timeout => {
    const timer = setInterval(() => void work().catch((error: unknown) => log.error(what, error)), ms);
    timer.unref();
    return timer;
  };
  const timers = [
    every(SEAL_EVERY_MS, 'the archive could not be sealed', () => archive.seal()),
    every(RETENTION_EVERY_MS, 'retention could not be applied', () => applyRetention(options)),
    every(PLACE_EVERY_MS, 'the place of the incidents could not be noted', keepPlace),
    every(SWEEP_EVERY_MS, 'old sessions could not be removed', () => accounts.sweep()),
  ];
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
