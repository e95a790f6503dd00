import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { byForm } from '../../../../test/support/shared.ts';
import { createCorrelator } from './correlator.ts';
import { UNMEASURED_EVENTS_MAX } from './limits.ts';
import type { ConditionOperator, CorrelationEvent, CorrelationSection, CorrelationType } from './types.ts';

/**
 * A model that shares nothing with the code: it keeps every event of a group in one list, and after each new one
 * looks at every window that holds it from scratch. Slow on purpose.
 */
interface ModelEvent {
  t: number;
  came: number;
  step: number;
  ref: number;
  value: number;
  lane: string;
}
interface ModelFinding {
  group: string;
  lastMs: number;
  value: number;
}

function model(section: CorrelationSection, feed: readonly CorrelationEvent[]): ModelFinding[] {
  const groups = new Map<string, { events: ModelEvent[]; alerts: { from: number; to: number }[] }>();
  const findings: ModelFinding[] = [];
  const span = section.timespanMs;
  feed.forEach((event, came) => {
    const host = String(event.fields['host']);
    const group = groups.get(host) ?? { events: [], alerts: [] };
    groups.set(host, group);
    const step = section.rules.indexOf(event.ruleId);
    const lane = event.orderable ? 'ordered' : `only ${event.sourceId}`;
    const value = Number(event.fields['n']);
    const twin = group.events.toSorted((a, b) => b.came - a.came)[0]?.ref === event.ref;
    if (twin && !section.type.startsWith('temporal')) return;
    const own: ModelEvent = { t: event.timeMs, came, step, ref: Number(event.ref), value, lane };
    group.events.push(own);
    group.events.sort((a, b) => a.t - b.t || a.came - b.came);
    const at = group.events.indexOf(own);
    group.events.forEach((end, i) => {
      if (i < at || end.t > own.t + span) return;
      const window = group.events.filter((e, j) => j <= i && e.t >= end.t - span);
      const measured = measure(section, window, end);
      const met = section.condition.comparisons.every((c) => holds(measured, c.operator, c.threshold));
      if (!met) return;
      const running = group.alerts.findLast((a) => end.t >= a.from - span && end.t <= a.to + span);
      if (running === undefined) {
        group.alerts.push({ from: end.t, to: end.t });
        findings.push({ group: host, lastMs: end.t, value: measured });
      } else {
        running.from = Math.min(running.from, end.t);
        running.to = Math.max(running.to, end.t);
      }
    });
  });
  return findings;
}

function measure(section: CorrelationSection, window: readonly ModelEvent[], end: ModelEvent): number {
  const values = window.map((e) => e.value).toSorted((a, b) => a - b);
  const total = values.reduce((sum, v) => sum + v, 0);
  switch (section.type) {
    case 'event_count':
      return window.length;
    case 'value_count':
      return new Set(values).size;
    case 'value_sum':
      return total;
    case 'value_avg':
      return total / values.length;
    case 'value_median':
      return quantile(values, 0.5);
    case 'value_percentile':
      return section.condition.percentile === null
        ? (100 * values.filter((v) => v === end.value).length) / values.length
        : quantile(values, section.condition.percentile / 100);
    case 'temporal':
      return new Set(window.map((e) => e.step)).size;
    default:
      return Math.max(...[...new Set(window.map((e) => e.lane))].map((lane) => ascending(window, lane)));
  }
}

/** The most events of one lane in which the step rises each time: by trying every beginning, recursively. */
function ascending(window: readonly ModelEvent[], lane: string): number {
  const events = window.filter((e) => e.lane === lane);
  function from(i: number): number {
    const first = events[i];
    if (first === undefined) return 0;
    let best = 0;
    for (let j = i + 1; j < events.length; j += 1) {
      const next = events[j];
      if (next !== undefined && next.step > first.step && next.ref !== first.ref) best = Math.max(best, from(j));
    }
    return 1 + best;
  }
  return Math.max(...events.map((_, i) => from(i)));
}

function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? 0;
  return low === high ? low : low + (high - low) * (place - Math.floor(place));
}

function holds(value: number, operator: ConditionOperator, threshold: number): boolean {
  const table = { gt: value > threshold, gte: value >= threshold, lt: value < threshold, lte: value <= threshold };
  return { ...table, eq: value === threshold, neq: value !== threshold }[operator];
}

const TYPES: CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
];
const RULES = ['a', 'b', 'c'];

const operator = fc.oneof(
  fc.constantFrom<ConditionOperator>('gte', 'gt'),
  fc.constantFrom<ConditionOperator>('gt', 'gte', 'lt', 'lte', 'eq', 'neq'),
);

function sectionOf(type: CorrelationType): fc.Arbitrary<CorrelationSection> {
  const most: Partial<Record<CorrelationType, number>> = {
    temporal: 3,
    temporal_ordered: 3,
    event_count: 6,
    value_count: 4,
    value_sum: 30,
  };
  const threshold = fc.integer({ min: 1, max: most[type] ?? 8 });
  return fc
    .record({
      timespanMs: fc.integer({ min: 1, max: 30 }),
      comparisons: fc.array(fc.record({ operator, threshold }), { minLength: 1, maxLength: 2 }),
      percentile: fc.option(fc.constantFrom(0, 25, 50, 75, 100)),
      grouped: fc.boolean(),
    })
    .map(({ timespanMs, comparisons, percentile }) => ({
      type,
      rules: RULES,
      groupBy: ['host'],
      timespanMs,
      condition: {
        comparisons,
        fields: type.startsWith('value_') ? ['n'] : [],
        percentile: type === 'value_percentile' ? percentile : null,
      },
      aliases: {},
      generate: false,
    }));
}

const streamOf = (lengths: { minLength: number; maxLength: number }) =>
  fc
    .array(
      fc.record({
        ruleId: fc.constantFrom(...RULES),
        gap: fc.integer({ min: 0, max: 8 }),
        late: fc.oneof(
          { weight: 4, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.integer({ max: 40, min: 0 }) },
        ),
        host: fc.constantFrom('h1', 'h2'),
        n: fc.integer({ min: -2, max: 9 }),
        orderable: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
        sourceId: fc.constantFrom('s1', 's2'),
        twin: fc.option(fc.constantFrom(...RULES), { freq: 6 }),
      }),
      { ...lengths, size: 'max' },
    )
    .map((events) => {
      let now = 1_000;
      return events.flatMap(({ gap, late, host, n, twin, ...own }, ref): CorrelationEvent[] => {
        now += gap;
        const event = { ...own, timeMs: now - late, ref, fields: { host, n } };
        return twin === null || twin === own.ruleId ? [event] : [event, { ...event, ruleId: twin }];
      });
    });

/** Short ones shrink to what a person can read; long ones are longer than a group without a running measure. */
const stream = streamOf({ minLength: 0, maxLength: 24 });
const longStream = streamOf({ minLength: 2 * UNMEASURED_EVENTS_MAX, maxLength: 5 * UNMEASURED_EVENTS_MAX });

const rules = RULES.map((id) => ({ id }));

function agrees(section: CorrelationSection, events: readonly CorrelationEvent[]): void {
  const correlator = createCorrelator([{ rule: { id: 'x' }, section }], rules);
  const findings = events.flatMap((event) => correlator.feed(event));
  const seen = findings.map(({ group, lastMs, value }) => ({ group: group['host'], lastMs, value }));
  assert.deepEqual(seen, model(section, events));
}

for (const type of TYPES) {
  test(`${type} finds what a model finds that looks at every window from scratch`, () => {
    fc.assert(fc.property(sectionOf(type), stream, agrees), {
      numRuns: byForm({ quick: 60, ordinary: 600, long: 6_000 }),
    });
    fc.assert(fc.property(sectionOf(type), longStream, agrees), {
      numRuns: byForm({ quick: 20, ordinary: 150, long: 5_000 }),
    });
  });

  test(`${type} finds the same when its state is saved and restored anywhere`, () => {
    fc.assert(
      fc.property(sectionOf(type), fc.oneof(stream, longStream), fc.nat(60), (section, events, cut) => {
        const whole = createCorrelator([{ rule: { id: 'x' }, section }], rules);
        const expected = events.flatMap((event) => whole.feed(event));
        const first = createCorrelator([{ rule: { id: 'x' }, section }], rules);
        const before = events.slice(0, cut).flatMap((event) => first.feed(event));
        const second = createCorrelator([{ rule: { id: 'x' }, section }], rules);
        second.restore(first.save());
        const after = events.slice(cut).flatMap((event) => second.feed(event));
        assert.deepEqual([...before, ...after], expected);
        assert.deepEqual(second.save(), whole.save());
      }),
      { numRuns: byForm({ quick: 30, ordinary: 200, long: 2_000 }) },
    );
  });
}

test('the events of an ordered finding are its rules in order, within the timespan', () => {
  fc.assert(
    fc.property(sectionOf('temporal_ordered'), stream, (drawn, events) => {
      const condition = { ...drawn.condition, comparisons: [{ operator: 'gte' as const, threshold: 3 }] };
      const correlator = createCorrelator([{ rule: { id: 'x' }, section: { ...drawn, condition } }], rules);
      for (const finding of events.flatMap((event) => correlator.feed(event))) {
        const chain = finding.events.map((ref, i) => events.find((e) => e.ref === ref && e.ruleId === RULES[i]));
        assert.equal(chain.length, 3);
        assert.ok(chain.every((event) => event !== undefined));
        const times = chain.map((event) => event?.timeMs ?? NaN);
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
        assert.ok((times.at(-1) ?? NaN) - (times[0] ?? NaN) <= drawn.timespanMs);
        assert.equal(new Set(chain.map((event) => event?.fields['host'])).size, 1);
      }
    }),
    { numRuns: byForm({ quick: 100, ordinary: 1_000, long: 10_000 }) },
  );
});
