import { LEVELS } from '#detect/sigma';
import { tacticsOf } from './attack.ts';
import { tying } from './entities.ts';
import { JOIN_GAP_MS, OUTBREAK_MS } from './limits.ts';
import type { IncidentStore } from './store.ts';
import type { Entity, Finding } from './types.ts';

/** From this level on, a finding makes an incident by itself; what is lower joins one, or waits for one. */
const INCIDENT_FROM = 'medium';
/** Tactics that spread from computer to computer. */
const SPREADING = new Set(['impact', 'lateral-movement', 'discovery']);

export interface Grouped {
  /** Unclosed incidents that the finding belongs to, the oldest first; several become one. Empty = a new one or none. */
  incidents: string[];
  /** Whether it makes an incident of its own where there is none. */
  makesIncident: boolean;
  /** Findings that waited and come along. */
  loose: number[];
}

/**
 * Where a finding belongs. It joins incidents with which it shares somebody or something that is not common to all, when
 * not too much time lies between; and the incident in which the same rule has just matched elsewhere, when it shows what
 * spreads.
 */
export async function group(store: IncidentStore, finding: Finding): Promise<Grouped> {
  const { rule, firstMs, atMs, entities } = finding;
  const ties = await withoutCommon(store, tying(entities));
  const makesIncident = LEVELS.indexOf(rule.level) >= LEVELS.indexOf(INCIDENT_FROM);
  const numbers = new Map<string, number>();
  for (const entity of ties)
    for (const found of await store.incidentsWith(entity))
      if (gapBetween(finding, found) <= gapMax(finding, entity)) numbers.set(found.id, found.number);
  if (makesIncident && tacticsOf(rule.tags).some((tactic) => SPREADING.has(tactic))) {
    const outbreak = await store.incidentOfRule(rule.id, firstMs - OUTBREAK_MS, atMs + OUTBREAK_MS);
    if (outbreak !== null) numbers.set(outbreak.id, outbreak.number);
  }
  const incidents = [...numbers].toSorted((a, b) => a[1] - b[1]).map(([id]) => id);
  const hasIncident = makesIncident || incidents.length > 0;
  const loose = hasIncident ? await store.looseWith(ties, firstMs - JOIN_GAP_MS.low, atMs + JOIN_GAP_MS.low) : [];
  return { incidents, makesIncident, loose };
}

async function withoutCommon(store: IncidentStore, entities: readonly Entity[]): Promise<Entity[]> {
  const ties: Entity[] = [];
  for (const entity of entities) {
    const isPlace = entity.kind === 'device' || entity.kind === 'address';
    if (!isPlace || !(await store.isCommon(entity))) ties.push(entity);
  }
  return ties;
}

/** A patient is looked at by many people on many days for good reasons: they tie for a day. */
function gapMax({ rule }: Finding, { kind }: Entity): number {
  return kind === 'patient' ? JOIN_GAP_MS.low : JOIN_GAP_MS[rule.level];
}

/** Time between two spans, 0 where they overlap. */
function gapBetween(a: { firstMs: number; atMs: number }, b: { firstMs: number; lastMs: number }): number {
  return Math.max(0, a.firstMs - b.lastMs, b.firstMs - a.atMs);
}
