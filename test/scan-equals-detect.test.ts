import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type RuleSet, createEngine, loadRules, shippedRulesDir } from '#detect/sigma';
import {
  FAMILIES,
  type Item,
  MemberReader,
  type NativeFields,
  type OcsfEvent,
  SOURCES,
  eventOf,
  listFiles,
  openFile,
  toUtf8,
} from '#ingest';
import { type Place, entriesOf, temporaryPlace, wardkeep } from './support/cli.ts';
import { LONG, sharedPath, skipWithoutShared } from './support/shared.ts';

/** Records of one member that the short form looks at. */
const RECORDS_MAX = LONG ? Infinity : 150;
const DIFFERENCES_MAX = 40;
const NO_LOGS = /\.(?:md|xsd|rnc|fsh|yaml|otrf)$|SOURCES|LICENSE/;

/** Matches on a record as `scan` sees it against those on its event as the ledger gives it back. */
class Comparison {
  readonly #engine;
  records = 0;
  matches = 0;
  readonly differences: string[] = [];

  constructor(ruleSet: RuleSet) {
    this.#engine = createEngine(ruleSet);
  }

  look(item: Item, place: string): void {
    const { parsed, source } = item;
    if ('reject' in parsed || source === null || parsed.family === 'ocsf') return;
    this.records += 1;
    const context = { receivedMs: 0, zone: undefined, year: undefined, referenceMs: 0, format: source.name };
    const event = eventOf(item, { file: place, member: null, record: item.record, offset: item.offset }, context);
    const stored = JSON.parse(JSON.stringify(event)) as OcsfEvent;
    const family = FAMILIES.get(parsed.family);
    assert.ok(family !== undefined);
    const direct = this.#rulesOf(parsed.family, parsed.fields);
    const back = this.#rulesOf(parsed.family, family.unmap(stored));
    this.matches += direct.length;
    if (direct.join() === back.join()) return;
    const changed = [...new Set([...direct, ...back])].filter((one) => direct.includes(one) !== back.includes(one));
    if (this.differences.length < DIFFERENCES_MAX) this.differences.push(`${place} ${item.record}: ${changed.join()}`);
  }

  #rulesOf(family: string, fields: NativeFields): string[] {
    return this.#engine.match(family, fields).map(({ rule }) => `${rule.id} ${rule.title}`);
  }
}

async function compareAll(comparison: Comparison, folder: string): Promise<void> {
  for (const file of await listFiles([sharedPath(folder)], () => undefined)) {
    if (NO_LOGS.test(file)) continue;
    for await (const member of openFile(file)) {
      const reader = new MemberReader(member.member ?? file, member.head, { sources: SOURCES });
      let left = RECORDS_MAX;
      for await (const chunk of toUtf8(member.bytes, reader.encoding)) {
        if (left <= 0) break;
        for (const item of reader.push(chunk).slice(0, left)) comparison.look(item, `${file}#${member.member}`);
        left -= reader.records;
      }
      for (const item of reader.end().slice(0, Math.max(0, left))) comparison.look(item, file);
    }
  }
}

test('a stored event gives the matches of the record that it came from', skipWithoutShared, async (t) => {
  const rules = [sharedPath('sigma/sigma-rules-8eaafff.tgz'), shippedRulesDir()];
  const comparison = new Comparison(await loadRules(rules, {}));
  for (const folder of ['windows', 'formats']) await compareAll(comparison, folder);
  t.diagnostic(`${comparison.records} records, ${comparison.matches} matches`);
  assert.ok(comparison.records > 1000 && comparison.matches > 100);
  assert.deepEqual(comparison.differences, []);
});

/** Rule → how often, by the command `scan`. */
function tally(ids: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of ids.toSorted()) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
}

async function detected(place: Place, rules: readonly string[], file: string): Promise<Record<string, number>> {
  for (const [command, ...args] of [
    ['ingest', file],
    ['detect', ...rules],
  ] as [string, ...string[]][]) {
    const ran = await wardkeep(place, [command, '--data', place.data, ...args]);
    assert.equal(ran.code, 0, ran.stderr);
  }
  const findings = (await entriesOf(place)).filter(({ entry }) => entry.classUid === 2004);
  return tally(findings.map(({ event }) => (event['finding_info'] as { analytic: { uid: string } }).analytic.uid));
}

test(
  'scan finds what ingest and detect find, whether raw records are kept or their hash alone',
  skipWithoutShared,
  async (t) => {
    const rules = ['--rules', sharedPath('sigma/sigma-rules-8eaafff.tgz'), '--rules', shippedRulesDir()];
    const names = readdirSync(sharedPath('windows/atomic')).filter((name) => name.endsWith('.zip'));
    const file = sharedPath(
      `windows/atomic/${names.find((name) => name.includes('mshta_vbscript')) ?? names[0] ?? ''}`,
    );
    const place = temporaryPlace(t);
    const scanned = await wardkeep(place, ['scan', ...rules, '--output', 'ndjson', file]);
    assert.equal(scanned.code, 0, scanned.stderr);
    const ids = scanned.stdout.split('\n').filter((line) => line !== '');
    const expected = tally(ids.map((line) => (JSON.parse(line) as { rule: { id: string } }).rule.id));
    assert.ok(ids.length > 0);
    assert.deepEqual(await detected(place, rules, file), expected);
    const hashed = temporaryPlace(t);
    assert.equal(
      (await wardkeep(hashed, ['ledger', 'init', '--data', hashed.data, '--origin', 'log.test/hash'])).code,
      0,
    );
    writeFileSync(join(hashed.data, 'wardkeep.json'), JSON.stringify({ raw: { default: 'hash' } }));
    assert.deepEqual(await detected(hashed, rules, file), expected);
    const stored = await entriesOf(hashed);
    const sources = stored.filter(({ entry }) => entry.classUid !== 2004);
    assert.ok(sources.every(({ entry, event }) => entry.raw.length === 0 && event['raw_data_hash'] !== undefined));
  },
);
