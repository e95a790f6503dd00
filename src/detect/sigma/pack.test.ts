import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as z from 'zod';

import { createCorrelator } from './correlation/correlator.ts';
import { createEngine } from './engine.ts';
import { MatchFields } from './fields.ts';
import { loadRules } from './load.ts';

const PACK = fileURLToPath(new URL('../../../rules/', import.meta.url));
const RULES_MIN = 40;
const CORRELATIONS_MIN = 8;
/** ATT&CK 19 has no "defense-evasion" any more, and no T1562. */
const TAG = /^attack\.(?!defense-evasion$|t1562)([a-z]+(-[a-z]+)*|t\d{4}(\.\d{3})?)$/;

const eventSchema = z.record(z.string(), z.unknown());
/** Seconds, and an event; or `times` of it, `every` so many seconds, with `{i}` and `{i%3}` as running numbers. */
const stepSchema = z.strictObject({
  at: z.number(),
  event: eventSchema,
  every: z.number().optional(),
  times: z.number().optional(),
});
const sequenceSchema = z.array(stepSchema);
const testSchema = z.strictObject({
  rule: z.string(),
  family: z.string(),
  positive: z.array(z.union([sequenceSchema, eventSchema])).min(1),
  negative: z.array(z.union([sequenceSchema, eventSchema])).min(1),
});

const ruleSet = await loadRules([PACK]);
const engine = createEngine(ruleSet);
const cases = readdirSync(`${PACK}tests`).map((name) => {
  const content = testSchema.parse(JSON.parse(readFileSync(`${PACK}tests/${name}`, 'utf8')));
  return Object.assign(content, { name });
});
const baseIds = new Set(createCorrelator(ruleSet.correlations, ruleSet.rules).silent);
const alerting = [...ruleSet.rules, ...ruleSet.correlations].filter(({ id }) => !baseIds.has(id));

function* unrolled(steps: z.infer<typeof sequenceSchema>) {
  for (const { at, event, every = 0, times = 1 } of steps) {
    const text = JSON.stringify(event);
    for (let i = 0; i < times; i += 1) {
      const numbered = text.replaceAll(/\{i(?:%(\d+))?\}/g, (_, modulus?: string) =>
        String(modulus === undefined ? i : i % Number(modulus)),
      );
      yield { at: at + i * every, event: eventSchema.parse(JSON.parse(numbered)) };
    }
  }
}

/** How often the rule fires on one event, or on a sequence of them. */
function fires(ruleId: string, family: string, input: z.infer<typeof testSchema>['positive'][number]): number {
  if (!Array.isArray(input)) return engine.match(family, input).filter(({ rule }) => rule.id === ruleId).length;
  const correlator = createCorrelator(ruleSet.correlations, ruleSet.rules);
  const read = new MatchFields(correlator.fieldsRead);
  let count = 0;
  for (const [ref, { at, event }] of [...unrolled(input)].entries()) {
    for (const found of engine.match(family, event)) {
      const fields = read.of(found, event) ?? {};
      const match = { ruleId: found.rule.id, timeMs: at * 1_000, orderable: true, sourceId: 'test', fields, ref };
      count += correlator.feed(match).filter((finding) => finding.rule.id === ruleId).length;
    }
  }
  return count;
}

test('every rule of the pack loads', () => {
  assert.deepEqual(ruleSet.report.failed, []);
  assert.deepEqual(ruleSet.report.unresolved, []);
  assert.ok(alerting.length >= RULES_MIN, `${alerting.length} rules`);
  const own = ruleSet.correlations.filter(({ id }) => !baseIds.has(id));
  assert.ok(own.length >= CORRELATIONS_MIN, `${own.length} correlations`);
});

test('every rule says what it is, and no id is used twice', () => {
  const all = [...ruleSet.rules, ...ruleSet.correlations];
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  for (const rule of all) {
    assert.match(rule.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, rule.file);
    assert.equal(rule.author, 'Wardkeep', rule.file);
    assert.equal(rule.license, 'Apache-2.0', rule.file);
    assert.match(rule.date ?? '', /^\d{4}-\d{2}-\d{2}$/, rule.file);
    assert.ok(rule.status === 'experimental' || rule.status === 'test' || rule.status === 'stable', rule.file);
    assert.ok(rule.falsepositives.length > 0, rule.file);
    for (const tag of rule.tags) assert.match(tag, TAG, rule.file);
  }
  for (const rule of alerting) {
    assert.ok((rule.description ?? '').length > 60, `${rule.file} says what it means and what to do first`);
    assert.ok(rule.tags.length > 0, `${rule.file} has ATT&CK tags`);
  }
});

test('every rule that alerts has its events', () => {
  const tested = new Set(cases.map(({ rule }) => rule));
  assert.deepEqual(
    alerting.filter(({ id }) => !tested.has(id)).map(({ file }) => file),
    [],
  );
  assert.equal(cases.length, alerting.length);
});

for (const { name, rule, family, positive, negative } of cases) {
  test(`${name.replace('.json', '')} finds its events and passes over what only looks alike`, () => {
    for (const [i, input] of positive.entries()) assert.equal(fires(rule, family, input), 1, `positive ${i}`);
    for (const [i, input] of negative.entries()) assert.equal(fires(rule, family, input), 0, `negative ${i}`);
  });
}
