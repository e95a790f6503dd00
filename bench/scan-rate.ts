/**
 * Events a second of the Sigma engine on one thread, with all public rules, as a share of a bare JSON.parse loop over
 * the same lines in the same run. Usage: node bench/scan-rate.ts [--profile]
 */
import { Session } from 'node:inspector/promises';
import { createEngine, loadRules } from '#detect/sigma';
import { sharedPath } from '../test/support/shared.ts';
import { campaignLines } from './campaign.ts';

const ROUNDS = 5;

const loadStart = performance.now();
const ruleSet = await loadRules([sharedPath('sigma/sigma-rules-8eaafff.tgz')]);
const loadMs = performance.now() - loadStart;
const lines = campaignLines();
const rounds: { bareMs: number; scanMs: number }[] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push({ bareMs: parseAll(), scanMs: scanAll() });
const best = rounds.map(({ bareMs, scanMs }) => bareMs / scanMs).toSorted((a, b) => b - a);
console.log(
  JSON.stringify({
    rules: ruleSet.report.loaded,
    load_ms: Math.round(loadMs),
    events: lines.length,
    share_best: Number(best[0]?.toFixed(3)),
    share_median: Number(best[ROUNDS >> 1]?.toFixed(3)),
    events_per_s_best: Math.round(lines.length / (Math.min(...rounds.map(({ scanMs }) => scanMs)) / 1000)),
  }),
);
if (process.argv.includes('--profile')) await profile();

function parseAll(): number {
  const start = performance.now();
  let sum = 0;
  for (const line of lines) sum += (JSON.parse(line) as { EventID: number }).EventID;
  if (Number.isNaN(sum)) throw new Error('an event without an id');
  return performance.now() - start;
}

function scanAll(): number {
  const engine = createEngine(ruleSet);
  const start = performance.now();
  for (const line of lines) engine.match('windows', JSON.parse(line) as Record<string, unknown>);
  return performance.now() - start;
}

/** Share of the time by function, the functions of at least one percent. */
async function profile(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  scanAll();
  const { profile } = await session.post('Profiler.stop');
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  let total = 0;
  profile.samples?.forEach((id, i) => {
    const frame = byId.get(id)?.callFrame;
    const key = `${frame?.functionName} ${frame?.url.split('/').at(-1)}`;
    const micros = profile.timeDeltas?.[i] ?? 0;
    self.set(key, (self.get(key) ?? 0) + micros);
    total += micros;
  });
  for (const [key, micros] of [...self].toSorted((a, b) => b[1] - a[1])) {
    if (micros / total >= 0.01) console.log(`${((100 * micros) / total).toFixed(1).padStart(5)} %  ${key}`);
  }
}
