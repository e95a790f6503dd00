import { numberText } from './finding.ts';
import { joined } from './gist.ts';
import { ENTITIES_SHOWN_MAX, TITLE_CHARS_MAX } from './limits.ts';
import { type Importance, severityOf, titleOf } from './severity.ts';
import type { IncidentRow } from './store-tables.ts';
import { gistOf, tieKey } from './store-tallies.ts';
import type { IncidentStore } from './store.ts';
import type { IncidentSummary } from './types.ts';

/** What follows from the aggregates: title and severity. What a person has set stays. Gives the rows as they are then. */
export async function derive(store: IncidentStore, ids: readonly string[]): Promise<IncidentRow[]> {
  const rows = await store.batch.incidents(ids);
  const named = rows.map((row) => ({ row, gist: gistOf(row) }));
  const asked = named.flatMap(({ row, gist }) =>
    (gist.worst?.names ?? [])
      // Many stand behind one address.
      .filter(({ kind }) => kind === 'device' || kind === 'user')
      .map(({ kind, name }) => ({ incident: row.id, kind, name })),
  );
  const counts = await store.tallies.tieCounts(asked);
  for (const { row, gist } of named) {
    const title = titleOf(gist.worst, (entity) => counts.get(tieKey({ ...entity, incident: row.id })) ?? 0);
    if (row.fixed_title === 0) row.title = title.slice(0, TITLE_CHARS_MAX);
    if (row.fixed_severity === 0) row.severity = severityOf(gist);
  }
  await store.batch.putIncidents(rows);
  return rows;
}

/** Makes the aggregates of an incident anew from its findings, and what follows from them. */
export async function recount(store: IncidentStore, id: string, importance: Importance | undefined): Promise<void> {
  await store.tallies.refill(id);
  const vital =
    importance === undefined ? null : await store.tallies.find(id, (entity) => importance(entity) === 'critical');
  await store.changeIncident(id, { vital });
  await derive(store, [id]);
}

/** What one has becomes the other's; the rows of both are written, title and severity are not yet derived. */
export async function absorb(store: IncidentStore, into: IncidentRow, from: IncidentRow): Promise<void> {
  await store.moveAll(from.id, into.id);
  await store.tallies.move(from.id, into.id);
  const { worst, tactics, vital } = joined(gistOf(into), gistOf(from));
  const isEmpty = from.findings === 0;
  await store.changeIncident(into.id, {
    first_ms: isEmpty ? into.first_ms : Math.min(into.first_ms, from.first_ms),
    last_ms: isEmpty ? into.last_ms : Math.max(into.last_ms, from.last_ms),
    findings: into.findings + from.findings,
    tactics: JSON.stringify(tactics),
    worst: worst === null ? null : JSON.stringify(worst),
    vital,
    revision: into.revision + 1,
  });
  await store.changeIncident(from.id, { state: 'closed', merged_into: into.id, worst: null, vital: null });
}

export async function summariesOf(store: IncidentStore, rows: readonly IncidentRow[]): Promise<IncidentSummary[]> {
  const entities = await store.tallies.entities(
    rows.map(({ id }) => id),
    ENTITIES_SHOWN_MAX,
  );
  return rows.map((row) => ({
    id: row.id,
    number: numberText(row.number),
    title: row.title,
    severity: row.severity,
    state: row.state,
    verdict: row.verdict,
    assignee: row.assignee,
    firstMs: row.first_ms,
    lastMs: row.last_ms,
    createdMs: row.created_ms,
    findings: row.findings,
    tactics: gistOf(row).tactics,
    entities: entities.get(row.id) ?? [],
  }));
}
