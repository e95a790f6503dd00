import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { fuzzInputs } from '../../../../test/support/shared.ts';
import { FIELDS_MAX, ORDERED_RULES_MAX } from './limits.ts';
import { parseCorrelation } from './section.ts';

const COUNT = {
  type: 'event_count',
  rules: ['a'],
  'group-by': ['h'],
  timespan: '90m',
  condition: { gt: 100, lte: 200 },
};

test('a whole section is read', () => {
  assert.deepEqual(parseCorrelation({ ...COUNT, aliases: { h: { a: 'host' } }, generate: true }), {
    value: {
      type: 'event_count',
      rules: ['a'],
      groupBy: ['h'],
      timespanMs: 5_400_000,
      condition: {
        comparisons: [
          { operator: 'gt', threshold: 100 },
          { operator: 'lte', threshold: 200 },
        ],
        fields: [],
        percentile: null,
      },
      aliases: { h: { a: 'host' } },
      generate: true,
    },
  });
});

test('generate may stand beside the section', () => {
  const parsed = parseCorrelation(COUNT, { generate: true });
  assert.ok('value' in parsed && parsed.value.generate);
});

test('a temporal correlation without condition asks for all of its rules', () => {
  const parsed = parseCorrelation({ type: 'temporal', rules: ['a', 'b', 'c'], timespan: '1h' });
  assert.ok('value' in parsed);
  assert.deepEqual(parsed.value.condition.comparisons, [{ operator: 'gte', threshold: 3 }]);
});

test('each unit of a timespan is read', () => {
  const spans = ['30s', '5m', '2h', '1d', '1w'].map((timespan) => parseCorrelation({ ...COUNT, timespan }));
  assert.deepEqual(
    spans.map((parsed) => 'value' in parsed && parsed.value.timespanMs),
    [30_000, 300_000, 7_200_000, 86_400_000, 604_800_000],
  );
});

const VALUE = { type: 'value_sum', rules: ['a'], timespan: '1h', condition: { field: 'bytes', gte: 5 } };
const many = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);

/** What is wrong → the reason given. */
const WRONG: [unknown, RegExp][] = [
  [null, /not a map/],
  [['a'], /not a map/],
  [{ ...COUNT, type: 'event_counts' }, /type "event_counts" is unknown/],
  [{ ...COUNT, type: undefined }, /type that is missing is unknown/],
  [{ ...COUNT, groupby: ['h'] }, /unknown attribute "groupby"/],
  [{ ...COUNT, rules: [] }, /names no rules/],
  [{ ...COUNT, rules: ['a', 'a'] }, /twice/],
  [{ ...COUNT, rules: [1] }, /not a list of names/],
  [{ ...COUNT, 'group-by': many(FIELDS_MAX + 1) }, /more than/],
  [{ type: 'temporal_ordered', rules: many(ORDERED_RULES_MAX + 1), timespan: '1h' }, /more than/],
  [{ ...COUNT, timespan: undefined }, /no timespan/],
  [{ ...COUNT, timespan: '1h30m' }, /timespan "1h30m"/],
  [{ ...COUNT, timespan: '1M' }, /timespan "1M"/],
  [{ ...COUNT, timespan: '0s' }, /between 1s and 366d/],
  [{ ...COUNT, timespan: '367d' }, /between 1s and 366d/],
  [{ ...COUNT, timespan: 3_600 }, /timespan "3600"/],
  [{ ...COUNT, condition: undefined }, /needs a condition/],
  [{ ...COUNT, condition: {} }, /compares with nothing/],
  [{ ...COUNT, condition: { gte: '5' } }, /"gte" is not a number/],
  [{ ...COUNT, condition: { gte: Number.NaN } }, /"gte" is not a number/],
  [{ ...COUNT, condition: { gt: 1, lt: 9, neq: 5 } }, /more than two/],
  [{ ...COUNT, condition: { range: '1..5' } }, /unknown key "range"/],
  [{ ...COUNT, condition: { gte: 1, field: 'f' } }, /takes no condition field/],
  [{ ...VALUE, condition: { gte: 1 } }, /needs a field/],
  [{ ...VALUE, condition: { gte: 1, field: [] } }, /needs a field/],
  [{ ...VALUE, condition: { gte: 1, field: ['a', 'b'] } }, /takes one field/],
  [{ ...VALUE, type: 'value_percentile', condition: { field: 'b', gte: 500 } }, /share cannot exceed/],
  [{ ...VALUE, type: 'value_percentile', condition: { field: 'b', gte: 5, percentile: 101 } }, /percentile is not/],
  [{ ...VALUE, condition: { field: 'b', gte: 5, percentile: 50 } }, /unknown key "percentile"/],
  [{ ...COUNT, aliases: ['h'] }, /aliases is not a map/],
  [{ ...COUNT, aliases: { h: 'host' } }, /alias "h" is not a map/],
  [{ ...COUNT, aliases: { h: { a: 1 } } }, /names no field/],
  [{ ...COUNT, generate: 'yes' }, /generate/],
];

test('what is wrong in a section is said', () => {
  for (const [raw, reason] of WRONG) {
    const parsed = parseCorrelation(raw);
    assert.ok('reason' in parsed, `${JSON.stringify(raw)} must not load`);
    assert.match(parsed.reason, reason);
  }
});

test('whatever YAML may give, a section or a reason comes back', () => {
  const words = [...many(3), 'value_count', 'temporal', 'temporal_ordered', '1h', '9w', '', 5, 0.5, true, null];
  const leaf = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 5 }));
  const key = fc.constantFrom('rules', 'field', 'gte', 'lt', 'percentile', 'n0', '__proto__', 'aliases');
  const list = fc.array(leaf, { maxLength: 3 });
  const map = fc.dictionary(key, fc.oneof(leaf, list), { maxKeys: 3 });
  const node = fc.oneof(leaf, list, map, fc.dictionary(key, map, { maxKeys: 2 }));
  const type = fc.constantFrom('event_count', 'value_count', 'value_percentile', 'temporal_ordered', 'other', 7);
  const parts = { type, rules: node, timespan: fc.oneof(fc.constant('5m'), leaf), condition: node };
  const whole = fc.record({ ...parts, 'group-by': node, aliases: node, generate: leaf }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(node, whole), (raw) => {
      const parsed = parseCorrelation(raw);
      assert.ok('value' in parsed ? parsed.value.timespanMs > 0 : parsed.reason.length > 0);
    }),
    { numRuns: fuzzInputs() },
  );
});
