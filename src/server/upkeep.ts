import type { Archive } from '#archive';
import type { Log } from '#kernel';
import type { Accounts } from '#protect/accounts';

/** Pauses between two rounds, ms. */
const SEAL_EVERY_MS = 10 * 60_000;
const SWEEP_EVERY_MS = 15 * 60_000;

/** What has to be done now and then: days that have ended are sealed, sessions whose time is over forgotten. */
export function startUpkeep({
  archive,
  accounts,
  log,
}: {
  archive: Archive;
  accounts: Accounts;
  log: Log;
}): Disposable {
  const every = (ms: number, what: string, work: () => Promise<void>): NodeJS.Timeout => {
    const timer = setInterval(() => void work().catch((error: unknown) => log.error(what, error)), ms);
    timer.unref();
    return timer;
  };
  const timers = [
    every(SEAL_EVERY_MS, 'the archive could not be sealed', async () => {
      await archive.seal();
      await archive.applyRetention();
    }),
    every(SWEEP_EVERY_MS, 'old sessions could not be removed', () => accounts.sweep()),
  ];
  return { [Symbol.dispose]: () => void timers.map((timer) => clearInterval(timer)) };
}
