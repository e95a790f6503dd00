import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openState } from '#kernel/database';
import { finding } from './incidents.fixture.ts';
import { openIncidents } from './incidents.ts';
import { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
import type { IncidentsTables } from './store-tables.ts';

/** Takes findings until it is killed or done; a line a finding that is kept. Arguments: directory, number of findings. */
const [dir = '', count = '0'] = process.argv.slice(2);
const state = await openState<IncidentsTables>(dir, INCIDENTS_MIGRATIONS);
const clock = new ManualClock(Date.UTC(2026, 10, 24));
const incidents = openIncidents({ state, clock, random: systemRandom, log: silentLog, zone: () => 'UTC' });
const position = await incidents.position();
for (let n = 0; n < Number(count); n += 1) {
  // Some persons, some devices, and now and then somebody who connects two.
  const level = n % 5 === 0 ? 'low' : 'high';
  const made = finding({
    rule: `r${n % 7}`,
    level,
    user: `u${n % 11}`,
    ...(n % 4 === 0 ? { device: `d${n % 6}` } : {}),
  });
  if (made.index < position) continue;
  await incidents.accept(made);
  process.stdout.write(`${made.index}\n`);
}
await state.destroy();
