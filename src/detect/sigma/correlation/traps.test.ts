import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCorrelator } from './correlator.ts';
import { parseCorrelation } from './section.ts';
import type { CorrelationEvent, CorrelationSection } from './types.ts';

function section(raw: Record<string, unknown>): CorrelationSection {
  const parsed = parseCorrelation(raw);
  if ('reason' in parsed) assert.fail(parsed.reason);
  return parsed.value;
}

/** `A@10 host=h1` : a match of rule A ten seconds in. */
function events(...lines: string[]): CorrelationEvent[] {
  return lines.map((line, ref) => {
    const [head = '', ...pairs] = line.split(' ');
    const [ruleId = '', seconds = '0'] = head.split('@');
    const fields = Object.fromEntries(pairs.map((pair) => pair.split('=')));
    const sourceId = String(fields['source'] ?? 's');
    return { ruleId, timeMs: Number(seconds) * 1_000, ref, fields, sourceId, orderable: fields['assumed'] !== 'yes' };
  });
}

function run(raw: Record<string, unknown>, ...lines: string[]) {
  const rules = ['A', 'B', 'C'].map((id) => ({ id }));
  const correlator = createCorrelator([{ rule: { id: 'x' }, section: section(raw) }], rules);
  const findings = events(...lines).flatMap((event) => correlator.feed(event));
  return { findings, counters: correlator.counters };
}

const ORDERED = { type: 'temporal_ordered', rules: ['A', 'B', 'C'], timespan: '1m' };

test('order is checked between all rules, not against the first alone', () => {
  assert.equal(run(ORDERED, 'A@1', 'C@2', 'B@3').findings.length, 0);
  const { findings } = run(ORDERED, 'A@1', 'B@2', 'C@3');
  assert.deepEqual(
    findings.map(({ events, firstMs, lastMs, value }) => ({ events, firstMs, lastMs, value })),
    [{ events: [0, 1, 2], firstMs: 1_000, lastMs: 3_000, value: 3 }],
  );
});

test('an ordered chain may have other matches between its steps', () => {
  assert.equal(run(ORDERED, 'A@1', 'C@2', 'B@3', 'A@4', 'C@5').findings.length, 1);
});

test('an ordered chain longer than the timespan is none', () => {
  assert.equal(run(ORDERED, 'A@1', 'B@30', 'C@62').findings.length, 0);
  assert.equal(run(ORDERED, 'A@1', 'B@30', 'A@31', 'C@61').findings.length, 1);
});

test('parts that happen to different groups are not combined', () => {
  for (const type of ['temporal', 'temporal_ordered']) {
    const raw = { type, rules: ['A', 'B'], 'group-by': ['host'], timespan: '1m' };
    assert.equal(run(raw, 'A@1 host=h1', 'B@2 host=h2').findings.length, 0, type);
    const { findings } = run(raw, 'A@1 host=h1', 'B@2 host=h2', 'B@3 host=h1');
    assert.deepEqual(
      findings.map(({ group }) => group),
      [{ host: 'h1' }],
      type,
    );
  }
});

test('distinct values are counted within one timespan only', () => {
  const raw = { type: 'value_count', rules: ['A'], timespan: '10s', condition: { field: 'user', gte: 4 } };
  assert.equal(run(raw, 'A@0 user=a', 'A@5 user=b', 'A@10 user=c', 'A@15 user=d').findings.length, 0);
  assert.equal(run(raw, 'A@0 user=a', 'A@3 user=b', 'A@6 user=c', 'A@10 user=d').findings.length, 1);
  assert.equal(run(raw, 'A@0 user=a', 'A@1 user=A', 'A@2 user=b', 'A@3 user=c').findings.length, 0, 'letter case');
});

test('without group-by there is one global group', () => {
  const raw = { type: 'event_count', rules: ['A'], timespan: '1m', condition: { gte: 2 } };
  const { findings } = run(raw, 'A@1 host=h1', 'A@2 host=h2');
  assert.deepEqual(
    findings.map(({ group }) => group),
    [{}],
  );
});

test('two events one second apart correlate across a full hour', () => {
  const raw = { type: 'event_count', rules: ['A'], timespan: '1h', condition: { gte: 2 } };
  assert.equal(run(raw, 'A@3599.5', 'A@3600.5').findings.length, 1);
});

test('a match that lacks a group-by field is in no group, and is counted', () => {
  const raw = { type: 'event_count', rules: ['A'], 'group-by': ['user'], timespan: '1m', condition: { gte: 2 } };
  const { findings, counters } = run(raw, 'A@1', 'A@2 user=', 'A@3 user=u');
  assert.equal(findings.length, 0);
  assert.equal(counters.withoutGroup, 2);
});

test('a match that lacks the metric, or has no number in it, is left out and counted', () => {
  const raw = { type: 'value_sum', rules: ['A'], timespan: '1m', condition: { field: 'bytes', gte: 10 } };
  const { findings, counters } = run(raw, 'A@1 bytes=many', 'A@2', 'A@3 bytes=0x10', 'A@4 bytes=6', 'A@5 bytes=4.0');
  assert.deepEqual(
    findings.map(({ value, events }) => ({ value, events })),
    [{ value: 10, events: [3, 4] }],
  );
  assert.equal(counters.withoutValue, 3);
});

test('events of assumed time are ordered within their source and never across sources', () => {
  const raw = { type: 'temporal_ordered', rules: ['A', 'B'], timespan: '1m' };
  assert.equal(run(raw, 'A@1 source=s1 assumed=yes', 'B@2 source=s2').findings.length, 0);
  assert.equal(run(raw, 'A@1 source=s1', 'B@2 source=s2 assumed=yes').findings.length, 0);
  assert.equal(run(raw, 'A@1 source=s1 assumed=yes', 'B@2 source=s2 assumed=yes').findings.length, 0);
  assert.equal(run(raw, 'A@1 source=s1 assumed=yes', 'B@2 source=s1 assumed=yes').findings.length, 1);
  assert.equal(run({ ...raw, type: 'temporal' }, 'A@1 source=s1 assumed=yes', 'B@2 source=s2').findings.length, 1);
});

test('a late event completes a window, and takes nothing back', () => {
  const { findings } = run(ORDERED, 'A@10', 'C@30', 'B@20', 'B@25');
  assert.deepEqual(
    findings.map(({ events, lastMs }) => ({ events, lastMs })),
    [{ events: [0, 2, 1], lastMs: 30_000 }],
  );
});

test('a flood is one finding, and a new attack after a quiet timespan is another', () => {
  const raw = { type: 'event_count', rules: ['A'], timespan: '1m', condition: { gte: 3 } };
  const flood = Array.from({ length: 500 }, (_, i) => `A@${i}`);
  const later = ['A@2000', 'A@2001', 'A@2002', 'A@2003'];
  const { findings } = run(raw, ...flood, ...later);
  assert.deepEqual(
    findings.map(({ lastMs }) => lastMs),
    [2_000, 2_002_000],
  );
});

test('two comparisons make a range', () => {
  const raw = { type: 'value_sum', rules: ['A'], timespan: '1m', condition: { field: 'n', gt: 10, lte: 20 } };
  assert.equal(run(raw, 'A@1 n=21').findings.length, 0);
  assert.equal(run(raw, 'A@1 n=10').findings.length, 0);
  assert.equal(run(raw, 'A@1 n=20').findings.length, 1);
});

test('one event that matches two rules is one event to count, and no sequence', () => {
  const both = [
    ['A', 'B'],
    ['B', 'A'],
  ] as const;
  for (const order of both) {
    const feed = order.map((ruleId) => ({ ruleId, timeMs: 1, ref: 7, fields: {}, sourceId: 's', orderable: true }));
    const found = (raw: Record<string, unknown>) => {
      const correlator = createCorrelator([{ rule: { id: 'x' }, section: section(raw) }], [{ id: 'A' }, { id: 'B' }]);
      return feed.flatMap((event) => correlator.feed(event)).length;
    };
    const parts = { rules: ['A', 'B'], timespan: '1m' };
    assert.equal(found({ ...parts, type: 'event_count', condition: { gte: 2 } }), 0);
    assert.equal(found({ ...parts, type: 'temporal_ordered' }), 0);
    assert.equal(found({ ...parts, type: 'temporal' }), 1);
  }
});

test('events forged to lie centuries apart neither empty a window nor fill one', () => {
  const raw = { type: 'event_count', rules: ['A'], 'group-by': ['user'], timespan: '1m', condition: { gte: 3 } };
  const forged = ['A@99999999999 user=u', 'A@-9999999999 user=u'];
  const { findings } = run(raw, 'A@1 user=u', ...forged, 'A@2 user=u', ...forged, 'A@3 user=u');
  assert.deepEqual(
    findings.map(({ events }) => events),
    [[0, 3, 6]],
  );
});

test('a share names the value that is rare in the window', () => {
  const raw = { type: 'value_percentile', rules: ['A'], timespan: '1h', condition: { field: 'image', lte: 10 } };
  const usual = Array.from({ length: 9 }, (_, i) => `A@${i} image=usual.exe`);
  assert.deepEqual(
    run(raw, ...usual, 'A@20 image=odd.exe').findings.map(({ value, lastMs }) => ({ value, lastMs })),
    [{ value: 10, lastMs: 20_000 }],
  );
});
