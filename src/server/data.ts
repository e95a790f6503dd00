import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { type Clock, type Log, makeDirectory, messageOf } from '#kernel';
import { openState } from '#kernel/database';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { ServerError } from './errors.ts';
import { STATE_MIGRATIONS, type StateTables } from './state/steps.ts';
import { migrateOlder } from './state/upgrade.ts';

export interface OpenedData extends AsyncDisposable {
  ledger: Ledger;
  state: Kysely<StateTables>;
  /** The ledger was made just now. */
  isNew: boolean;
  /** What was done to a state of an older version, and under which name it is kept; null where nothing was. */
  migrated: { steps: string[]; kept: string } | null;
}

/**
 * Opens the data directory for the server; the first time it makes it.
 * @throws {ServerError} `not_writable`; {LedgerError}, {DatabaseError} as their openings do.
 */
export async function openData(options: {
  dir: string;
  keyFile?: string | undefined;
  clock: Clock;
  log: Log;
}): Promise<OpenedData> {
  const { dir, keyFile, clock, log } = options;
  const key = keyFile === undefined ? {} : { keyFile };
  try {
    makeDirectory(dir);
  } catch (error) {
    throw new ServerError('not_writable', `${dir} cannot be made (${messageOf(error)})`, {
      cause: error,
      advice: 'name a folder of your own with --data, or run as the user whom it belongs to',
    });
  }
  // The manifest comes last: without it an earlier making was cut short.
  const isNew = !existsSync(join(dir, 'ledger', 'ledger.json'));
  if (isNew) await createLedger({ dir, ...key, clock });
  await using stack = new AsyncDisposableStack();
  const ledger = stack.use(await openLedger({ dir, ...key, clock, log }));
  const migrated = await migrateOlder(dir, clock);
  if (migrated !== null)
    log.info('the state was brought up to date', { steps: migrated.steps.length, kept: migrated.kept });
  const state = await openState<StateTables>(dir, STATE_MIGRATIONS);
  stack.defer(() => state.destroy());
  const opened = stack.move();
  return { ledger, state, isNew, migrated, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
