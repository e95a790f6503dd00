import { tacticsOf } from './attack.ts';
import { tying } from './entities.ts';
import { rankOf } from './gist.ts';
import { COMMON_USERS, JOIN_GAP_MS } from './limits.ts';
import type { Entity, Finding } from './types.ts';

/** From this level on, a finding makes an incident by itself; what is lower joins one, or waits for one. */
const INCIDENT_FROM = rankOf('medium');
/** Tactics that spread from computer to computer. */
const SPREADING = new Set(['impact', 'lateral-movement', 'discovery']);

/** Whether it makes an incident of its own where it joins none. */
export function makesIncident({ rule }: Finding): boolean {
  return rankOf(rule.level) >= INCIDENT_FROM;
}

/** Whether it joins the incident in which its rule has just matched elsewhere, even if they share nobody and nothing. */
export function spreads(finding: Finding): boolean {
  return makesIncident(finding) && tacticsOf(finding.rule.tags).some((tactic) => SPREADING.has(tactic));
}

/** Devices and addresses, of which some are common to many users. */
export function isPlace({ kind }: Entity): boolean {
  return kind === 'device' || kind === 'address';
}

/** What ties a finding to others: what can, without places at which `users` were found in numbers. */
export function tiesOf(finding: Finding, users: (place: Entity) => number): Entity[] {
  return tying(finding.entities).filter((entity) => !isPlace(entity) || users(entity) < COMMON_USERS);
}

/** Whether a finding belongs to an incident in which findings over that span name the entity, too. */
export function reaches(finding: Finding, entity: Entity, span: { firstMs: number; lastMs: number }): boolean {
  return Math.max(0, finding.firstMs - span.lastMs, span.firstMs - finding.atMs) <= gapMax(finding, entity);
}

/** A patient is looked at by many people on many days for good reasons: they tie for a day. */
function gapMax({ rule }: Finding, { kind }: Entity): number {
  return kind === 'patient' ? JOIN_GAP_MS.low : JOIN_GAP_MS[rule.level];
}

/** When findings that waited may have happened to come along with this one. */
export function looseSpan({ firstMs, atMs }: Finding): { fromMs: number; toMs: number } {
  return { fromMs: firstMs - JOIN_GAP_MS.low, toMs: atMs + JOIN_GAP_MS.low };
}
