import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely, Migration } from 'kysely';
import { CONSOLE_MIGRATIONS, type ConsoleTables } from '#console';
import { DETECT_MIGRATIONS, type DetectTables } from '#detect/sigma';
import { INGEST_MIGRATIONS, type IngestTables } from '#ingest';
import { INTAKE_MIGRATIONS, type IntakeTables } from '#ingest/live';
import { type Clock, type Log, messageOf } from '#kernel';
import { openState } from '#kernel/database';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { ACCOUNTS_MIGRATIONS, type AccountsTables } from '#protect/accounts';
import { FORWARDING_MIGRATIONS, type ForwardingTables } from '#respond/forwarding';
import { INCIDENTS_MIGRATIONS, type IncidentsTables } from '#respond/incidents';
import { NOTIFICATIONS_MIGRATIONS, type NotificationsTables } from '#respond/notifications';
import { ServerError } from './errors.ts';

/** Every table of the state database. */
export type StateTables = IngestTables &
  IntakeTables &
  DetectTables &
  IncidentsTables &
  NotificationsTables &
  ForwardingTables &
  AccountsTables &
  ConsoleTables;

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  ...INGEST_MIGRATIONS,
  ...INTAKE_MIGRATIONS,
  ...DETECT_MIGRATIONS,
  ...INCIDENTS_MIGRATIONS,
  ...NOTIFICATIONS_MIGRATIONS,
  ...FORWARDING_MIGRATIONS,
  ...ACCOUNTS_MIGRATIONS,
  ...CONSOLE_MIGRATIONS,
};

export interface OpenedData extends AsyncDisposable {
  ledger: Ledger;
  state: Kysely<StateTables>;
  /** The ledger was made just now. */
  isNew: boolean;
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
    mkdirSync(dir, { recursive: true, mode: 0o700 });
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
  const state = await openState<StateTables>(dir, MIGRATIONS);
  stack.defer(() => state.destroy());
  const opened = stack.move();
  return { ledger, state, isNew, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
