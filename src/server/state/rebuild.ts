import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledQuery, type Kysely } from 'kysely';
import { openRules } from '#console';
import { detect, importedRulesDir, shippedRulesDir } from '#detect/sigma';
import { PatientCounter } from '#ingest';
import { type Clock, type Log, type RandomFill, WardkeepError, systemErrorCode } from '#kernel';
import type { Config } from '#kernel/config';
import { DatabaseError, openDatabase } from '#kernel/database';
import { type Ledger, openLedger } from '#ledger';
import { type ReplaySummary, replayIncidents } from '#respond/incidents';
import { STATE_MIGRATIONS, type StateTables } from './steps.ts';
import { ServerError } from '../errors.ts';
import { type CarriedOver, carryOver } from './carry-over.ts';
import { copyDatabase, keptName, makeDatabase, removeDatabase, replaceState, statePath } from './files.ts';

/** The new state until it is whole, and a copy of the old one that is read. */
const FRESH = 'state-rebuilding.sqlite';
const PREVIOUS = 'state-previous.sqlite';

export interface RebuildOptions {
  dir: string;
  keyFile?: string | undefined;
  config: Config;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  random: RandomFill;
  log: Log;
  onProgress?: (what: string, done: number, total: number) => void;
}

export interface RebuildSummary {
  entries: number;
  patients: number;
  incidents: ReplaySummary;
  /** Findings that today's rules make of what is in the ledger, and that are not in it. */
  missingFindings: number;
  /** `none`: there was no state; `unreadable`: it is damaged, and kept as it is. */
  previous: 'read' | 'none' | 'unreadable';
  carried: CarriedOver;
  /** File name, in the data directory, of the state as it was; null where there was none. */
  kept: string | null;
}

/**
 * Makes the state of a data directory anew: what follows from the ledger out of the ledger, the rest from the old file as far as
 * that can be read. The old file is in its place until the new one is whole, and is kept. Nothing is appended to the ledger.
 * @throws {LedgerError} `locked` beside a running server, and as `openLedger`; {DatabaseError} `newer_format`; {ServerError}
 * `not_whole` when the new state does not hold what the ledger has: then the old one stays.
 */
export async function rebuildState(options: RebuildOptions): Promise<RebuildSummary> {
  const { dir, keyFile, clock } = options;
  const fresh = join(dir, FRESH);
  const copy = join(dir, PREVIOUS);
  // The write lock comes first: nothing is replaced beside a running server.
  await using ledger = await openLedger({ dir, ...(keyFile === undefined ? {} : { keyFile }) });
  makeDatabase(fresh);
  const previous = await openPrevious(dir, copy);
  const state = await openDatabase<StateTables>(fresh, STATE_MIGRATIONS);
  let summary: RebuildSummary;
  try {
    const carried = previous.db === null ? { tables: {}, unreadable: [] } : await carryOver(state, copy);
    summary = await derive({ ...options, ledger, state, previous: previous.db, kind: previous.kind, carried });
    await check(state, summary);
  } catch (error) {
    await state.destroy();
    removeDatabase(fresh);
    throw error;
  } finally {
    await previous.db?.destroy();
    removeDatabase(copy);
  }
  await state.destroy();
  const kept = existsSync(statePath(dir)) ? keptName(clock.nowMs()) : null;
  replaceState(dir, fresh, kept ?? keptName(clock.nowMs()));
  return { ...summary, kept };
}

interface Deriving extends RebuildOptions {
  ledger: Ledger;
  state: Kysely<StateTables>;
  previous: Kysely<StateTables> | null;
  kind: RebuildSummary['previous'];
  carried: CarriedOver;
}

async function derive(options: Deriving): Promise<RebuildSummary> {
  const { ledger, state, previous, kind, carried, clock, log, random, config, onProgress } = options;
  onProgress?.('patients', 0, ledger.size);
  await using patients = await PatientCounter.open(state, ledger);
  await patients.save();
  const dirs = { shipped: shippedRulesDir(), imported: importedRulesDir(options.env, options.dir) };
  const rules = await openRules({ state, dirs, load: config.rules, clock, log });
  const detected = await detect({
    ledger,
    state,
    ruleSet: rules.ruleSet(),
    clock,
    from: 0,
    append: false,
    onProgress: (done, total) => onProgress?.('correlations', done, total),
  });
  const zone = config.zone ?? 'UTC';
  const incidents = await replayIncidents({
    ledger,
    state,
    previous,
    random,
    log,
    zone: () => zone,
    onProgress: (done, total) => onProgress?.('incidents', done, total),
  });
  const { count } = await state
    .selectFrom('ingest_patients')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return {
    entries: ledger.size,
    patients: count,
    incidents,
    missingFindings: detected.missing,
    previous: kind,
    carried,
    kept: null,
  };
}

/** @throws {ServerError} `not_whole` */
async function check(state: Kysely<StateTables>, { incidents }: RebuildSummary): Promise<void> {
  const integrity = await state.executeQuery<{ integrity_check: string }>(CompiledQuery.raw('PRAGMA integrity_check'));
  const { count } = await state
    .selectFrom('incidents_finding')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (integrity.rows[0]?.integrity_check === 'ok' && count === incidents.findings) return;
  throw new ServerError('not_whole', `the new state has ${count} findings, the ledger ${incidents.findings}`, {
    advice: 'nothing was replaced; please report it',
  });
}

/** A copy of the old state, brought up to today's format. @throws {DatabaseError} `newer_format` */
async function openPrevious(
  dir: string,
  copy: string,
): Promise<{ db: Kysely<StateTables> | null; kind: RebuildSummary['previous'] }> {
  if (!existsSync(statePath(dir))) return { db: null, kind: 'none' };
  try {
    await copyDatabase(statePath(dir), copy);
    return { db: await openDatabase<StateTables>(copy, STATE_MIGRATIONS), kind: 'read' };
  } catch (error) {
    removeDatabase(copy);
    if (error instanceof DatabaseError && error.code === 'newer_format') throw error;
    // A full disk is no damage.
    if (systemErrorCode(error) === 'ENOSPC' || (error instanceof WardkeepError && error.code === 'disk_full'))
      throw error;
    return { db: null, kind: 'unreadable' };
  }
}
