import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#kernel';
import { formatSteps, openDatabase } from '#kernel/database';
import { openLedger } from '#ledger';
import { STATE_MIGRATIONS, type StateTables } from './steps.ts';
import { ServerError } from '../errors.ts';
import { isDerived } from './carry-over.ts';
import { copyDatabase, keptName, removeDatabase, replaceState, statePath } from './files.ts';
import { type UpgradeCheck, checkUpgrade } from './formats.ts';

/** The state while it is brought up to date. */
const MIGRATED = 'state-upgrading.sqlite';

export interface UpgradeOptions {
  dir: string;
  keyFile?: string | undefined;
  clock: Clock;
}

export interface UpgradeSummary {
  check: UpgradeCheck;
  /** Steps that were made, by name; empty where nothing was to be done. */
  steps: string[];
  /** File name, in the data directory, of the state as it was; null where nothing was done. */
  kept: string | null;
  /** Table → rows of what people set, before and after. */
  rows: Record<string, { before: number; after: number }>;
  /** Entries of the ledger, which was opened and not changed. */
  entries: number;
}

/**
 * Brings a data directory up to this version's formats: a copy of the state is migrated and looked at, and takes the place of the
 * old one when it holds all that this had. The old one is kept, so that the version of before can go on with it.
 * @throws {ServerError} `not_upgradable` with what stands in the way; `not_whole`; {LedgerError}, {DatabaseError}
 */
export async function upgradeData(options: UpgradeOptions): Promise<UpgradeSummary> {
  const { dir, keyFile, clock } = options;
  const check = checkUpgrade(dir, clock);
  if (check.hindrances.length > 0)
    throw new ServerError('not_upgradable', `nothing was changed: ${check.hindrances.join('; ')}`);
  // Opening it looks at its end; while its lock is held no server begins.
  await using ledger = await openLedger({ dir, ...(keyFile === undefined ? {} : { keyFile }) });
  const nothing = { check, steps: [], kept: null, rows: {}, entries: ledger.size };
  if (check.steps.length === 0) return nothing;
  return { ...nothing, ...(await migrateState(dir, clock)) };
}

/** What `up` does by itself before it opens a state of an older version; null where there is nothing to be done. */
export async function migrateOlder(dir: string, clock: Clock): Promise<{ steps: string[]; kept: string } | null> {
  const found = existsSync(statePath(dir)) ? formatSteps(statePath(dir), STATE_MIGRATIONS) : null;
  // One of a newer version is refused with words where it is opened.
  if (found === null || found.unknown.length > 0) return null;
  // Tables of a module that has none yet change nothing that is there: a command that needs few modules makes but theirs.
  const known = new Set(found.done.map(moduleOf));
  if (!found.pending.some((step) => known.has(moduleOf(step)))) return null;
  const { steps, kept } = await migrateState(dir, clock);
  return { steps, kept };
}

/** `0002_ingest_patients` is a step of `ingest`. */
function moduleOf(step: string): string {
  return step.split('_')[1] ?? '';
}

async function migrateState(
  dir: string,
  clock: Clock,
): Promise<Pick<UpgradeSummary, 'steps' | 'rows'> & { kept: string }> {
  const copy = join(dir, MIGRATED);
  const steps = formatSteps(statePath(dir), STATE_MIGRATIONS)?.pending ?? [];
  try {
    await copyDatabase(statePath(dir), copy);
    const before = rowsOf(copy);
    await (await openDatabase<StateTables>(copy, STATE_MIGRATIONS)).destroy();
    const rows = compared(before, rowsOf(copy));
    const kept = keptName(clock.nowMs());
    replaceState(dir, copy, kept);
    return { steps, rows, kept };
  } finally {
    removeDatabase(copy);
  }
}

/** Rows of each table that is not derived from the ledger. @throws {ServerError} `not_whole` for a damaged file. */
function rowsOf(path: string): Map<string, number> {
  const database = new DatabaseSync(path);
  try {
    const integrity = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
    const strays = database.prepare('PRAGMA foreign_key_check').all().length;
    if (integrity !== 'ok' || strays > 0)
      throw new ServerError('not_whole', 'the state is damaged; nothing was replaced', {
        advice: 'make it anew with: wardkeep rebuild state',
      });
    const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const counted = names
      .map(({ name }) => String(name))
      .filter((name) => !isDerived(name))
      .map((name) => [name, Number(database.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.['n'])] as const);
    return new Map(counted);
  } finally {
    database.close();
  }
}

/** @throws {ServerError} `not_whole` when a table has fewer rows than before. */
function compared(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): UpgradeSummary['rows'] {
  const rows: UpgradeSummary['rows'] = {};
  for (const [name, count] of before) {
    const now = after.get(name) ?? 0;
    if (now < count)
      throw new ServerError('not_whole', `of ${count} rows of ${name} only ${now} came through; nothing was replaced`, {
        advice: 'go on with the version of before, and report it',
      });
    rows[name] = { before: count, after: now };
  }
  return rows;
}
