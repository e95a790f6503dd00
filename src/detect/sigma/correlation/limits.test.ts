import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LONG } from '../../../../test/support/shared.ts';
import { type CorrelatorOptions, createCorrelator } from './correlator.ts';
import { CorrelationStateError } from './errors.ts';
import { EVENTS_PER_FINDING_MAX, GENERATION_EVENTS } from './limits.ts';
import { parseCorrelation } from './section.ts';

function build(raw: Record<string, unknown>, options?: CorrelatorOptions) {
  const parsed = parseCorrelation({ rules: ['A'], timespan: '1h', ...raw });
  if ('reason' in parsed) assert.fail(parsed.reason);
  return createCorrelator([{ rule: { id: 'x' }, section: parsed.value }], [{ id: 'A' }], options);
}

function at(seconds: number, fields: Record<string, unknown> = {}, ref: number = seconds) {
  return { ruleId: 'A', timeMs: seconds * 1_000, fields, ref, sourceId: 's', orderable: true };
}

function stateError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof CorrelationStateError && error.code === code;
}

const groupsHeld = (bytes: Uint8Array): number => JSON.parse(Buffer.from(bytes).toString()).groups.length;

test('above the limit of groups the least recently touched goes, and is counted', () => {
  const counted = { type: 'event_count', 'group-by': ['user'], condition: { gte: 2 } };
  const correlator = build(counted, { limits: { groupsMax: 2 } });
  for (const [i, user] of ['a', 'b', 'c'].entries()) assert.deepEqual(correlator.feed(at(i, { user })), []);
  assert.deepEqual(
    { ...correlator.counters },
    { groupsEvicted: 1, eventsEvicted: 1, withoutGroup: 0, withoutValue: 0, statesLeft: 0 },
  );
  assert.equal(correlator.feed(at(5, { user: 'c' })).length, 1);
  assert.equal(correlator.feed(at(6, { user: 'a' })).length, 0, 'forgotten');
});

test('above the limit of events a group keeps its newest, and what its window loses is counted', () => {
  const correlator = build(
    { type: 'value_sum', condition: { field: 'n', gte: 100 } },
    { limits: { groupEventsMax: 3 } },
  );
  for (let i = 0; i < 5; i += 1) correlator.feed(at(i, { n: 1 }));
  assert.equal(correlator.counters.eventsEvicted, 2);
  const [finding] = correlator.feed(at(10, { n: 97 }));
  assert.equal(finding?.value, 100, 'the three that were kept, and itself');
  correlator.feed(at(50_000, { n: 1 }));
  assert.equal(correlator.counters.eventsEvicted, 3, 'what the window had left behind is not counted');
});

test('above the limit of all events whole groups go', () => {
  const correlator = build(
    { type: 'event_count', 'group-by': ['user'], condition: { gte: 100 } },
    { limits: { eventsMax: 10 } },
  );
  for (let i = 0; i < 12; i += 1) correlator.feed(at(i, { user: i < 6 ? 'a' : 'b' }));
  assert.equal(correlator.counters.groupsEvicted, 1);
  assert.equal(correlator.counters.eventsEvicted, 6);
});

test('a finding lists a hundred events and says how many there were', () => {
  const correlator = build({ type: 'value_sum', condition: { field: 'n', gte: 500 } });
  const findings = Array.from({ length: 500 }, (_, i) => correlator.feed(at(i, { n: 1 }))).flat();
  const events = findings[0]?.events ?? [];
  assert.equal(events.length, EVENTS_PER_FINDING_MAX);
  assert.deepEqual([events[0], events.at(-2), events.at(-1)], [0, 98, 499]);
  assert.equal(findings[0]?.eventsTotal, 500);
});

test('groups that nothing can reach any more are forgotten, and those within lateness are not', () => {
  const correlator = build(
    { type: 'event_count', 'group-by': ['user'], condition: { gte: 2 } },
    { latenessMs: 600_000 },
  );
  correlator.feed(at(0, { user: 'early' }));
  for (let i = 0; i < 2 * GENERATION_EVENTS + 1; i += 1) correlator.feed(at(4_000 + i / 1_000, { user: `u${i}` }, i));
  assert.equal(groupsHeld(correlator.save()), 2 * GENERATION_EVENTS + 2);
  for (let i = 0; i < 3 * GENERATION_EVENTS; i += 1) correlator.feed(at(90_000, { user: `v${i % 10}` }, 100_000 + i));
  assert.equal(groupsHeld(correlator.save()), 10);
  assert.deepEqual([correlator.counters.groupsEvicted, correlator.counters.eventsEvicted], [0, 0]);
});

test('what the generation before could still reach is kept', () => {
  const counted = { type: 'event_count', 'group-by': ['user'], condition: { gte: 2 } };
  const correlator = build(counted, { latenessMs: 0 });
  for (let i = 0; i < GENERATION_EVENTS; i += 1) correlator.feed(at(0, { user: `old${i}` }, i));
  for (let i = 0; i < GENERATION_EVENTS; i += 1) correlator.feed(at(9_000, { user: `new${i}` }, 10_000 + i));
  assert.equal(correlator.feed(at(60, { user: 'old7' }, 99_999)).length, 1);
});

test('long values group by their hash, and do not run into one another', () => {
  const correlator = build({ type: 'event_count', 'group-by': ['user'], condition: { gte: 2 } });
  const long = 'x'.repeat(1_000_000);
  assert.deepEqual(correlator.feed(at(1, { user: `${long}1` })), []);
  assert.deepEqual(correlator.feed(at(2, { user: `${long}2` })), []);
  assert.equal(correlator.feed(at(3, { user: `${long}1` })).length, 1);
  assert.ok(correlator.save().length < 2_000);
  const two = build({ type: 'event_count', 'group-by': ['a', 'b'], condition: { gte: 2 } });
  two.feed(at(1, { a: 'x\u0000y', b: 'z' }));
  assert.deepEqual(two.feed(at(2, { a: 'x', b: 'y\u0000z' })), []);
});

test('one huge number leaves no trace in the sums after it', () => {
  const correlator = build({ type: 'value_sum', timespan: '10s', condition: { field: 'n', gte: 3, lte: 4 } });
  correlator.feed(at(0, { n: 1e300 }));
  for (let i = 1; i < 30; i += 1) correlator.feed(at(i * 5, { n: 1.25 }));
  assert.equal(correlator.feed(at(400, { n: 3.5 })).length, 1);
  assert.equal(JSON.parse(Buffer.from(correlator.save()).toString()).groups[0].episodes.length, 2);
});

test('a state that is torn, foreign or newer is refused', () => {
  const correlator = build({ type: 'event_count', condition: { gte: 2 } });
  correlator.feed(at(1));
  const saved = correlator.save();
  assert.throws(() => correlator.restore(saved.subarray(0, 40)), stateError('state_unreadable'));
  assert.throws(() => correlator.restore(Buffer.from('{"version":1}')), stateError('state_unreadable'));
  assert.throws(() => correlator.restore(Buffer.from('{"version":2}')), stateError('state_too_new'));
  assert.equal(correlator.feed(at(2)).length, 1, 'and leaves what was there');
});

test('the state of a correlation that has changed since is left behind and counted', () => {
  const two = build({ type: 'event_count', condition: { gte: 2 } });
  two.feed(at(1));
  const three = build({ type: 'event_count', condition: { gte: 3 } });
  three.restore(two.save());
  assert.equal(three.counters.statesLeft, 1);
  assert.deepEqual(
    [2, 3].flatMap((second) => three.feed(at(second))),
    [],
  );
  assert.equal(three.feed(at(4)).length, 1);
});

test('a hundred thousand groups stay under 200 MB', { skip: LONG ? false : 'long form only' }, () => {
  const correlator = build({ type: 'value_count', 'group-by': ['user'], condition: { field: 'host', gte: 50 } });
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 500_000; i += 1)
    correlator.feed(at(i / 1_000, { user: `user-${i % 100_000}`, host: `h${i}` }, i));
  globalThis.gc?.();
  const used = process.memoryUsage().heapUsed - before;
  console.log(`100,000 groups, 500,000 events: ${Math.round(used / 1e6)} MB heap, ${correlator.save().length} B saved`);
  assert.ok(used < 200e6);
});
