import type { Clock, RandomFill } from '#kernel';
import { uuidv7 } from '#kernel';
import { IncidentsError } from './errors.ts';
import { PREVIEW_MS, SUPPRESSION_MS_MAX } from './limits.ts';
import type { IncidentStore } from './store.ts';
import type { IncidentLists } from './store-lists.ts';
import type { Entity, Finding, KeptFinding, SuppressRequest, Suppression } from './types.ts';

/** Findings that a preview looks at. */
const PREVIEW_FINDINGS_MAX = 5_000;
const EXAMPLES_MAX = 10;

export interface SuppressPreview {
  hidden: number;
  examples: KeptFinding[];
  truePositives: number;
}

/** Checks a request and makes the suppression. @throws {IncidentsError} `bad_change` */
export function newSuppression(
  request: SuppressRequest,
  author: string,
  world: { clock: Clock; random: RandomFill },
): Suppression {
  const { ruleId, entities, reason, expiresMs } = request;
  const nowMs = world.clock.nowMs();
  if (entities.length === 0)
    throw new IncidentsError('bad_change', 'a suppression names at least one person or thing', {
      advice: 'to hide a rule altogether, switch it off under Rules',
    });
  if (reason.trim() === '') throw new IncidentsError('bad_change', 'a suppression needs a reason');
  if (!(expiresMs > nowMs) || expiresMs > nowMs + SUPPRESSION_MS_MAX)
    throw new IncidentsError('bad_change', 'a suppression ends within the next 90 days');
  const id = uuidv7(world.clock, world.random);
  return { id, ruleId, entities, reason, expiresMs, author, createdMs: nowMs, hiddenSoFar: 0 };
}

/** What the suppression would have hidden in the last 30 days. */
export async function previewOf(
  { ruleId, entities }: SuppressRequest,
  { store, lists, clock }: { store: IncidentStore; lists: IncidentLists; clock: Clock },
): Promise<SuppressPreview> {
  const found = await lists.matching(ruleId, entities, clock.nowMs() - PREVIEW_MS, PREVIEW_FINDINGS_MAX);
  const verdicts = new Map<string, boolean>();
  let truePositives = 0;
  for (const { incident } of found) {
    if (incident === null) continue;
    const isTrue = verdicts.get(incident) ?? (await store.incident(incident))?.verdict === 'true-positive';
    verdicts.set(incident, isTrue);
    if (isTrue) truePositives += 1;
  }
  return { hidden: found.length, examples: found.slice(0, EXAMPLES_MAX), truePositives };
}

/** The suppression that hides a finding, or null. All of its entities must take part. */
export function hiding(suppressions: readonly Suppression[], finding: Finding, nowMs: number): Suppression | null {
  const has = (entity: Entity): boolean =>
    finding.entities.some(({ kind, name }) => kind === entity.kind && name === entity.name);
  return (
    suppressions.find(
      ({ ruleId, entities, expiresMs }) => ruleId === finding.rule.id && expiresMs > nowMs && entities.every(has),
    ) ?? null
  );
}
