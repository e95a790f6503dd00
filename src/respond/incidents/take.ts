import { type Clock, type RandomFill, uuidv7 } from '#kernel';
import { Batch, type Connection } from './batch.ts';
import { absorb, derive } from './derive.ts';
import { numberText } from './finding.ts';
import type { Importance } from './severity.ts';
import type { IncidentRow } from './store-tables.ts';
import type { IncidentStore } from './store.ts';
import { hiding } from './suppressions.ts';
import type { Finding } from './types.ts';

export interface TakeWorld {
  clock: Clock;
  random: RandomFill;
  importance?: Importance;
}

/** Incidents that findings made or changed, as they are behind them. */
export interface Taken {
  rows: IncidentRow[];
  made: ReadonlySet<string>;
}

/** Who acts where no person does. */
const WARDKEEP = 'Wardkeep';

/** Takes findings in order, in the transaction of `store`. Those that were taken before are passed over. */
export async function takeFindings(
  store: IncidentStore,
  findings: readonly Finding[],
  world: TakeWorld,
): Promise<Taken> {
  const known = await store.batch.known(findings.map(({ index }) => index));
  const isNew = ({ index }: Finding): boolean => {
    const isKnown = known.has(index);
    known.add(index);
    return !isKnown;
  };
  const suppressions = await store.suppressions(world.clock.nowMs());
  const made = new Set<string>();
  const batchWorld = {
    fresh(number: number): IncidentRow {
      const row = emptyRow(world, { number, splitFrom: null });
      made.add(row.id);
      return row;
    },
    hiding: (finding: Finding) => hiding(suppressions, finding, world.clock.nowMs()),
    isVital: (entity: Finding['entities'][number]) => world.importance?.(entity) === 'critical',
  };
  const changed = new Set<string>();
  for (let rest = findings.filter(isNew); rest.length > 0;) {
    const batch = await Batch.open(store, rest, batchWorld);
    let connection: Connection | null = null;
    let placed = 0;
    while (connection === null && placed < rest.length) {
      const finding = rest[placed];
      placed += 1;
      if (finding !== undefined) connection = await batch.place(finding);
    }
    await batch.write();
    for (const id of batch.changed) changed.add(id);
    if (connection !== null) await connect(store, connection, { world, changed });
    rest = rest.slice(placed);
  }
  return { rows: changed.size === 0 ? [] : await derive(store, [...changed]), made };
}

async function connect(
  store: IncidentStore,
  { id, others }: Connection,
  { world, changed }: { world: TakeWorld; changed: Set<string> },
): Promise<void> {
  for (const other of others) {
    // One of those before may have been taken apart from it.
    const apart = await store.apartFrom([id]);
    if (apart.some((pair) => pair.one === other || pair.other === other)) continue;
    await mergeIncidents(store, { into: id, from: other }, { ...world, by: WARDKEEP });
    changed.delete(other);
  }
}

/** One incident goes into the other; title and severity are not yet derived. */
export async function mergeIncidents(
  store: IncidentStore,
  { into, from }: { into: string; from: string },
  { by, clock, random }: TakeWorld & { by: string },
): Promise<void> {
  const [one, other] = [await store.incident(into), await store.incident(from)];
  if (one === null || other === null || other.merged_into !== null) return;
  await absorb(store, one, other);
  const text = `${numberText(other.number)} was merged into this one`;
  await store.say('history', { id: uuidv7(clock, random), incident: into, author: by, at_ms: clock.nowMs(), text });
}

/** An incident without findings, which is not yet stored. */
export function emptyRow(
  { clock, random }: Pick<TakeWorld, 'clock' | 'random'>,
  { number, splitFrom }: { number: number; splitFrom: string | null },
): IncidentRow {
  const nowMs = clock.nowMs();
  return {
    id: uuidv7(clock, random),
    number,
    title: '',
    severity: 'informational',
    fixed_title: 0,
    fixed_severity: 0,
    state: 'new',
    verdict: null,
    assignee: null,
    first_ms: nowMs,
    last_ms: nowMs,
    created_ms: nowMs,
    findings: 0,
    merged_into: null,
    split_from: splitFrom,
    tactics: '[]',
    worst: null,
    vital: null,
    revision: 0,
  };
}
