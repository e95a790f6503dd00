import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Archive } from '#archive';
import { type CorrelationRule, type LoadOptions, type Rule, type RuleSet, loadRules } from '#detect/sigma';
import type { Clock, Log } from '#kernel';
import type { Ledger } from '#ledger';
import type { RuleImport } from '../api.ts';
import type { RuleDesk } from '../deps.ts';
import { ConsoleError } from '../errors.ts';
import { ConsoleStore, type ConsoleTables } from '../store.ts';
import { loadInWorker } from './load-in-worker.ts';
import { previewRules } from './preview.ts';
import { type RuleContext, brokenOf, detailOf, summaryOf } from './rule-texts.ts';
import { openTunings } from './tuning.ts';

const DAY_MS = 86_400_000;
const FINDINGS_DAYS = 7;
/** Counts of findings are this old at most. */
const COUNTS_MS = 60_000;
const RULES_COUNTED_MAX = 10_000;

export interface RuleDeskOptions {
  /** Opened with `CONSOLE_MIGRATIONS`. */
  state: Kysely<ConsoleTables>;
  /** Rules that come with Wardkeep, and the folder of imported ones (it need not be there). */
  dirs: { shipped: string; imported: string };
  load: LoadOptions;
  clock: Clock;
  log: Log;
}

/** What comes to be after the rules were loaded, since it needs them. */
export interface RuleUsers {
  ledger: Pick<Ledger, 'read' | 'size'>;
  archive: Pick<Archive, 'hunt'>;
  /** Other rules run from now on. */
  apply: (ruleSet: RuleSet) => Promise<void>;
}

/** The rules of the house: what is loaded, what of it runs, and at which level. */
export interface OpenedRules {
  /** The rules that run now. */
  ruleSet(): RuleSet;
  /** The desk of the console over what uses the rules. */
  desk(users: RuleUsers): RuleDesk;
}

/**
 * Loads all rules and what people set for them; the server hands `ruleSet()` to detection.
 * @throws {SigmaError} `unreadable_rules`
 */
export async function openRules({ state, dirs, load, clock, log }: RuleDeskOptions): Promise<OpenedRules> {
  const tunings = await openTunings(new ConsoleStore(state));
  const folders = (): string[] => [dirs.shipped, dirs.imported].filter((dir) => existsSync(dir));
  let all = await loadRules(folders(), load);
  log.info('rules are loaded', { loaded: all.report.loaded, failed: all.report.failed.length });
  /** One change of the rules after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const contextOf = (rule: AnyRule, found: ReadonlyMap<string, number>): RuleContext => ({
    tuning: tunings.of(rule.id),
    findings: found.get(rule.id) ?? 0,
    shippedDir: dirs.shipped,
    report: all.report,
  });

  return {
    ruleSet: () => tunings.applyTo(all),
    desk({ ledger, archive, apply }) {
      const counts = createCounts({ archive, clock, log });
      return {
        async list() {
          const found = await counts();
          const rules = every(all).map((rule) => summaryOf(rule, contextOf(rule, found)));
          return [...rules, ...all.report.failed.map((one) => brokenOf(one, dirs.shipped))];
        },
        async get(id) {
          const rule = every(all).find((one) => one.id === id);
          return rule === undefined ? null : detailOf(rule, contextOf(rule, await counts()));
        },
        async change(id, change) {
          const rule = required(all, id);
          await inTurn(async () => {
            await tunings.change(id, change);
            await apply(tunings.applyTo(all));
          });
          return detailOf(rule, contextOf(rule, await counts()));
        },
        preview: async (id, days) => previewRules(alone(all, required(all, id)), { ledger, days, clock }),
        importArchive: (archive) =>
          inTurn(async () => {
            const { imported, ruleSet } = await importInto(dirs.imported, archive, { folders, load, clock });
            all = ruleSet;
            await apply(tunings.applyTo(all));
            return imported;
          }),
      };
    },
  };
}

type AnyRule = Rule | CorrelationRule;

function every({ rules, correlations }: RuleSet): AnyRule[] {
  return [...rules, ...correlations];
}

/** @throws {ConsoleError} `not_found` */
function required(all: RuleSet, id: string): AnyRule {
  const rule = every(all).find((one) => one.id === id);
  if (rule !== undefined) return rule;
  throw new ConsoleError('not_found', 'there is no such rule');
}

/** A rule by itself; a correlation with all rules that it may look at, which then tell nothing of their own. */
function alone(all: RuleSet, rule: AnyRule): Pick<RuleSet, 'rules' | 'correlations'> {
  if ('detection' in rule) return { rules: [rule], correlations: [] };
  const needed = neededBy(all, rule);
  const correlations = all.correlations.filter((one) => needed.has(one)).map(silencing);
  return { rules: all.rules.filter((one) => needed.has(one)), correlations };
}

function silencing(rule: CorrelationRule): CorrelationRule {
  return { ...rule, section: { ...rule.section, generate: false } };
}

/** What a correlation refers to, by id or name, through other correlations too. */
function neededBy(all: RuleSet, rule: CorrelationRule): ReadonlySet<AnyRule> {
  const needed = new Set<AnyRule>([rule]);
  for (const one of needed)
    if ('section' in one)
      for (const other of every(all))
        if (one.section.rules.some((name) => name === other.id || name === other.name)) needed.add(other);
  return needed;
}

async function importInto(
  target: string,
  archive: Uint8Array,
  { folders, load, clock }: { folders: () => string[]; load: LoadOptions; clock: Clock },
): Promise<{ imported: RuleImport; ruleSet: RuleSet }> {
  const kind = kindOf(archive);
  const folder = await mkdtemp(join(tmpdir(), 'wardkeep-rules-'));
  try {
    // The same archive again takes the place of the first; another one lies beside it.
    const name = `console-${createHash('sha256').update(archive).digest('hex').slice(0, 8)}`;
    const source = join(folder, `${name}.${kind}`);
    await writeFile(source, archive, { mode: 0o600 });
    const dirs = [...new Set([...folders(), target])];
    const { imported, ruleSet } = await loadInWorker({
      importing: { source, target, nowMs: clock.nowMs() },
      dirs,
      options: load,
    });
    if (imported === null) throw new Error('invariant broken: an import was asked for');
    const { files, licences, report } = imported;
    if (imported.folder === null) throw noRules(report.failed[0]?.reason);
    const inside = (file: string): string => file.slice(source.length).replace(/^[:/\\]+/, '') || name;
    const failed = report.failed.map(({ file, reason }) => ({ file: inside(file), reason }));
    return { imported: { imported: files - failed.length, failed, licence: licences[0] ?? null }, ruleSet };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function noRules(reason: string | undefined): ConsoleError {
  return new ConsoleError(
    'invalid',
    `the archive holds no rules that can be loaded${reason === undefined ? '' : ` (${reason})`}`,
    {
      advice: 'send a .tgz or .zip that holds Sigma rules (.yml)',
    },
  );
}

function kindOf(archive: Uint8Array): 'tgz' | 'zip' {
  if (archive[0] === 0x1f && archive[1] === 0x8b) return 'tgz';
  if (archive[0] === 0x50 && archive[1] === 0x4b) return 'zip';
  throw new ConsoleError('invalid', 'the body is neither a .tgz nor a .zip', {
    advice: 'send the archive of rules as it was published',
  });
}

/** Findings of the last week by rule, asked of the archive now and then. */
function createCounts({
  archive,
  clock,
  log,
}: {
  archive: Pick<Archive, 'hunt'>;
  clock: Clock;
  log: Log;
}): () => Promise<ReadonlyMap<string, number>> {
  let known: { atMs: number; counts: Promise<ReadonlyMap<string, number>> } | null = null;
  const ask = async (): Promise<ReadonlyMap<string, number>> => {
    const since = new Date(clock.nowMs() - FINDINGS_DAYS * DAY_MS).toISOString().slice(0, 19).replace('T', ' ');
    const sql = `SELECT rule_id, count(*) FROM findings WHERE received >= TIMESTAMP '${since}' GROUP BY rule_id`;
    try {
      const { rows } = await archive.hunt(sql, { limit: RULES_COUNTED_MAX, seesPatients: false });
      return new Map(rows.map(([id, count]) => [String(id), Number(count)]));
    } catch (error) {
      log.error('findings could not be counted by rule', error);
      return new Map();
    }
  };
  return () => {
    const nowMs = clock.nowMs();
    if (known === null || nowMs - known.atMs >= COUNTS_MS || nowMs < known.atMs) known = { atMs: nowMs, counts: ask() };
    return known.counts;
  };
}
