import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCorrelator } from './correlator.ts';
import { CHAIN_DEPTH_MAX } from './limits.ts';
import { parseCorrelation } from './section.ts';
import type { Correlation } from './types.ts';

function correlation(id: string, raw: Record<string, unknown>, name?: string): Correlation {
  const parsed = parseCorrelation(raw);
  if ('reason' in parsed) assert.fail(parsed.reason);
  return { rule: { id, name }, section: parsed.value };
}

const FAILED = { id: 'failed' };
const SUCCESS = { id: 'success', name: 'successful_login' };
const MANY = correlation(
  'many',
  { type: 'event_count', rules: ['failed'], 'group-by': ['host'], timespan: '10m', condition: { gte: 3 } },
  'many_failed',
);
const THEN = correlation('then', {
  type: 'temporal_ordered',
  rules: ['many_failed', 'successful_login'],
  'group-by': ['user'],
  timespan: '5m',
});

function match(ruleId: string, seconds: number, fields: Record<string, unknown>, ref: number) {
  return { ruleId, timeMs: seconds * 1_000, fields, ref, sourceId: 's', orderable: true };
}

test('a chain groups by its own fields and lists the events behind its parts', () => {
  const correlator = createCorrelator([THEN, MANY], [FAILED, SUCCESS]);
  const feed = [
    match('failed', 1, { host: 'h', user: 'u' }, 0),
    match('failed', 2, { host: 'h', user: 'u' }, 1),
    match('failed', 3, { host: 'h', user: 'u' }, 2),
    match('success', 4, { host: 'elsewhere', user: 'other' }, 3),
    match('success', 5, { host: 'elsewhere', user: 'u' }, 4),
  ];
  const findings = feed.flatMap((event) => correlator.feed(event));
  assert.deepEqual(findings, [
    {
      rule: THEN.rule,
      group: { user: 'u' },
      events: [0, 1, 2, 4],
      eventsTotal: 4,
      firstMs: 1_000,
      lastMs: 5_000,
      value: 2,
    },
  ]);
});

test('what follows a flood may follow its end', () => {
  const correlator = createCorrelator([MANY, THEN], [FAILED, SUCCESS]);
  const flood = Array.from({ length: 300 }, (_, i) => match('failed', i * 10, { host: 'h', user: 'u' }, i));
  const during = flood.flatMap((event) => correlator.feed(event));
  assert.deepEqual(during, []);
  const [finding] = correlator.feed(match('success', 3_000, { user: 'u' }, 999));
  assert.equal(finding?.rule.id, 'then');
  assert.deepEqual(correlator.feed(match('success', 3_400, { user: 'u' }, 1_000)), [], 'the same episode');
  assert.deepEqual(correlator.feed(match('success', 9_000, { user: 'u' }, 1_001)), [], 'long after');
});

test('a correlation that counts another counts its episodes, not its events', () => {
  const spread = correlation('spread', {
    type: 'value_count',
    rules: ['many'],
    timespan: '1h',
    condition: { field: 'host', gte: 3 },
  });
  const correlator = createCorrelator([spread, MANY], [FAILED]);
  const feed = Array.from({ length: 60 }, (_, i) => match('failed', i, { host: `h${Math.floor(i / 20)}` }, i));
  const findings = feed.flatMap((event) => correlator.feed(event));
  assert.deepEqual(
    findings.map(({ rule, value, events }) => [rule.id, value, events.length]),
    [['spread', 3, 9]],
  );
});

test('the state of a chain is saved too', () => {
  const feed = [
    ...Array.from({ length: 40 }, (_, i) => match('failed', i * 10, { host: 'h', user: 'u' }, i)),
    match('success', 410, { user: 'u' }, 99),
  ];
  for (let cut = 0; cut <= feed.length; cut += 1) {
    const first = createCorrelator([MANY, THEN], [FAILED, SUCCESS]);
    const before = feed.slice(0, cut).flatMap((event) => first.feed(event));
    const second = createCorrelator([MANY, THEN], [FAILED, SUCCESS]);
    second.restore(first.save());
    const after = feed.slice(cut).flatMap((event) => second.feed(event));
    assert.deepEqual(
      [...before, ...after].map(({ rule, events }) => [rule.id, events]),
      [['then', [0, 1, 2, 99]]],
    );
  }
});

test('rules that a correlation uses up are silent unless it says generate', () => {
  const silent = createCorrelator([MANY, THEN], [FAILED, SUCCESS, { id: 'other' }]).silent;
  assert.deepEqual([...silent].toSorted(), ['failed', 'many', 'success']);
  const loud = { ...MANY, section: { ...MANY.section, generate: true } };
  assert.deepEqual([...createCorrelator([loud], [FAILED]).silent], []);
  const chained = createCorrelator(
    [{ ...THEN, section: { ...THEN.section, generate: true } }, MANY],
    [FAILED, SUCCESS],
  );
  const feed = [1, 2, 3].map((second) => match('failed', second, { host: 'h', user: 'u' }, second));
  assert.deepEqual(
    feed.flatMap((event) => chained.feed(event)).map(({ rule }) => rule.id),
    ['many'],
  );
});

test('aliases give one name to the fields of different rules', () => {
  const raw = {
    type: 'temporal',
    rules: ['out', 'in'],
    'group-by': ['inside', 'outside'],
    timespan: '10s',
    aliases: { inside: { out: 'src.ip', in: 'dst.ip' }, outside: { out: 'dst.ip', in: 'src.ip' } },
  };
  const correlator = createCorrelator([correlation('x', raw)], [{ id: 'out' }, { id: 'b', name: 'in' }]);
  const out = match('out', 1, { src: { ip: '10.0.0.1' }, dst: { ip: '192.0.2.1' } }, 0);
  const same = match('b', 2, { src: { ip: '10.0.0.1' }, dst: { ip: '192.0.2.1' } }, 1);
  const back = match('b', 3, { 'src.ip': '192.0.2.1', 'dst.ip': '10.0.0.1' }, 2);
  const findings = [out, same, back].flatMap((event) => correlator.feed(event));
  assert.deepEqual(
    findings.map(({ group, events }) => ({ group, events })),
    [{ group: { inside: '10.0.0.1', outside: '192.0.2.1' }, events: [0, 2] }],
  );
});

test('what cannot run is named with its reason, and the rest runs', () => {
  const count = { type: 'event_count', timespan: '1m', condition: { gte: 1 } };
  const correlations = [
    correlation('lost', { ...count, rules: ['nowhere'] }),
    correlation('above', { ...count, rules: ['lost'] }),
    correlation('twice', { ...count, rules: ['namesake'] }),
    correlation('c1', { ...count, rules: ['c2'] }),
    correlation('c2', { ...count, rules: ['c1'] }),
    correlation('both', { ...count, rules: ['success', 'successful_login'] }),
    correlation('stray', { ...count, rules: ['failed'], aliases: { a: { success: 'f' } } }),
    correlation('well', { ...count, rules: ['failed'] }),
  ];
  const rules = [FAILED, SUCCESS, { id: '1', name: 'namesake' }, { id: '2', name: 'namesake' }];
  const { failed } = createCorrelator(correlations, rules);
  assert.deepEqual(Object.fromEntries(failed.map(({ rule, reason }) => [rule.id, reason])), {
    lost: 'refers to "nowhere", which is no loaded rule',
    above: 'the correlation "lost" cannot run: refers to "nowhere", which is no loaded rule',
    twice: 'refers to "namesake", which is the name of more than one rule',
    c1: 'the correlation "c2" cannot run: the correlation "c1" cannot run: refers to itself through other correlations',
    c2: 'the correlation "c1" cannot run: refers to itself through other correlations',
    both: 'refers to "successful_login" by both its id and its name',
    stray: 'alias "a" names "success", which is none of its rules',
  });
});

test('a chain that is too deep fails', () => {
  const links = Array.from({ length: CHAIN_DEPTH_MAX + 1 }, (_, i) =>
    correlation(`c${i}`, {
      type: 'event_count',
      rules: [i === 0 ? 'failed' : `c${i - 1}`],
      timespan: '1m',
      condition: { gte: 1 },
    }),
  );
  const { failed } = createCorrelator(links, [FAILED]);
  assert.deepEqual(
    failed.map(({ rule }) => rule.id),
    [`c${CHAIN_DEPTH_MAX}`],
  );
});
