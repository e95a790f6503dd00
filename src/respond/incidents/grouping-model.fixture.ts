import type { DurableFinding } from '#detect/live';
import { entitiesOf } from './entities.ts';
import type { Entity } from './types.ts';

/**
 * The rule of grouping as the module's README tells it, by looking at every finding for each new one: the oracle for what the
 * store does with aggregates.
 */
const DAY = 24 * 3_600_000;
const HOUR = 3_600_000;
const SERIOUS = new Set(['medium', 'high', 'critical']);
const GAP: Readonly<Record<string, number>> = { informational: DAY, low: DAY, medium: 3 * DAY };
const TYING = new Set(['user', 'device', 'address', 'patient']);
const SPREADING = new Set(['attack.impact', 'attack.lateral-movement', 'attack.discovery']);

interface Member {
  finding: DurableFinding;
  entities: Entity[];
  /** Number of its incident; 0 while it waits. */
  incident: number;
}

export class GroupingModel {
  readonly #members: Member[] = [];
  readonly #closed = new Set<number>();
  readonly #apart: [number, number][] = [];
  #last = 0;

  accept(finding: DurableFinding): void {
    if (this.#members.some((member) => member.finding.index === finding.index)) return;
    const member: Member = { finding, entities: entitiesOf(finding), incident: 0 };
    const ties = tying(member.entities).filter((entity) => !this.#isCommon(entity));
    const candidates = this.open().filter((number) => this.#belongs(member, ties, number));
    const outbreak = spreads(finding) ? this.open().find((number) => this.#matched(finding, number)) : undefined;
    const found = [...new Set([...candidates, ...(outbreak === undefined ? [] : [outbreak])])]
      .toSorted((a, b) => a - b)
      .slice(0, 20);
    const [oldest, ...others] = found;
    this.#members.push(member);
    if (oldest === undefined && !SERIOUS.has(finding.level)) return;
    member.incident = oldest ?? this.#next();
    for (const one of this.#members)
      if (one.incident === 0 && sharesOne(ties, tying(one.entities)) && isWithin(one.finding, finding, DAY))
        one.incident = member.incident;
    for (const other of others) if (!this.#areApart(member.incident, other)) this.merge(member.incident, other);
  }

  merge(into: number, from: number): void {
    for (const member of this.#members) if (member.incident === from) member.incident = into;
    this.#closed.add(from);
    for (const pair of this.#apart) for (const at of [0, 1] as const) if (pair[at] === from) pair[at] = into;
  }

  split(number: number, indexes: readonly number[]): void {
    const made = this.#next();
    for (const member of this.#members)
      if (member.incident === number && indexes.includes(member.finding.index)) member.incident = made;
    this.#apart.push([number, made]);
  }

  close(number: number): void {
    this.#closed.add(number);
  }

  /** Numbers of the unclosed incidents, the oldest first. */
  open(): number[] {
    return [...this.groups().keys()].filter((number) => !this.#closed.has(number)).toSorted((a, b) => a - b);
  }

  /** Indexes of the findings of each incident. */
  groups(): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    for (const { finding, incident } of this.#members)
      if (incident > 0) groups.set(incident, [...(groups.get(incident) ?? []), finding.index]);
    return groups;
  }

  #next(): number {
    this.#last += 1;
    return this.#last;
  }

  #belongs({ finding }: Member, ties: readonly Entity[], number: number): boolean {
    return ties.some((entity) => {
      const gap = entity.kind === 'patient' ? DAY : (GAP[finding.level] ?? 14 * DAY);
      const named = this.#members.filter((one) => one.incident === number && sharesOne([entity], tying(one.entities)));
      if (named.length === 0) return false;
      const firstMs = Math.min(...named.map((one) => one.finding.firstMs));
      const atMs = Math.max(...named.map((one) => one.finding.atMs));
      return isWithin({ firstMs, atMs }, finding, gap);
    });
  }

  #matched({ rule, firstMs, atMs }: DurableFinding, number: number): boolean {
    return this.#members.some(
      ({ incident, finding: other }) =>
        incident === number && other.rule.id === rule.id && other.atMs >= firstMs - HOUR && other.atMs <= atMs + HOUR,
    );
  }

  #isCommon(entity: Entity): boolean {
    if (entity.kind !== 'device' && entity.kind !== 'address') return false;
    const there = this.#members.filter(({ entities }) => sharesOne([entity], entities));
    const users = there.flatMap(({ entities }) => entities.filter(({ kind }) => kind === 'user'));
    return new Set(users.map(({ name }) => name)).size >= 8;
  }

  #areApart(a: number, b: number): boolean {
    return this.#apart.some(([one, other]) => (one === a && other === b) || (one === b && other === a));
  }
}

/** Those of a kind of which a finding names at most five. */
function tying(entities: readonly Entity[]): Entity[] {
  return entities.filter(({ kind }) => TYING.has(kind) && entities.filter((other) => other.kind === kind).length <= 5);
}

function sharesOne(some: readonly Entity[], others: readonly Entity[]): boolean {
  return some.some(({ kind, name }) => others.some((other) => other.kind === kind && other.name === name));
}

function isWithin(a: { firstMs: number; atMs: number }, b: { firstMs: number; atMs: number }, gapMs: number): boolean {
  return a.firstMs - b.atMs <= gapMs && b.firstMs - a.atMs <= gapMs;
}

function spreads({ level, rule }: DurableFinding): boolean {
  return SERIOUS.has(level) && rule.tags.some((tag) => SPREADING.has(tag));
}
