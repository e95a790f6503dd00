import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DurableFinding } from '#detect/live';
import type { Level } from '#detect/sigma';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openDatabase } from '#kernel/database';
import { aggregatesOf, refillAll } from './aggregates.fixture.ts';
import { GroupingModel } from './grouping-model.fixture.ts';
import { START, finding } from './incidents.fixture.ts';
import { type Incidents, openIncidents } from './incidents.ts';
import { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
import type { IncidentsTables } from './store-tables.ts';
import { byForm } from '../../../test/support/shared.ts';

const HOUR = 3_600_000;
const TAGS: readonly string[][] = [[], ['attack.impact', 'attack.t1486'], ['attack.execution', 'attack.t1059']];

/** Names of a small town, so that findings meet; now and then a crowd, which ties nothing. */
const names = (letter: string, count: number) =>
  fc
    .oneof(
      { weight: 12, arbitrary: fc.array(fc.integer({ min: 0, max: count - 1 }), { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([0, 1, 2, 3, 4, 5, 6, 7].slice(0, count)) },
    )
    .map((numbers) => numbers.map((number) => `${letter}${number}`));

const madeFinding = fc.record({
  rule: fc.integer({ min: 0, max: 4 }),
  level: fc.constantFrom<Level[]>('informational', 'low', 'medium', 'high', 'critical'),
  /** Quarters of an hour within 50 days: mostly in order, some late. */
  late: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 200 }) }),
  step: fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 1_500 })),
  lengthMs: fc.constantFrom(0, 1, HOUR, 30 * HOUR),
  users: names('user', 9),
  devices: names('pc', 5),
  addresses: names('10.0.0.', 6),
  patients: names('p', 8),
});

const act = fc.oneof(
  { weight: 10, arbitrary: madeFinding.map((made) => ({ act: 'finding' as const, made })) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('wait' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('restart' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constantFrom('merge' as const, 'split' as const, 'close' as const),
      at: fc.nat(),
      of: fc.nat(),
    }),
  },
);

type MadeFinding = typeof madeFinding extends fc.Arbitrary<infer Value> ? Value : never;

function asFinding(made: MadeFinding, atMs: number): DurableFinding {
  const base = finding({ rule: `r${made.rule}`, level: made.level, tags: TAGS[made.rule % TAGS.length] ?? [], atMs });
  const events = Array.from({ length: 8 }, (_, at) => ({
    index: base.index - 9 + at,
    event: {
      ...named(made.users[at], (name) => ({ actor: { user: { name } } })),
      ...named(made.devices[at], (hostname) => ({ device: { hostname } })),
      ...named(made.addresses[at], (ip) => ({ src_endpoint: { ip } })),
      ...named(made.patients[at], (uid) => ({ patient: { uid } })),
    },
  }));
  return { ...base, firstMs: atMs - made.lengthMs, events };
}

function named(name: string | undefined, make: (name: string) => object): object {
  return name === undefined ? {} : make(name);
}

/** Findings of each incident by its number, as the store has them. */
async function grouped(incidents: Incidents): Promise<Map<number, number[]>> {
  const groups = new Map<number, number[]>();
  const { items } = await incidents.list({ limit: 200 });
  for (const { id, number } of items) {
    const own = (await incidents.findings({ incident: id, limit: 200 })).items.map(({ index }) => index);
    groups.set(Number(number.slice(4)), own.toReversed());
  }
  return groups;
}

async function idOf(incidents: Incidents, number: number): Promise<string> {
  const { items } = await incidents.list({ limit: 200 });
  return items.find((one) => one.number === `INC-${number}`)?.id ?? assert.fail(`INC-${number} is gone`);
}

test('findings in any order, with restarts and what people do in between, are grouped as the rule says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
      const state = await openDatabase<IncidentsTables>(':memory:', INCIDENTS_MIGRATIONS);
      const world = { clock: new ManualClock(START), random: systemRandom, log: silentLog };
      const reopened = (): Incidents => openIncidents({ state, ...world, zone: () => 'UTC' });
      let incidents = reopened();
      const model = new GroupingModel();
      let pending: Promise<void>[] = [];
      let nowMs = START;
      for (const one of acts) {
        if (one.act === 'finding') {
          nowMs += one.made.step * (HOUR / 4);
          const made = asFinding(one.made, nowMs - one.made.late * (HOUR / 4));
          model.accept(made);
          pending.push(incidents.accept(made));
          continue;
        }
        await Promise.all(pending);
        pending = [];
        if (one.act === 'restart') incidents = reopened();
        if (one.act === 'restart' || one.act === 'wait') continue;
        const open = model.open();
        const number = open[one.at % Math.max(1, open.length)];
        if (number === undefined) continue;
        const id = await idOf(incidents, number);
        if (one.act === 'close') {
          model.close(number);
          await incidents.change(id, { state: 'closed' }, 'ann');
        } else if (one.act === 'merge') {
          const from = open[one.of % open.length] ?? number;
          if (from === number) continue;
          await incidents.merge(id, [await idOf(incidents, from)], 'ann');
          model.merge(number, from);
        } else {
          const own = model.groups().get(number) ?? [];
          const taken = own.filter((_, at) => at % 2 === one.of % 2);
          if (taken.length === 0 || taken.length === own.length) continue;
          model.split(number, taken);
          await incidents.split(id, taken, 'ann');
        }
      }
      await Promise.all(pending);
      const expected = new Map([...model.groups()].map(([number, own]) => [number, own.toSorted((a, b) => a - b)]));
      assert.deepEqual(await grouped(incidents), new Map([...expected].toSorted(([a], [b]) => b - a)));
      const kept = await aggregatesOf(state);
      await refillAll(state);
      assert.deepEqual(await aggregatesOf(state), kept, 'aggregates say what the findings say');
      await state.destroy();
    }),
    { numRuns: byForm({ quick: 40, ordinary: 150, long: 5_000 }) },
  );
});
