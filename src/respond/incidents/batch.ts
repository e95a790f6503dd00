import { tying } from './entities.ts';
import { type Gist, gistOfFinding, joined, rankOf } from './gist.ts';
import { isPlace, looseSpan, makesIncident, reaches, spreads, tiesOf } from './grouping.ts';
import { COMMON_USERS, CONNECTED_MAX, JOIN_GAP_MS, LOOSE_MAX, OUTBREAK_MS } from './limits.ts';
import { type Placed, entityKey } from './store-batch.ts';
import type { IncidentRow } from './store-tables.ts';
import { gistOf } from './store-tallies.ts';
import type { IncidentStore } from './store.ts';
import { Sums } from './sums.ts';
import type { Entity, Finding, Suppression } from './types.ts';

export interface BatchWorld {
  /** A row for a new incident of this number, without findings. */
  fresh: (number: number) => IncidentRow;
  hiding: (finding: Finding) => Suppression | null;
  isVital: (entity: Entity) => boolean;
}

/** A finding that connects incidents: the others go into the first. */
export interface Connection {
  id: string;
  others: string[];
}

interface Draft {
  row: IncidentRow;
  gist: Gist;
  isChanged: boolean;
}

interface Span {
  firstMs: number;
  lastMs: number;
}

/**
 * Findings that are placed together. What they need of the database is read at once before them, and what they change is
 * written at once behind them, so that a finding costs the same in an incident of ten and of ten thousand.
 */
export class Batch {
  readonly #store: IncidentStore;
  readonly #world: BatchWorld;
  readonly #drafts = new Map<string, Draft>();
  /** Entity → incident → when it ties there. */
  readonly #ties = new Map<string, Map<string, Span>>();
  /** Place → users found there. */
  readonly #company = new Map<string, Set<string>>();
  readonly #newCompany: (Entity & { user: string })[] = [];
  readonly #apart = new Set<string>();
  /** Entities for which findings wait in the database. */
  #awaited = new Set<string>();
  readonly #placed: Placed[] = [];
  /** Findings of this batch that wait, by entity. */
  readonly #waiting = new Map<string, Placed[]>();
  /** Rule → where it matched in this batch. */
  readonly #matched = new Map<string, { id: string; atMs: number }[]>();
  readonly #hidden = new Map<string, number>();
  readonly #sums = new Sums();
  /** Null until the first incident is made. */
  #nextNumber: number | null = null;

  private constructor(store: IncidentStore, world: BatchWorld) {
    this.#store = store;
    this.#world = world;
  }

  static async open(store: IncidentStore, findings: readonly Finding[], world: BatchWorld): Promise<Batch> {
    const batch = new Batch(store, world);
    await batch.#read(findings);
    return batch;
  }

  /** Incidents that findings were added to. */
  get changed(): string[] {
    return [...this.#drafts].filter(([, { isChanged }]) => isChanged).map(([id]) => id);
  }

  /** Places a finding. Where it connects incidents, nothing further may be placed before those were made one. */
  async place(finding: Finding): Promise<Connection | null> {
    const ties = tiesOf(finding, (place) => this.#company.get(entityKey(place))?.size ?? 0);
    const hidden = this.#world.hiding(finding);
    const [id, ...others] = hidden === null ? await this.#incidentsOf(finding, ties) : [];
    const placed: Placed = {
      finding,
      level: rankOf(finding.rule.level),
      ties: tying(finding.entities),
      incident: id ?? null,
      suppressedBy: hidden?.id ?? null,
    };
    this.#placed.push(placed);
    this.#meet(finding);
    if (hidden !== null) this.#hidden.set(hidden.id, (this.#hidden.get(hidden.id) ?? 0) + 1);
    else if (id === undefined) this.#wait(placed);
    else {
      this.#join(id, finding);
      await this.#takeAlong(id, finding, ties);
    }
    return id === undefined || others.length === 0 ? null : { id, others };
  }

  async write(): Promise<void> {
    const { batch, tallies } = this.#store;
    const rows = [...this.#drafts.values()].filter(({ isChanged }) => isChanged).map(rowOf);
    await batch.putIncidents(rows);
    await batch.addFindings(this.#placed);
    const sums = this.#sums.rows();
    await tallies.add(sums.tallies, sums.rules);
    await batch.addCompany(this.#newCompany);
    await batch.countHidden(this.#hidden);
  }

  async #read(findings: readonly Finding[]): Promise<void> {
    const { batch } = this.#store;
    const entities = unique(findings.flatMap((finding) => tying(finding.entities)));
    const fromMs = Math.min(...findings.map(({ firstMs }) => firstMs)) - JOIN_GAP_MS.critical;
    const toMs = Math.max(...findings.map(({ atMs }) => atMs)) + JOIN_GAP_MS.critical;
    const rows = await batch.tiesOf(entities, fromMs, toMs);
    for (const row of rows) this.#tie(row.incident, row, row);
    await this.#load([...new Set(rows.map(({ incident }) => incident))]);
    const places = unique(findings.flatMap((finding) => finding.entities.filter(isPlace)));
    for (const { kind, name, user } of await batch.companyOf(places)) this.#companyAt({ kind, name }).add(user);
    this.#awaited = new Set((await batch.awaited(entities)).map(entityKey));
  }

  async #load(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.#drafts.has(id));
    if (unknown.length === 0) return;
    for (const row of await this.#store.batch.incidents(unknown))
      this.#drafts.set(row.id, { row, gist: gistOf(row), isChanged: false });
    for (const { one, other } of await this.#store.apartFrom(unknown))
      this.#apart.add(`${one} ${other}`).add(`${other} ${one}`);
  }

  /** Where it belongs, the oldest first; a new one when it makes one; none when it is to wait. */
  async #incidentsOf(finding: Finding, ties: readonly Entity[]): Promise<string[]> {
    const found = new Set<string>();
    for (const entity of ties)
      for (const [id, span] of this.#ties.get(entityKey(entity)) ?? [])
        if (reaches(finding, entity, span)) found.add(id);
    if (spreads(finding)) {
      const outbreak = await this.#outbreakOf(finding);
      if (outbreak !== null) found.add(outbreak);
    }
    const [oldest, ...others] = this.#byNumber(found).slice(0, CONNECTED_MAX);
    if (oldest !== undefined) return [oldest, ...others.filter((id) => !this.#apart.has(`${oldest} ${id}`))];
    return makesIncident(finding) ? [await this.#create()] : [];
  }

  #byNumber(ids: Iterable<string>): string[] {
    const numberOf = (id: string): number => this.#drafts.get(id)?.row.number ?? 0;
    return [...ids].toSorted((a, b) => numberOf(a) - numberOf(b));
  }

  /** The oldest incident in which the rule has matched at about this time. */
  async #outbreakOf({ rule, firstMs, atMs }: Finding): Promise<string | null> {
    const [fromMs, toMs] = [firstMs - OUTBREAK_MS, atMs + OUTBREAK_MS];
    const here = (this.#matched.get(rule.id) ?? []).filter((one) => one.atMs >= fromMs && one.atMs <= toMs);
    const stored = await this.#store.batch.incidentOfRule(rule.id, fromMs, toMs);
    if (stored !== null) await this.#load([stored]);
    return this.#byNumber([...here.map(({ id }) => id), ...(stored === null ? [] : [stored])])[0] ?? null;
  }

  async #create(): Promise<string> {
    const number = this.#nextNumber ?? (await this.#store.nextNumber());
    this.#nextNumber = number + 1;
    const row = this.#world.fresh(number);
    this.#drafts.set(row.id, { row, gist: gistOf(row), isChanged: true });
    return row.id;
  }

  #join(id: string, finding: Finding): void {
    const draft = this.#drafts.get(id);
    if (draft === undefined) return;
    const ties = tying(finding.entities);
    const { row } = draft;
    const isFirst = row.findings === 0;
    row.first_ms = isFirst ? finding.firstMs : Math.min(row.first_ms, finding.firstMs);
    row.last_ms = isFirst ? finding.atMs : Math.max(row.last_ms, finding.atMs);
    row.findings += 1;
    draft.gist = joined(draft.gist, gistOfFinding(finding, this.#world.isVital));
    draft.isChanged = true;
    this.#sums.add(id, finding, ties);
    for (const entity of ties) this.#tie(id, entity, { firstMs: finding.firstMs, lastMs: finding.atMs });
    const matched = this.#matched.get(finding.rule.id) ?? [];
    matched.push({ id, atMs: finding.atMs });
    this.#matched.set(finding.rule.id, matched);
  }

  #tie(id: string, entity: Entity, { firstMs, lastMs }: Span): void {
    const key = entityKey(entity);
    const incidents = this.#ties.get(key) ?? new Map<string, Span>();
    this.#ties.set(key, incidents);
    const span = incidents.get(id) ?? { firstMs, lastMs };
    incidents.set(id, { firstMs: Math.min(span.firstMs, firstMs), lastMs: Math.max(span.lastMs, lastMs) });
  }

  #wait(placed: Placed): void {
    for (const entity of placed.ties) {
      const waiting = this.#waiting.get(entityKey(entity)) ?? [];
      waiting.push(placed);
      this.#waiting.set(entityKey(entity), waiting);
    }
  }

  /** Findings that waited, and are about what ties this one. */
  async #takeAlong(id: string, finding: Finding, ties: readonly Entity[]): Promise<void> {
    const span = looseSpan(finding);
    const stored = new Map<number, Finding>();
    for (const entity of ties) {
      const key = entityKey(entity);
      for (const placed of this.#waiting.get(key) ?? [])
        if (placed.incident === null && placed.finding.atMs >= span.fromMs && placed.finding.firstMs <= span.toMs) {
          placed.incident = id;
          this.#join(id, placed.finding);
        }
      const left = (this.#waiting.get(key) ?? []).filter(({ incident }) => incident === null);
      this.#waiting.set(key, left);
      if (!this.#awaited.has(key)) continue;
      for (const one of await this.#store.batch.looseWith(entity, { ...span, limit: LOOSE_MAX }))
        stored.set(one.index, one);
    }
    if (stored.size === 0) return;
    for (const one of stored.values()) this.#join(id, one);
    await this.#store.batch.settleLoose([...stored.keys()], id);
  }

  /** Who is found where. */
  #meet({ entities }: Finding): void {
    const users = entities.filter(({ kind }) => kind === 'user').map(({ name }) => name);
    for (const place of entities.filter(isPlace)) {
      const company = this.#companyAt(place);
      for (const user of users)
        if (company.size < COMMON_USERS && !company.has(user)) {
          company.add(user);
          this.#newCompany.push({ ...place, user });
        }
    }
  }

  #companyAt(place: Entity): Set<string> {
    const company = this.#company.get(entityKey(place)) ?? new Set<string>();
    this.#company.set(entityKey(place), company);
    return company;
  }
}

function rowOf({ row, gist }: Draft): IncidentRow {
  return {
    ...row,
    tactics: JSON.stringify(gist.tactics),
    worst: gist.worst === null ? null : JSON.stringify(gist.worst),
    vital: gist.vital,
    revision: row.revision + 1,
  };
}

function unique(entities: readonly Entity[]): Entity[] {
  return [...new Map(entities.map((entity) => [entityKey(entity), { kind: entity.kind, name: entity.name }])).values()];
}
