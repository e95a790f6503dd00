import { entityKey } from './store-batch.ts';
import type { RuleRow, TallyRow } from './store-tables.ts';
import type { Entity, Finding } from './types.ts';

/** What a batch of findings adds to the aggregates of incidents. */
export class Sums {
  readonly #tallies = new Map<string, TallyRow>();
  readonly #rules = new Map<string, RuleRow>();

  add(incident: string, finding: Finding, ties: readonly Entity[]): void {
    for (const entity of finding.entities) this.#addEntity(incident, entity, { finding, isTie: ties.includes(entity) });
    this.#addRule(incident, finding);
  }

  rows(): { tallies: TallyRow[]; rules: RuleRow[] } {
    return { tallies: [...this.#tallies.values()], rules: [...this.#rules.values()] };
  }

  #addEntity(incident: string, entity: Entity, { finding, isTie }: { finding: Finding; isTie: boolean }): void {
    const { firstMs, atMs } = finding;
    const key = `${incident} ${entityKey(entity)}`;
    const row = this.#tallies.get(key) ?? {
      incident,
      kind: entity.kind,
      name: entity.name,
      findings: 0,
      ties: 0,
      first_ms: firstMs,
      last_ms: atMs,
      tie_first_ms: null,
      tie_last_ms: null,
    };
    this.#tallies.set(key, row);
    row.findings += 1;
    row.first_ms = Math.min(row.first_ms, firstMs);
    row.last_ms = Math.max(row.last_ms, atMs);
    if (!isTie) return;
    row.ties += 1;
    row.tie_first_ms = Math.min(row.tie_first_ms ?? firstMs, firstMs);
    row.tie_last_ms = Math.max(row.tie_last_ms ?? atMs, atMs);
  }

  #addRule(incident: string, { rule, firstMs, atMs, eventsTotal, patients }: Finding): void {
    const tags = JSON.stringify(rule.tags);
    const key = `${incident} ${rule.id} ${rule.level} ${rule.title} ${tags}`;
    const row = this.#rules.get(key) ?? {
      incident,
      rule: rule.id,
      level: rule.level,
      title: rule.title,
      tags,
      findings: 0,
      first_ms: firstMs,
      last_ms: atMs,
      events_max: 0,
      patients_max: 0,
    };
    this.#rules.set(key, row);
    row.findings += 1;
    row.first_ms = Math.min(row.first_ms, firstMs);
    row.last_ms = Math.max(row.last_ms, atMs);
    row.events_max = Math.max(row.events_max, eventsTotal);
    row.patients_max = Math.max(row.patients_max, patients);
  }
}
