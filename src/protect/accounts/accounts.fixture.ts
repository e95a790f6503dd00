import { randomFillSync } from 'node:crypto';
import { type Log, ManualClock, silentLog } from '#kernel';
import { openDatabase } from '#kernel/database';
import { type Accounts, openAccounts } from './accounts.ts';
import { ACCOUNTS_MIGRATIONS, type AccountsTables } from './store.ts';

export const NOW = Date.UTC(2026, 10, 24, 12);
export const PASSWORD = 'four quiet green lamps';

export interface World {
  accounts: Accounts;
  clock: ManualClock;
  /** What went into the ledger. */
  events: Record<string, unknown>[];
  /** Set to make recording fail. */
  ledger: { fault: Error | null };
  /** A second server on the same database. */
  again: (options?: { key?: Uint8Array; log?: Log }) => Accounts;
  close: () => Promise<void>;
}

/** Accounts over a real database in memory, with cheap hashes. */
export async function openWorld(): Promise<World> {
  const state = await openDatabase<AccountsTables>(':memory:', ACCOUNTS_MIGRATIONS);
  const clock = new ManualClock(NOW);
  const events: Record<string, unknown>[] = [];
  const ledger: World['ledger'] = { fault: null };
  const record = async (event: Readonly<Record<string, unknown>>): Promise<number> => {
    if (ledger.fault !== null) throw ledger.fault;
    return events.push({ ...event }) - 1;
  };
  const again: World['again'] = ({ key = Buffer.alloc(32, 7), log = silentLog } = {}) =>
    openAccounts({
      state,
      key,
      record,
      clock,
      random: (buffer) => void randomFillSync(buffer),
      log,
      cost: { memory: 64, passes: 1, parallelism: 1 },
    });
  return { accounts: again(), clock, events, ledger, again, close: () => state.destroy() };
}

/** The first administrator, made by the link. */
export async function setUp({ accounts }: Pick<World, 'accounts'>): Promise<string> {
  const link = await accounts.setup.issue();
  return (await accounts.setup.finish({ token: link?.token ?? '', name: 'ada', password: PASSWORD })).id;
}
