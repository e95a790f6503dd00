import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type RuleSet, shippedRulesDir } from '#detect/sigma';
import { ManualClock, silentLog } from '#kernel';
import { openDatabase } from '#kernel/database';
import { type Ledger, createLedger, openLedger } from '#ledger';
import type { RuleDesk } from '../deps.ts';
import { ConsoleError } from '../errors.ts';
import { CONSOLE_MIGRATIONS, type ConsoleTables } from '../store.ts';
import { openRules } from './rule-desk.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 86_400_000;
const EXPORT_RULE = '2d7f9d09-2353-44f1-86b5-73474f78eb25';
const OWN = `title: Many exports
name: many_exports
id: 11111111-1111-4111-8111-111111111111
correlation:
  type: event_count
  rules:
    - ${EXPORT_RULE}
  group-by:
    - actor.user.name
  timespan: 1d
  condition:
    gte: 2
level: critical
`;

interface World {
  desk: RuleDesk;
  ledger: Ledger;
  clock: ManualClock;
  applied: RuleSet[];
  running: () => RuleSet;
  again: () => Promise<RuleSet>;
}

async function openWorld(t: { after: (done: () => Promise<void>) => void }): Promise<World> {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-rule-desk-'));
  const imported = join(base, 'data', 'rules');
  mkdirSync(join(imported, 'own'), { recursive: true });
  writeFileSync(join(imported, 'own', 'many.yml'), OWN);
  writeFileSync(join(imported, 'own', 'broken.yml'), 'title: [');
  const clock = new ManualClock(NOW - 3 * DAY_MS);
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key'), clock };
  await createLedger({ ...place, origin: 'log.test/rules' });
  const ledger = await openLedger({ ...place, publishEveryMs: 0 });
  const state = await openDatabase<ConsoleTables>(':memory:', CONSOLE_MIGRATIONS);
  t.after(async () => {
    await ledger[Symbol.asyncDispose]();
    await state.destroy();
    rmSync(base, { recursive: true, force: true });
  });
  const options = { state, dirs: { shipped: shippedRulesDir(), imported }, load: {}, clock, log: silentLog };
  const rules = await openRules(options);
  const applied: RuleSet[] = [];
  const hunt = async () => ({ columns: [], rows: [[EXPORT_RULE, 7n]], isTruncated: false, elapsedMs: 0, skipped: [] });
  const desk = rules.desk({ ledger, archive: { hunt }, apply: async (ruleSet) => void applied.push(ruleSet) });
  return {
    desk,
    ledger,
    clock,
    applied,
    running: () => rules.ruleSet(),
    again: async () => (await openRules(options)).ruleSet(),
  };
}

/** A bulk export by a person, as an API call. */
function exported(user: string): string {
  return JSON.stringify({
    class_uid: 6003,
    category_uid: 6,
    activity_id: 2,
    type_uid: 600_302,
    severity_id: 1,
    status_id: 1,
    time: NOW,
    message: 'export',
    api: { operation: 'GET /Patient/$export' },
    actor: { user: { name: user, type_id: 1 } },
    src_endpoint: { ip: '10.0.0.4' },
    metadata: { version: '1.8.0', product: { name: 'x', vendor_name: 'x' }, log_format: 'ocsf/6003' },
  });
}

async function append({ ledger }: World, user: string): Promise<void> {
  await ledger.append([
    { classUid: 6003, retention: 'telemetry', normal: exported(user), raw: Buffer.alloc(0), patient: null },
  ]);
}

test('the list holds every rule file, also those that cannot be loaded', async (t) => {
  const { desk, running } = await openWorld(t);
  const all = await desk.list();
  const shipped = all.find(({ id }) => id === EXPORT_RULE);
  assert.deepEqual(
    [shipped?.origin, shipped?.level, shipped?.isEnabled, shipped?.findings, shipped?.techniques, shipped?.logsource],
    ['wardkeep', 'high', true, 7, ['T1213'], 'wardkeep/api_activity'],
  );
  const own = all.find(({ title }) => title === 'Many exports');
  assert.deepEqual([own?.origin, own?.logsource], ['imported', 'correlation']);
  const broken = all.find(({ title }) => title === 'broken.yml');
  assert.equal(broken?.isEnabled, false);
  assert.match(broken?.problem ?? '', /^it cannot be loaded: /);
  assert.equal(all.length, running().rules.length + running().correlations.length + 1);
});

test('a rule that is switched off does not run, at once and after a restart; another level counts', async (t) => {
  const { desk, applied, again } = await openWorld(t);
  const off = await desk.change(EXPORT_RULE, { isEnabled: false }, 'ada');
  assert.equal(off.isEnabled, false);
  const has = ({ rules }: RuleSet): boolean => rules.some(({ id }) => id === EXPORT_RULE);
  assert.deepEqual([applied.length, has(applied[0] as RuleSet), has(await again())], [1, false, false]);
  const on = await desk.change(EXPORT_RULE, { isEnabled: true, level: 'low' }, 'ada');
  assert.deepEqual([on.level, on.levelInFile, on.isEnabled], ['low', 'high', true]);
  assert.equal((await again()).rules.find(({ id }) => id === EXPORT_RULE)?.level, 'low');
  await assert.rejects(desk.change('none', { isEnabled: false }, 'ada'), ConsoleError);
});

test('the page of a rule holds its text and where it came from', async (t) => {
  const { desk } = await openWorld(t);
  const shipped = await desk.get(EXPORT_RULE);
  assert.match(shipped?.yaml ?? '', /^title: FHIR bulk export/);
  assert.deepEqual([shipped?.licence, shipped?.source], ['Apache-2.0', null]);
  const own = await desk.get('11111111-1111-4111-8111-111111111111');
  assert.equal(own?.source, 'many.yml');
  assert.equal(await desk.get('none'), null);
});

test('a preview tells what a rule would have found, day by day, and so does that of a correlation', async (t) => {
  const world = await openWorld(t);
  await append(world, 'too.early');
  world.clock.set(NOW - DAY_MS);
  await append(world, 'j.doe');
  world.clock.set(NOW);
  await append(world, 'j.doe');
  await append(world, 'a.roe');
  const preview = await world.desk.preview(EXPORT_RULE, 2);
  assert.deepEqual(
    { ...preview, examples: preview.examples.map(({ user }) => user) },
    {
      events: 3,
      findings: 3,
      perDay: [
        { day: '2026-11-23', findings: 1 },
        { day: '2026-11-24', findings: 2 },
      ],
      examples: ['a.roe', 'j.doe', 'j.doe'],
      isPartial: false,
    },
  );
  const many = await world.desk.preview('11111111-1111-4111-8111-111111111111', 2);
  assert.deepEqual([many.events, many.findings], [3, 1]);
  assert.equal((await world.desk.preview(EXPORT_RULE, 30)).findings, 4);
});

test('an archive of rules is imported beside the others, and what is none is refused', async (t) => {
  const { desk, applied } = await openWorld(t);
  const rule =
    'title: From an archive\nid: 22222222-2222-4222-8222-222222222222\nlogsource:\n  product: windows\ndetection:\n  s:\n    A: b\n  condition: s\nlevel: low\n';
  const archive = gzipSync(tarOf({ 'rules/one.yml': rule, 'rules/bad.yml': 'title: [', 'LICENSE.txt': 'free' }));
  const { imported, failed, licence } = await desk.importArchive(archive, 'ada');
  assert.deepEqual([imported, failed.map(({ file }) => file), licence], [1, ['rules/bad.yml'], 'LICENSE.txt']);
  assert.equal(applied.at(-1)?.rules.filter(({ title }) => title === 'From an archive').length, 1);
  const found = (await desk.list()).find(({ title }) => title === 'From an archive');
  assert.equal(found?.origin, 'imported');
  const unloadable = gzipSync(tarOf({ 'rules/bad.yml': 'title: [' }));
  for (const bad of [Uint8Array.of(), Uint8Array.of(1, 2, 3), Uint8Array.of(0x1f, 0x8b, 0), unloadable])
    await assert.rejects(
      desk.importArchive(bad, 'ada'),
      (error) => error instanceof ConsoleError && error.code === 'invalid',
    );
});

/** A tar (ustar) of small text files. */
function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write('0000644\0', 100);
    head.write('0000000\0', 108);
    head.write('0000000\0', 116);
    head.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('00000000000\0', 136);
    head.write('        ', 148);
    head.write('0', 156);
    head.write('ustar\u000000', 257);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [head, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0'))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}
