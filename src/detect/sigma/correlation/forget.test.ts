import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createCorrelator } from './correlator.ts';
import { forgetEvents } from './forget.ts';
import { parseCorrelation } from './section.ts';
import type { Correlation, CorrelationEvent } from './types.ts';

function correlation(id: string, raw: Record<string, unknown>): Correlation {
  const parsed = parseCorrelation(raw);
  if ('reason' in parsed) assert.fail(parsed.reason);
  return { rule: { id }, section: parsed.value };
}

const RULES = [{ id: 'A' }, { id: 'B' }];
const MANY = correlation('many', {
  type: 'event_count',
  rules: ['A'],
  'group-by': ['host'],
  timespan: '10m',
  condition: { gte: 3 },
});
const WHOLE = [
  MANY,
  correlation('then', { type: 'temporal_ordered', rules: ['many', 'B'], 'group-by': ['user'], timespan: '5m' }),
  correlation('both', { type: 'temporal', rules: ['many', 'B'], 'group-by': ['user'], timespan: '1h' }),
  correlation('values', {
    type: 'value_count',
    rules: ['A', 'B'],
    'group-by': ['host'],
    timespan: '1h',
    condition: { field: 'file', gte: 4 },
  }),
];

function event(ruleId: string, seconds: number, ref: number, fields: Record<string, string>): CorrelationEvent {
  return { ruleId, timeMs: seconds * 1_000, ref, fields, sourceId: 's', orderable: true };
}

const json = (state: Uint8Array): string => Buffer.from(state).toString('utf8');

test('a window goes on counting without the events that it was made to forget', () => {
  const correlator = createCorrelator([MANY], RULES);
  for (const ref of [1, 2]) assert.equal(correlator.feed(event('A', ref, ref, { host: 'h' })).length, 0);
  const { state, dropped } = forgetEvents(correlator.save(), new Set([2]));
  assert.equal(dropped, 1);
  correlator.restore(state);
  assert.equal(correlator.feed(event('A', 3, 3, { host: 'h' })).length, 0);
  const [finding] = correlator.feed(event('A', 4, 4, { host: 'h' }));
  assert.deepEqual(finding?.events, [1, 3, 4]);
});

test('a group whose events are all forgotten goes with its group-by values', () => {
  const correlator = createCorrelator([MANY], RULES);
  correlator.feed(event('A', 1, 1, { host: 'host-of-one' }));
  correlator.feed(event('A', 1, 2, { host: 'host-of-others' }));
  const before = correlator.save();
  assert.match(json(before), /host-of-one/);
  const { state } = forgetEvents(before, new Set([1]));
  assert.doesNotMatch(json(state), /host-of-one/);
  assert.match(json(state), /host-of-others/);
});

test('where nothing of them is open the state comes back as it was', () => {
  const correlator = createCorrelator(WHOLE, RULES);
  correlator.feed(event('A', 1, 1, { host: 'h', user: 'u', file: 'f' }));
  const state = correlator.save();
  assert.deepEqual(forgetEvents(state, new Set([7])), { state, dropped: 0 });
});

test('no value of a forgotten event is left, whatever was counted, chained, renewed or evicted', () => {
  const one = fc.record({
    ruleId: fc.constantFrom('A', 'A', 'A', 'B'),
    host: fc.constantFrom('h1', 'h2'),
    seconds: fc.integer({ min: 0, max: 900 }),
    isOwnUser: fc.boolean(),
    forget: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 60 }), fc.constantFrom(5, 10_000), (made, groupEventsMax) => {
      const correlator = createCorrelator(WHOLE, RULES, { limits: { groupEventsMax } });
      // `-` at the end: no name is the beginning of another.
      const events = made.map(({ ruleId, host, seconds, isOwnUser }, ref) =>
        event(ruleId, seconds, ref, { host, user: isOwnUser ? `user${ref}-` : 'shared', file: `file${ref}-` }),
      );
      for (const one of events) correlator.feed(one);
      const refs = new Set(made.flatMap(({ forget }, ref) => (forget ? [ref] : [])));
      const { state } = forgetEvents(correlator.save(), refs);
      const text = json(state);
      for (const ref of refs)
        for (const value of [`user${ref}-`, `file${ref}-`]) assert.ok(!text.includes(value), value);
      const after = createCorrelator(WHOLE, RULES, { limits: { groupEventsMax } });
      after.restore(state);
      for (let ref = 100; ref < 110; ref += 1)
        for (const { events } of after.feed(
          event(ref % 3 === 0 ? 'B' : 'A', 900 + ref, ref, { host: 'h1', user: 'shared', file: `f${ref}` }),
        ))
          assert.ok(!events.some((one) => refs.has(Number(one))));
    }),
    { numRuns: Number(process.env['WARDKEEP_FUZZ'] ?? 300) },
  );
});
