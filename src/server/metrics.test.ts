import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gauge, metricsText, processMetrics } from './metrics.ts';

test('metrics are written as the exposition format has them, with labels escaped', () => {
  const text = metricsText([
    gauge('wardkeep_up', 'Whether it runs.', 1),
    {
      name: 'wardkeep_events_total',
      kind: 'counter',
      help: 'Events\nby source.',
      samples: [
        { labels: { source: 'a"b\\c\nd' }, value: 3 },
        { labels: { source: 'x', kind: 'y' }, value: 4.5 },
      ],
    },
    { name: 'wardkeep_none', kind: 'gauge', help: 'No sample.', samples: [] },
  ]);
  assert.equal(
    text,
    '# HELP wardkeep_up Whether it runs.\n# TYPE wardkeep_up gauge\nwardkeep_up 1\n' +
      '# HELP wardkeep_events_total Events\\nby source.\n# TYPE wardkeep_events_total counter\n' +
      'wardkeep_events_total{source="a\\"b\\\\c\\nd"} 3\nwardkeep_events_total{source="x",kind="y"} 4.5\n',
  );
});

test('every line of the process metrics has a name, and a number', () => {
  for (const line of metricsText(processMetrics(0, 0.01)).trim().split('\n'))
    assert.match(line, /^(?:# (?:HELP|TYPE) \w+ .+|[a-z_][a-z_0-9]*(?:\{.*\})? [\d.e+-]+)$/);
});
