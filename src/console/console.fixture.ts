import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Archive, EventQuery, EventRow } from '#archive';
import type { DurableFinding } from '#detect/live';
import { type AppendedBatch, type Intake, LiveError, type LiveSource, type LiveSourceStatus } from '#ingest/live';
import { type Log, ManualClock, silentLog, systemRandom } from '#kernel';
import { openDatabase } from '#kernel/database';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { ACCOUNTS_MIGRATIONS, type Accounts, type AccountsTables, openAccounts } from '#protect/accounts';
import { INCIDENTS_MIGRATIONS, type Incidents, type IncidentsTables, openIncidents } from '#respond/incidents';
import type { RuleDetail, Trouble } from './api.ts';
import { type Console, createConsole } from './console.ts';
import type { Notifier, RuleDesk } from './deps.ts';
import { summaryOfEvent } from './event-shown.ts';
import { CONSOLE_MIGRATIONS, type ConsoleTables } from './store.ts';

export const NOW = Date.UTC(2026, 10, 24, 12);
export const PASSWORD = 'four quiet green lamps';
export const KEY = Buffer.alloc(32, 7);

/** A console over a real ledger, real accounts and a real database; what other modules keep is a list in memory. */
export interface World {
  console: Console;
  accounts: Accounts;
  ledger: Ledger;
  clock: ManualClock;
  dir: string;
  /** Events that Wardkeep itself recorded. */
  recorded: Record<string, unknown>[];
  /** Set to make recording fail. */
  disk: { fault: Error | null };
  incidents: Incidents;
  rules: RuleDetail[];
  troubles: Trouble[];
  sources: LiveSourceStatus[];
  /** What was asked of the archive. */
  asked: unknown[];
  append(event: Record<string, unknown>, raw?: string | Uint8Array): Promise<number>;
  /** A finding of a rule about a patient's record, taken by the incidents. */
  find(change?: Partial<DurableFinding> & { patient?: string; user?: string }): Promise<void>;
}

export interface WorldOptions {
  isSecure?: boolean;
  webDirectory?: string | null;
  log?: Log;
}

/** Opens a world that closes with the test. */
export async function openWorld(
  t: { after: (done: () => Promise<void>) => void },
  { isSecure = false, webDirectory = null, log = silentLog }: WorldOptions = {},
): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-console-'));
  const data = join(dir, 'data');
  const clock = new ManualClock(NOW);
  await createLedger({ dir: data, keyFile: join(dir, 'key'), origin: 'log.test/console', clock });
  const ledger = await openLedger({ dir: data, keyFile: join(dir, 'key'), clock, publishEveryMs: 0 });
  const state = await openDatabase<AccountsTables & ConsoleTables & IncidentsTables>(':memory:', {
    ...ACCOUNTS_MIGRATIONS,
    ...INCIDENTS_MIGRATIONS,
    ...CONSOLE_MIGRATIONS,
  });
  const rows: EventRow[] = [];
  const recorded: World['recorded'] = [];
  const disk: World['disk'] = { fault: null };
  const asked: unknown[] = [];
  const append: World['append'] = async (event, raw = '') => {
    const normal = JSON.stringify(event);
    const entry = {
      classUid: Number(event['class_uid']),
      retention: 'record',
      normal,
      raw: Buffer.from(raw),
      patient: null,
    } as const;
    const { firstIndex } = await ledger.append([entry]);
    rows.push(summaryOfEvent(firstIndex, clock.nowMs(), event));
    return firstIndex;
  };
  const record = async (event: Readonly<Record<string, unknown>>): Promise<number> => {
    if (disk.fault !== null) throw disk.fault;
    recorded.push({ ...event });
    return append({ ...event });
  };
  const accounts = openAccounts({
    state,
    key: KEY,
    record,
    clock,
    random: systemRandom,
    log: silentLog,
    cost: { memory: 64, passes: 1, parallelism: 1 },
  });
  const lists: Pick<World, 'rules' | 'troubles' | 'sources'> = { rules: [], troubles: [], sources: [] };
  const world = { clock, random: systemRandom, log: silentLog };
  const incidents = openIncidents({ state, ...world, zone: () => 'UTC' });
  const console = await createConsole({
    state,
    accounts,
    ledger,
    intake: intakeOver(lists.sources, record),
    archive: archiveOver(rows, asked),
    detector: { onFinding: () => undefined },
    rules: rulesOver(lists.rules),
    incidents,
    notifier: { test: async () => ({ ok: true, problem: null }), configure: () => undefined } satisfies Notifier,
    snippets: ({ name }) => [{ title: 'curl', text: `curl … # ${name}` }],
    troubles: () => lists.troubles,
    key: KEY,
    dataDirectory: data,
    version: '0.0.0-test',
    webDirectory,
    isSecure,
    clock,
    random: systemRandom,
    log,
  });
  t.after(async () => {
    console[Symbol.dispose]();
    await ledger[Symbol.asyncDispose]();
    await state.destroy();
    rmSync(dir, { recursive: true, force: true });
  });
  let findings = 0;
  const find: World['find'] = ({ patient = 'MRN 4711', user = 'j.doe', ...change } = {}) => {
    findings += 1;
    return incidents.accept({ ...findingOf(findings, { patient, user }), ...change });
  };
  return { ...lists, console, accounts, ledger, clock, dir, recorded, disk, asked, append, incidents, find };
}

function intakeOver(sources: LiveSourceStatus[], record: Intake['record']): Intake {
  const listeners: ((batch: AppendedBatch) => void)[] = [];
  const find = (id: string): LiveSourceStatus | null => sources.find(({ source }) => source.id === id) ?? null;
  return {
    submit: () => Promise.reject(new Error('not in this test')),
    record,
    onAppended: (listener) => void listeners.push(listener),
    sources: () => sources,
    source: find,
    async createSource(create) {
      const source: LiveSource = { id: `s${sources.length + 1}`, ...create };
      sources.push(statusOf(source));
      return { source, token: 'source-token' };
    },
    async changeSource(id, change) {
      const status = find(id);
      if (status === null) throw noSuchSource();
      Object.assign(status.source, change);
      return status.source;
    },
    async renewToken(id) {
      if (find(id) === null) throw noSuchSource();
      return 'new-token';
    },
    async removeSource(id) {
      const at = sources.findIndex(({ source }) => source.id === id);
      if (at === -1) throw noSuchSource();
      sources.splice(at, 1);
    },
    updateTap: async () => undefined,
    load: () => ({ queued: 0, queuedBytes: 0, shut: null, threadDeaths: 0, diesOften: false }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** What the intake throws for a source that is not there. */
function noSuchSource(): LiveError {
  return new LiveError('no_such_source', 'there is no such source');
}

/** A source as it is before its first event. */
export function statusOf(source: LiveSource): LiveSourceStatus {
  return {
    source,
    createdMs: NOW,
    health: 'new',
    problem: null,
    lastEventMs: null,
    events: 0,
    rejected: 0,
    rejects: {},
    rate: 0,
    rates: [],
    gaps: 0,
    lost: 0,
    clockOffsetS: null,
  };
}

function archiveOver(rows: readonly EventRow[], asked: unknown[]): Archive {
  return {
    accept: () => undefined,
    async events(query) {
      asked.push(query);
      return rows
        .filter((row) => fits(row, query))
        .toReversed()
        .slice(0, query.limit);
    },
    async hunt(sql, { limit, seesPatients }) {
      asked.push({ sql, limit, seesPatients });
      return { columns: [{ name: 'n', type: 'BIGINT' }], rows: [[1]], isTruncated: false, elapsedMs: 1, skipped: [] };
    },
    async exportTo(path, sql, options) {
      asked.push({ path, sql, format: options.format, seesPatients: options.seesPatients });
      const { writeFile } = await import('node:fs/promises');
      await writeFile(path, 'n\n1\n');
    },
    views: () => [{ name: 'events', description: 'All events.', columns: [], example: 'SELECT 1' }],
    standIn: (patient) => `patient-${createHash('sha256').update(patient).digest('hex').slice(0, 12)}`,
    activity: async (hours) =>
      Array.from({ length: hours }, (_one, n) => ({ hourMs: NOW - n, events: 1, findings: 0 })),
    settled: async () => undefined,
    seal: async () => undefined,
    applyRetention: async () => undefined,
    status: () => ({ sealedTo: 0, seenTo: 0, files: 0, bytes: 0, damaged: [], state: 'up', deaths: 0, problem: null }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function fits(row: EventRow, query: EventQuery): boolean {
  return (
    row.index < (query.before ?? Infinity) &&
    (query.classUid === undefined || row.classUid === query.classUid) &&
    (query.patient === undefined || row.patient === query.patient) &&
    (query.user === undefined || row.user === query.user) &&
    (query.indexes === undefined || query.indexes.includes(row.index)) &&
    (query.text === undefined || row.text.includes(query.text))
  );
}

function rulesOver(rules: RuleDetail[]): RuleDesk {
  return {
    list: async () =>
      rules.map(
        ({ id, title, level, origin, author, isEnabled, tactics, techniques, logsource, findings, problem }) => ({
          id,
          title,
          level,
          origin,
          author,
          isEnabled,
          tactics,
          techniques,
          logsource,
          findings,
          problem,
        }),
      ),
    get: async (id) => rules.find((rule) => rule.id === id) ?? null,
    async change(id, change) {
      const rule = rules.find((one) => one.id === id);
      if (rule === undefined) throw new Error('asked for a rule that is not there');
      return Object.assign(rule, change);
    },
    preview: async () => ({ events: 1, findings: 0, perDay: [], examples: [], isPartial: false }),
    importArchive: async (archive) => ({ imported: archive.length, failed: [], licence: null }),
  };
}

function findingOf(n: number, { patient, user }: { patient: string; user: string }): DurableFinding {
  const atMs = NOW + n * 1_000;
  const rule = {
    id: `rule-${n}`,
    title: 'A record opened without a reason',
    level: 'high' as const,
    author: 'Wardkeep',
    tags: ['attack.collection', 'attack.t1213'],
    references: [],
    falsepositives: [],
    fields: [],
    file: 'rule.yml',
    version: '0123456789abcdef',
  };
  const event = {
    class_uid: 6005,
    time: atMs,
    patient: { uid: patient },
    actor: { user: { name: user } },
    src_endpoint: { ip: '10.0.0.31', hostname: 'ward4-pc' },
  };
  return {
    index: 1_000 + n,
    uid: `finding-${n}`,
    rule,
    level: rule.level,
    kind: 'event',
    indexes: [n],
    total: 1,
    firstMs: atMs,
    atMs,
    match: { 'patient.uid': patient },
    group: null,
    events: [{ index: n, event }],
  };
}
