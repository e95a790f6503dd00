import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../../test/support/family.ts';
import { mutate, seeded } from '../../../../test/support/mutate.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
import type { NativeRecord } from '../../types.ts';
import { windows } from './family.ts';
import { windowsText } from './windows-text.ts';

const TEXT = `02/03/2026 04:05:06 PM
LogName=Security
EventCode=4624
ComputerName=pc-1.example.org
RecordNumber=7
Keywords=Audit Success
Message=An account was successfully logged on.

Subject:
	Security ID:		S-1-5-18
	Account Name:		PC-1$
	Account Domain:		CLINIC
	Logon ID:		0x3E7

Logon Type:			10

New Logon:
	Account Name:		ann
	Account Domain:		CLINIC

Network Information:
	Source Network Address:	192.0.2.7
	Source Port:		50000

This event is generated when a logon session is created.`;

function record(text: string): NativeRecord {
  const parsed = windowsText.parse(text);
  assert.ok(parsed !== null && 'fields' in parsed, JSON.stringify(parsed));
  return parsed;
}

test("a message's accounts stand under the names that the event's data would have", () => {
  const event = checkRecord(windows, record(TEXT).fields, { zone: '+01:00' });
  assert.equal(event.type_uid, 300_201);
  assert.equal(event.time, Date.UTC(2026, 1, 3, 15, 5, 6));
  assert.deepEqual(event.metadata.labels, ['time:zone-assumed']);
  assert.deepEqual(event['actor'], {
    user: { uid: 'S-1-5-18', name: 'PC-1$', domain: 'CLINIC' },
    session: { uid: '0x3E7' },
  });
  assert.deepEqual(event['user'], { name: 'ann', domain: 'CLINIC' });
  assert.deepEqual(event['src_endpoint'], { ip: '192.0.2.7', port: 50_000 });
  assert.equal(event['logon_type_id'], 10);
});

test('events one after the other are found by their first lines', () => {
  const log = `${TEXT}\n\n${TEXT}\n`;
  assert.deepEqual(windowsText.starts(log), [0, TEXT.length + 2]);
  const head = { name: 'x', bytes: Buffer.from(log), text: log, json: undefined };
  assert.ok(windowsText.recognise(head));
  assert.ok(!windowsText.recognise({ ...head, text: `a ${TEXT}` }));
});

test('an event without a code is rejected', () => {
  assert.ok('reject' in (windowsText.parse('02/03/2026 04:05:06 PM\nLogName=Security\n') ?? {}));
});

interface Pair {
  activity_id: number;
  actor: unknown;
  class_uid: number;
  device: { hostname: string };
  dst_endpoint?: unknown;
  severity_id: number;
  src_endpoint?: unknown;
  status_id: number;
  time: number;
  user?: unknown;
  [attribute: string]: unknown;
}

/** Differences from the published events, by event and attribute, each with its reason. */
const REVIEWED: Readonly<Record<string, string>> = {
  '4661 class_uid': 'the draft numbered Windows Resource Activity 1010; in 1.8.0 the extension numbers it 201003',
  '4663 class_uid': 'as 4661',
  '4673 class_uid': 'as 4661',
  '4624 src_endpoint': 'a source of "-" is no source; the published event writes ip "-", which is no address',
};

/** Of the actor: names, identifiers and numbers. The account type and the file's folder are no statement of the event. */
function actorOf(actor: unknown): unknown {
  const { process, session, user } = actor as Record<string, Record<string, unknown>>;
  const file = process?.['file'] as Record<string, unknown> | undefined;
  return [user?.['name'], user?.['domain'], user?.['uid'], session?.['uid'], process?.['pid'], file?.['path']];
}

test('the published pairs: class, time, actor, ends and status agree or are reviewed', skipWithoutShared, () => {
  const folder = sharedPath('formats/ocsf-pairs/Microsoft/Windows_Events/');
  const met = new Set<string>();
  const agree = (key: string, actual: unknown, expected: unknown): void => {
    if (REVIEWED[key] === undefined) assert.deepEqual(actual, expected, key);
    else {
      assert.notDeepEqual(actual, expected, `${key} is reviewed but agrees`);
      met.add(key);
    }
  };
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.event'));
  assert.equal(files.length, 5);
  for (const file of files) {
    const id = file.slice(0, 4);
    const pair = JSON.parse(readFileSync(folder + file.replace(/event$/, 'json'), 'utf8')) as Pair;
    // The publisher's hosts stand in New York's winter time.
    const event = checkRecord(windows, record(readFileSync(folder + file, 'utf8')).fields, { zone: '-05:00' });
    for (const name of ['class_uid', 'activity_id', 'time', 'status_id', 'severity_id', 'src_endpoint', 'dst_endpoint'])
      agree(`${id} ${name}`, event[name], pair[name]);
    agree(`${id} actor`, actorOf(event['actor']), actorOf(pair.actor));
    agree(`${id} device`, (event['device'] as Pair['device']).hostname, pair.device.hostname);
  }
  assert.deepEqual([...met].toSorted(), Object.keys(REVIEWED).toSorted());
});

test('whatever the fields hold, the event is valid and gives them back', () => {
  checkFamilyNeverLoses(windows, [record(TEXT)]);
});

test('mutated text never throws', () => {
  const below = seeded(5);
  for (let input = 0, all = fuzzInputs(); input < all; input += 1) {
    const text = mutate([Buffer.from(TEXT)], below).toString('latin1');
    windowsText.starts(text);
    assert.ok(windowsText.parse(text) !== null);
  }
});
