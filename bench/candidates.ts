/** How many rules the index leaves to evaluate for an event, as a share of all rules. Usage: node bench/candidates.ts */
import { createEngine, loadRules } from '#detect/sigma';
import { sharedPath } from '../test/support/shared.ts';
import { campaignLines } from './campaign.ts';

const ruleSet = await loadRules([sharedPath('sigma/sigma-rules-8eaafff.tgz')]);
const engine = createEngine(ruleSet);
const counts: number[] = [];
for (const line of campaignLines()) {
  const before = engine.counters.candidates;
  engine.match('windows', JSON.parse(line) as Record<string, unknown>);
  counts.push(engine.counters.candidates - before);
}
counts.sort((a, b) => a - b);
const at = (quantile: number): number => counts[Math.min(counts.length - 1, Math.floor(counts.length * quantile))] ?? 0;
const share = (count: number): string => `${((100 * count) / ruleSet.rules.length).toFixed(2)} %`;
console.log(
  JSON.stringify({
    rules: ruleSet.rules.length,
    events: counts.length,
    mean: share(counts.reduce((sum, count) => sum + count, 0) / counts.length),
    p50: share(at(0.5)),
    p95: share(at(0.95)),
    p99: share(at(0.99)),
    max: share(at(1)),
  }),
);
