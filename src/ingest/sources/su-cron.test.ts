import assert from 'node:assert/strict';
import test from 'node:test';
import { checkRecord } from '../../../test/support/family.ts';
import { checkFamiliesNeverLose, fuzzEnvelopedLines, readBy } from '../../../test/support/line-source.ts';
import type { NativeRecord } from '../types.ts';
import { cron, cronFamily } from './cron.ts';
import { su, suFamily } from './su.ts';

const HEAD = '<86>Feb 12 14:10:21 ward7';

const read = (line: string): NativeRecord | null => readBy([su, cron], line);

const SU: [message: string, status: number, tty: string | undefined][] = [
  ['FAILED SU (to root) anna on pts/0', 2, 'pts/0'],
  ['(to root) anna on pts/0', 1, 'pts/0'],
  ['FAILED su for root by anna', 2, undefined],
  ['Successful su for root by anna', 1, undefined],
  ['BAD SU anna to root on /dev/pts/0', 2, '/dev/pts/0'],
  ['anna to root on /dev/pts/0', 1, '/dev/pts/0'],
  ['+ pts/0 anna:root', 1, 'pts/0'],
  ['- pts/0 anna:root', 2, 'pts/0'],
];

test('su: who became whom, or was refused, in the words of each system', () => {
  for (const [message, status, tty] of SU) {
    const record = read(`${HEAD} su: ${message}`);
    assert.ok(record !== null, message);
    const { user, target_user } = record.fields;
    const event = checkRecord(suFamily, record.fields);
    assert.deepEqual([user, target_user, record.fields['tty']], ['anna', 'root', tty], message);
    assert.deepEqual([event.class_uid, event.activity_id, event.status_id], [3002, 7, status], message);
  }
});

test('su: other words are left to plain syslog', () => {
  assert.equal(read(`${HEAD} su[3]: something else`), null);
  assert.equal(read(`${HEAD} sudo[3]: (to root) anna on pts/0`), null);
});

const COMMAND = `${HEAD} CRON[1234]: (root) CMD (   cd / && run-parts (x) /etc/cron.hourly)`;
const REPLACED = `${HEAD} crontab[9]: (anna) REPLACE (anna)`;

test('cron: a command that it starts, and a table that is changed', () => {
  const started = read(COMMAND);
  assert.equal(started?.fields['command'], 'cd / && run-parts (x) /etc/cron.hourly');
  const event = checkRecord(cronFamily, started.fields);
  assert.deepEqual([event.class_uid, event.activity_id], [1007, 1]);
  assert.deepEqual(event['process'], { cmd_line: 'cd / && run-parts (x) /etc/cron.hourly', pid: 1234 });
  assert.deepEqual(event['actor'], { user: { name: 'root' } });
  const replaced = read(REPLACED);
  assert.deepEqual([replaced?.fields['action'], replaced?.fields['detail']], ['REPLACE', 'anna']);
  assert.equal(checkRecord(cronFamily, replaced?.fields ?? {}).class_uid, 0);
});

const LINES = [...SU.map(([message]) => `${HEAD} su: ${message}`), COMMAND, REPLACED];

test('whatever the fields hold, the event is valid and nothing is lost', () =>
  checkFamiliesNeverLose(
    [suFamily, cronFamily],
    LINES.flatMap((line) => read(line) ?? []),
  ));

test('no line makes a source throw', () => fuzzEnvelopedLines([su, cron], LINES));
