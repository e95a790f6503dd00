import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLog, systemClock, systemRandom } from '#kernel';
import { parseConfig } from '#kernel/config';
import { openLedger } from '#ledger';
import type { Incident } from '#respond/incidents';
import { riversideNight } from '#sample';
import { type RunningServer, rebuildState, startServer } from '#server';
import { run } from '../src/cli/run.ts';
import { bufferIo } from './support/buffer-io.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-rebuild-'));
after(() => rmSync(base, { recursive: true, force: true }));
const START = Date.UTC(2026, 10, 23, 20);
const dir = join(base, 'data');
const keyFile = join(base, 'master.key');
const env = { XDG_DATA_HOME: base };
const config = parseConfig(
  '{"zone":"UTC","intake":{"http":null,"syslogUdp":null,"syslogTcp":null,"syslogTls":null,"mllp":null}}',
  'test',
);
const rebuilding = { dir, keyFile, config, env, clock: systemClock, random: systemRandom, log: silentLog };

async function started(): Promise<RunningServer> {
  const server = await startServer({
    dir,
    keyFile,
    config: { ...config, http: { ...config.http, port: 0 } },
    version: '0.0.0-test',
    env,
    log: silentLog,
  });
  await server.flow.incidents.position();
  return server;
}

async function incidentsOf({ flow }: RunningServer): Promise<Incident[]> {
  const { items } = await flow.incidents.list({ limit: 100 });
  const all: Incident[] = [];
  for (const { id } of items)
    all.push((await flow.incidents.get(id)) ?? assert.fail('an incident of the list is gone'));
  return all;
}

/** What a ledger alone says of an incident: all but the moment of making, which it tells to the minute, and free text. */
function told(
  { id, createdMs: _created, history, notes, title: _title, ...rest }: Incident,
  isActedOn: ReadonlySet<string>,
) {
  return {
    ...rest,
    id: isActedOn.has(id) ? id : null,
    notes: notes.map(({ author }) => author),
    history: history.map(({ author, text }) => ({ author, text })),
  };
}

interface Lived {
  incidents: Incident[];
  acted: Set<string>;
  /** Entries of the ledger. */
  size: number;
  findings: unknown[];
  suppressions: unknown[];
}

async function stateOf(server: RunningServer): Promise<Omit<Lived, 'acted' | 'size'>> {
  const { incidents } = server.flow;
  const findings = (await incidents.findings({ limit: 200 })).items;
  return {
    incidents: await incidentsOf(server),
    findings: findings.map(({ index, uid, suppressedBy }) => [index, uid, suppressedBy]),
    suppressions: await incidents.suppressions(),
  };
}

/** The night of the sample hospital, what detection made of it, and what people then did. */
async function lived(): Promise<Lived> {
  const logs = join(base, 'logs');
  mkdirSync(logs);
  for (const [name, text] of riversideNight(START)) writeFileSync(join(logs, name), text);
  const io = bufferIo();
  assert.equal(await run(['ingest', '--data', dir, '--key-file', keyFile, logs], io), 0, io.err());
  const acted = new Set<string>();
  {
    await using server = await started();
    const { incidents, intake } = server.flow;
    const link = await server.accounts.setup.issue();
    await server.accounts.setup.finish({ token: link?.token ?? '', name: 'ada', password: 'four quiet green lamps' });
    await intake.createSource({ name: 'EHR', kind: 'ndjson', format: 'auto', zone: null, silentAfterMs: null });
    const { items } = await incidents.list({ limit: 100 });
    const [first] = items.toSorted((a, b) => b.findings - a.findings);
    assert.ok(first !== undefined);
    const splitOff = async (): Promise<string> => {
      const [finding] = (await incidents.findings({ incident: first.id, limit: 1 })).items;
      return (await incidents.split(first.id, [finding?.index ?? -1], 'ada')).id;
    };
    await incidents.change(
      first.id,
      { state: 'open', assignee: 'ada', severity: 'low', title: 'As ada calls it' },
      'ada',
    );
    await incidents.note(first.id, 'The vendor was called.', 'ada');
    const [one, other, third] = [await splitOff(), await splitOff(), await splitOff()];
    await incidents.merge(one, [other], 'ben');
    await incidents.change(one, { state: 'closed', verdict: 'true-positive' }, 'ben');
    const { timeline, entities } = (await incidents.get(third)) ?? assert.fail('what was split off is gone');
    const entity = entities.find(({ kind }) => kind !== 'patient');
    const [found] = (await incidents.findings({ incident: third, limit: 1 })).items;
    assert.ok(entity !== undefined && found !== undefined && timeline.length > 0);
    const expiresMs = Date.now() + 86_400_000;
    const request = {
      ruleId: found.rule.id,
      entities: [{ kind: entity.kind, name: entity.name }],
      reason: 'a known scanner',
      expiresMs,
    };
    await incidents.suppress(third, request, 'ada');
    for (const id of [first.id, one, third]) acted.add(id);
  }
  await using server = await started();
  const state = await stateOf(server);
  await server[Symbol.asyncDispose]();
  return { ...state, acted, size: await sizeNow() };
}

async function sizeNow(): Promise<number> {
  await using ledger = await openLedger({ dir, keyFile, mode: 'read' });
  return ledger.size;
}

/** What today's state says, without starting anything that could append. */
async function afterRebuilding(before: Lived): Promise<Omit<Lived, 'acted' | 'size'>> {
  assert.equal(await sizeNow(), before.size, 'making the state anew appends nothing');
  const io = bufferIo({ env });
  assert.equal(await run(['detect', '--data', dir, '--key-file', keyFile], io), 0, io.err());
  assert.equal(await sizeNow(), before.size, 'detection finds nothing that it found before');
  await using server = await started();
  return stateOf(server);
}

test('a state that is made anew beside the old one is the same, with what people wrote and set', async () => {
  const before = await lived();
  const summary = await rebuildState({ ...rebuilding });
  assert.equal(summary.previous, 'read');
  assert.deepEqual(summary.carried.unreadable, []);
  assert.deepEqual([summary.carried.tables['accounts_users'], summary.carried.tables['intake_sources']], [1, 1]);
  assert.equal(summary.incidents.actsLeftOut, 0);
  assert.equal(summary.incidents.notesWithoutText, 0);
  assert.equal(summary.missingFindings, 0);
  assert.ok(summary.kept !== null && statSync(join(dir, summary.kept)).size > 0);
  assert.equal(statSync(join(dir, 'state.sqlite')).mode & 0o077, 0);
  const now = await afterRebuilding(before);
  assert.deepEqual(now, { incidents: before.incidents, findings: before.findings, suppressions: before.suppressions });

  // Without the old one: what the ledger has, and words for what it has not.
  for (const name of readdirSync(dir)) if (name.startsWith('state')) rmSync(join(dir, name));
  const io = bufferIo({ env });
  assert.equal(await run(['rebuild', 'state', '--data', dir, '--key-file', keyFile], io), 0, io.err());
  assert.match(io.out(), /accounts, tokens, sources, settings, saved hunts and the text of notes\nare in no ledger/);
  assert.match(io.out(), /1 note is there without its text; 1 title that a person wrote is not known/);
  const again = await afterRebuilding({ ...before, size: await sizeNow() });
  assert.deepEqual(
    again.incidents.map((one) => told(one, before.acted)),
    before.incidents.map((one) => told(one, before.acted)),
  );
  assert.deepEqual(again.findings, before.findings);
  assert.equal(again.suppressions.length, 1);

  // A damaged one is kept as it is, and said.
  writeFileSync(join(dir, 'state.sqlite'), 'no database'.repeat(1_000));
  const damaged = await rebuildState({ ...rebuilding });
  assert.equal(damaged.previous, 'unreadable');
  assert.match(readFileSync(join(dir, damaged.kept ?? ''), 'utf8'), /^no database/);
  assert.equal(damaged.incidents.findings, summary.incidents.findings);
});

test('interrupted at any step, the old state is there; the next try makes it whole', async () => {
  const old = readFileSync(join(dir, 'state.sqlite'));
  const stop = new Error('stopped');
  for (const when of ['patients', 'correlations', 'incidents'])
    await assert.rejects(
      rebuildState({
        ...rebuilding,
        onProgress: (what) => {
          if (what === when) throw stop;
        },
      }),
      stop,
    );
  assert.deepEqual(readFileSync(join(dir, 'state.sqlite')), old);
  // What a killed one left behind.
  writeFileSync(join(dir, 'state-rebuilding.sqlite'), 'half');
  writeFileSync(join(dir, 'state-previous.sqlite'), 'half');
  assert.equal((await rebuildState({ ...rebuilding })).previous, 'read');
  for (const name of ['state-rebuilding.sqlite', 'state-previous.sqlite'])
    assert.equal(existsSync(join(dir, name)), false);
});

test('beside a running server it is refused', async () => {
  await using server = await started();
  await assert.rejects(rebuildState({ ...rebuilding }), { code: 'locked' });
  assert.equal(server.migrated, null);
});
