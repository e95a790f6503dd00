import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DurableFinding } from '#detect/live';
import { ManualClock, silentLog, systemRandom } from '#kernel';
import { openState } from '#kernel/database';
import { openLedger } from '#ledger';
import { INCIDENTS_MIGRATIONS, type IncidentsTables, openIncidents } from '#respond/incidents';
import { NOTIFICATIONS_MIGRATIONS, type NotificationsTables, openNotifier } from '#respond/notifications';
import { ledgerCommand } from '../src/cli/commands/ledger.ts';
import { bufferIo } from './support/buffer-io.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-erasure-'));
after(() => rmSync(base, { recursive: true, force: true }));
const START = Date.UTC(2026, 10, 24, 12, 13);
const NAME = 'evelyn.secret';
const DATA = join(base, 'data');
const WHERE = ['--data', DATA, '--key-file', join(base, 'key')];

/** Everything that lies beside the ledger in the state file and its log, as it is on disk. */
function stateOnDisk(): string {
  return readdirSync(DATA)
    .filter((name) => name.startsWith('state.sqlite'))
    .map((name) => readFileSync(join(DATA, name)).toString('latin1'))
    .join('');
}

function openTables() {
  return openState<IncidentsTables & NotificationsTables>(DATA, {
    ...INCIDENTS_MIGRATIONS,
    ...NOTIFICATIONS_MIGRATIONS,
  });
}

/** Entry 0 and the finding about it, which is entry 1; an incident of it, and messages that cannot be delivered. */
async function prepare(): Promise<void> {
  await ledgerCommand(['init', ...WHERE], bufferIo());
  const found = { metadata: { log_format: 'wardkeep/finding' }, evidences: [{ data: { indexes: [0] } }] };
  const rest = { raw: new Uint8Array(0), patient: null, retention: 'record' } as const;
  {
    await using ledger = await openLedger({ dir: DATA, keyFile: join(base, 'key') });
    await ledger.append([
      { ...rest, classUid: 0, normal: JSON.stringify({ actor: { user: { name: NAME } } }) },
      { ...rest, classUid: 2004, normal: JSON.stringify({ class_uid: 2004, ...found }) },
    ]);
  }
  const state = await openTables();
  const world = { clock: new ManualClock(START), random: systemRandom, log: silentLog };
  const incidents = openIncidents({ state, ...world, zone: () => 'UTC' });
  const digest = async () => ({
    ...(await incidents.counts()),
    fresh: (await incidents.list({ limit: 10 })).items,
    troubles: [],
  });
  const notifier = openNotifier({ state, ...world, digest, consoleUrl: () => '' });
  incidents.onChange((news) => notifier.accept(news));
  const webhook = { url: 'http://127.0.0.1:9/nobody' };
  const notifications = { email: null, webhook, from: 'high', quiet: null, digestAt: '14:00' } as const;
  notifier.configure({ hospital: 'Riverside', zone: 'UTC', notifications }, () => null);
  await notifier.run();
  const head = { references: [], falsepositives: [], fields: [], file: '', version: '1', tags: [] };
  const finding: DurableFinding = {
    index: 1,
    uid: 'u1',
    rule: { ...head, id: 'r1', title: 'Rule r1', level: 'high' },
    level: 'high',
    kind: 'event',
    indexes: [0],
    total: 1,
    firstMs: START,
    atMs: START,
    match: { user: NAME },
    group: null,
    events: [{ index: 0, event: { actor: { user: { name: NAME } } } }],
  };
  await incidents.accept(finding);
  await notifier.run();
  world.clock.advance(2 * 3_600_000);
  await notifier.run();
  await notifier[Symbol.asyncDispose]();
  await state.destroy();
}

test('an erasure leaves nothing of the entry in the state file: not in incidents, not in messages that wait', async () => {
  await prepare();
  assert.match(stateOnDisk(), new RegExp(NAME));
  const before = await openTables();
  const bodies = (await before.selectFrom('notifications_outbox').select(['kind', 'body']).execute()).toSorted((a, b) =>
    a.kind < b.kind ? -1 : 1,
  );
  await before.destroy();
  assert.deepEqual(
    bodies.map(({ kind, body }) => [kind, body.includes(NAME)]),
    [
      ['digest', true],
      ['incidents', true],
    ],
  );
  const io = bufferIo();
  assert.equal(await ledgerCommand(['erase', ...WHERE, '--index', '0', '--reason', 'request'], io), 0, io.err());
  assert.doesNotMatch(stateOnDisk(), new RegExp(NAME));
  const state = await openTables();
  const kept = await state.selectFrom('notifications_outbox').select('body').execute();
  assert.equal(kept.length, 2, 'what is to be told is told, without the name');
  for (const { body } of kept) assert.match(body, /"title":"Rule r1"/);
  await state.destroy();
});
