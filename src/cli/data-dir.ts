import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { DETECT_MIGRATIONS, type DetectTables } from '#detect/sigma';
import { INGEST_MIGRATIONS, type IngestTables } from '#ingest';
import { openState } from '#kernel/database';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { INCIDENTS_MIGRATIONS, type IncidentsTables } from '#respond/incidents';
import { NOTIFICATIONS_MIGRATIONS, type NotificationsTables } from '#respond/notifications';
import type { CliIo } from './io.ts';

export type StateTables = IngestTables & DetectTables & IncidentsTables & NotificationsTables;

/** A data directory opened for writing: the ledger and the state beside it. */
export interface DataDir extends AsyncDisposable {
  ledger: Ledger;
  state: Kysely<StateTables>;
}

export interface OpenDataOptions {
  /** Make a ledger where there is none, and say so. */
  create?: boolean;
  keyFile?: string | undefined;
}

/**
 * Opens a data directory for writing.
 * @throws {LedgerError} as `openLedger`; `missing` when there is no ledger and `create` is not set.
 * @throws {DatabaseError} when the state cannot be opened.
 */
export async function openDataDir(dir: string, io: CliIo, options: OpenDataOptions = {}): Promise<DataDir> {
  const key = options.keyFile === undefined ? {} : { keyFile: options.keyFile };
  // The manifest comes last: without it an earlier making was cut short.
  const isNew = options.create === true && !existsSync(join(dir, 'ledger', 'ledger.json'));
  if (isNew) await createLedger({ dir, ...key });
  const ledger = await openLedger({ dir, ...key });
  if (isNew)
    io.stderr(
      `A new ledger was made in ${dir}, named ${ledger.origin}.\nIts master key lies in ${ledger.manifest.keyFile}.\n` +
        'Keep a copy of that file elsewhere: without it nothing in the ledger can be read.\n',
    );
  try {
    const migrations = {
      ...INGEST_MIGRATIONS,
      ...DETECT_MIGRATIONS,
      ...INCIDENTS_MIGRATIONS,
      ...NOTIFICATIONS_MIGRATIONS,
    };
    const state = await openState<StateTables>(dir, migrations);
    return {
      ledger,
      state,
      async [Symbol.asyncDispose]() {
        await state.destroy();
        await ledger[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await ledger[Symbol.asyncDispose]();
    throw error;
  }
}
