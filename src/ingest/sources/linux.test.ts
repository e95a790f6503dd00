import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { checkRecord } from '../../../test/support/family.ts';
import { checkFamiliesNeverLose, fuzzEnvelopedLines, readBy } from '../../../test/support/line-source.ts';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import type { OcsfEvent } from '../ocsf/types.ts';
import type { NativeRecord } from '../types.ts';
import { auditd } from './auditd.ts';
import { auditdFamily } from './auditd/family.ts';
import { logAnalyticsSyslog } from './log-analytics-syslog.ts';
import { pam, pamFamily } from './pam.ts';
import { sshd, sshdFamily } from './sshd.ts';
import { sudo, sudoFamily } from './sudo.ts';
import { syslog, syslogFamily } from './syslog.ts';

const SOURCES = [auditd, pam, sshd, sudo, syslog];
const FAMILIES = new Map(
  [auditdFamily, pamFamily, sshdFamily, sudoFamily, syslogFamily].map((family) => [family.name, family]),
);

function read(line: string): NativeRecord {
  return readBy(SOURCES, line) ?? assert.fail(`nobody takes ${line}`);
}

function map(line: string): { record: NativeRecord; event: OcsfEvent } {
  const record = read(line);
  const family = FAMILIES.get(record.family);
  assert.ok(family !== undefined);
  return { record, event: checkRecord(family, record.fields) };
}

const HEAD = '<86>Feb 12 14:10:21 ward7';

const SSHD: [string, string, number, number, number | undefined, string | undefined][] = [
  ['Accepted publickey for anna from 10.0.0.7 port 4711 ssh2: ED25519 SHA256:abc', 'accepted', 3002, 1, 1, 'anna'],
  [
    'Failed password for invalid user x from 9.9.9.9 port 1 ssh2 from 10.0.0.7 port 22 ssh2',
    'failed',
    3002,
    1,
    2,
    'x from 9.9.9.9 port 1 ssh2',
  ],
  ['Invalid user pascal from 35.188.49.176 port 53502', 'invalid_user', 3002, 1, 2, 'pascal'],
  [
    'error: maximum authentication attempts exceeded for root from 10.0.0.7 port 2 ssh2 [preauth]',
    'too_many_attempts',
    3002,
    1,
    2,
    'root',
  ],
  ['Connection closed by authenticating user bob 10.0.0.7 port 22 [preauth]', 'closed', 4007, 2, undefined, 'bob'],
  ['Disconnected from 10.0.0.7 port 22', 'disconnected', 4007, 2, undefined, undefined],
  [
    'banner exchange: Connection from 59.91.122.57 port 34388: invalid format',
    'bad_banner',
    4007,
    4,
    undefined,
    undefined,
  ],
];

SSHD.push(
  ['Received disconnect from 10.0.0.7: 11: Bye Bye [preauth]', 'disconnected', 4007, 2, undefined, undefined],
  ['Received disconnect from 10.0.0.7 port 22:11: disconnected by user', 'disconnected', 4007, 2, undefined, undefined],
  ['Connection closed by 10.0.0.7 [preauth]', 'closed', 4007, 2, undefined, undefined],
  [
    'drop connection #10 from [10.0.0.7]:48 on [10.0.0.1]:22 past MaxStartups',
    'refused',
    4007,
    5,
    undefined,
    undefined,
  ],
  [
    'drop connection #0 from [fe80::7]:48 on [fe80::1]:22 penalty: failed authentication',
    'refused',
    4007,
    5,
    undefined,
    undefined,
  ],
  ['fatal: Timeout before authentication for 10.0.0.7 port 48', 'timeout', 4007, 4, undefined, undefined],
  [
    'Timeout before authentication for connection from 10.0.0.7 to 10.0.0.1, pid = 9',
    'timeout',
    4007,
    4,
    undefined,
    undefined,
  ],
);

test('sshd: who tried to come in from where, and whether it worked', () => {
  for (const [message, event, classUid, activity, status, user] of SSHD) {
    const { record, event: mapped } = map(`${HEAD} sshd[99]: ${message}`);
    const found = [
      record.fields['event'],
      mapped.class_uid,
      mapped.activity_id,
      mapped.status_id,
      record.fields['user'],
    ];
    assert.deepEqual(found, [event, classUid, activity, status, user], message);
    assert.deepEqual(mapped.metadata.labels, ['time:zone-assumed', 'time:year-assumed']);
  }
});

test('sudo: who became whom to do what, or was refused', () => {
  const { record, event } = map(
    `${HEAD} sudo[7]:    anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/bin/sh -c a ; USER=b`,
  );
  assert.deepEqual(
    [
      record.fields['user'],
      record.fields['USER'],
      record.fields['COMMAND'],
      event.class_uid,
      event.activity_id,
      event.status_id,
    ],
    ['anna', 'root', '/bin/sh -c a ; USER=b', 3002, 7, 1],
  );
  const refused = map(`${HEAD} sudo: bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/su`);
  assert.equal(refused.record.fields['reason'], 'user NOT in sudoers');
  assert.deepEqual([refused.event.status_id, refused.event.severity_id], [2, 3]);
});

test('sudo: the rest of a long command is no refusal', () => {
  const { record, event } = map(`${HEAD} sudo: bob : (command continued) --flag ; USER=x`);
  assert.equal(record.fields['COMMAND_continued'], '--flag ; USER=x');
  assert.deepEqual(
    [record.fields['reason'], record.fields['USER'], event.status_id],
    [undefined, undefined, undefined],
  );
});

test('PAM: success, and an account that is locked', () => {
  const success = map(
    `${HEAD} sshd[7]: pam_sss(sshd:auth): authentication success; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9 user=bob`,
  );
  assert.deepEqual([success.event.class_uid, success.event.status_id, success.record.fields['user']], [3002, 1, 'bob']);
  const locked = map(
    `${HEAD} sshd[7]: pam_faillock(sshd:auth): Consecutive login failures for user bob account temporarily locked`,
  );
  assert.deepEqual([locked.event.class_uid, locked.event.activity_id, locked.record.fields['user']], [3001, 9, 'bob']);
});

test('PAM: sessions, failures and changed passwords, whatever program asked', () => {
  const opened = map(`${HEAD} sudo[7]: pam_unix(sudo:session): session opened for user root(uid=0) by anna(uid=1000)`);
  assert.deepEqual(
    [
      opened.record.family,
      opened.record.fields['user'],
      opened.record.fields['by'],
      opened.event.class_uid,
      opened.event.status_id,
    ],
    ['pam', 'root', 'anna', 3002, 1],
  );
  const failed = map(
    `${HEAD} sshd[7]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9  user=bob`,
  );
  assert.deepEqual(failed.event['src_endpoint'], { ip: '10.0.0.9' });
  assert.deepEqual([failed.record.fields['user'], failed.event.status_id], ['bob', 2]);
  assert.equal(map(`${HEAD} passwd[3]: pam_unix(passwd:chauthtok): password changed for bob`).event.class_uid, 3001);
});

test('auditd: names as the kernel has them, hexadecimal text decoded and kept', () => {
  const execve = map('type=EXECVE msg=audit(1364481363.243:24287): argc=3 a0="cat" a1=2F746D702F6120622E747874 a2="x"');
  assert.equal(execve.record.fields['a1'], '/tmp/a b.txt');
  assert.equal(execve.record.fields['a1.hex'], '2F746D702F6120622E747874');
  assert.equal(execve.event.time, 1_364_481_363_243);
  const call = map(
    'node=ward7 type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=59 success=no exit=-13 a0=7fff items=1 ppid=2686 pid=3538 auid=500 uid=0 tty=pts0 ses=1 comm="cat" exe="/bin/cat" key="k"\x1dARCH=x86_64 SYSCALL=execve',
  );
  assert.deepEqual(
    [call.record.fields['SYSCALL'], call.record.fields['a0'], call.event.class_uid, call.event.status_id],
    ['execve', '7fff', 1007, 2],
  );
  const login = map(
    'node=ward7 type=USER_LOGIN msg=audit(1364481363.243:24290): pid=1 uid=0 auid=4294967295 ses=4294967295 msg=\'op=login acct="bob" exe="/usr/sbin/sshd" hostname=? addr=10.0.0.9 terminal=ssh res=failed\'',
  );
  assert.deepEqual([login.record.fields['acct'], login.record.fields['res']], ['bob', 'failed']);
  assert.deepEqual([login.event.class_uid, login.event.status_id], [3002, 2]);
  const kernel = map(
    `${HEAD} kernel: [12.3] audit: type=1400 audit(1364481363.243:1): apparmor="DENIED" operation="open"`,
  );
  assert.deepEqual([kernel.record.fields['type'], kernel.record.fields['apparmor']], ['AVC', 'DENIED']);
});

test('Azure: an audit record is one, any other message is syslog', () => {
  const other = { SyslogMessage: 'hello', TimeGenerated: '2022-05-11T18:10:21.9Z', Computer: 'h', ProcessName: 'p' };
  assert.ok(logAnalyticsSyslog.accepts(other));
  assert.deepEqual(logAnalyticsSyslog.parse(other), {
    family: 'linux-syslog',
    fields: { timestamp: '2022-05-11T18:10:21.9Z', host: 'h', program: 'p', message: 'hello' },
  });
  const audit = {
    ...other,
    SyslogMessage:
      'type=AUOMS_EXECVE audit(1652292621.986:84138): node=h success=no pid=17 ppid=1 auid=42 exe="/bin/java" proctitle=/bin/java -Dx=y z redactors= containerid=',
  };
  const parsed = logAnalyticsSyslog.parse(audit);
  assert.ok(parsed !== null && 'family' in parsed);
  assert.equal(parsed.fields['proctitle'], '/bin/java -Dx=y z');
  const event = checkRecord(auditdFamily, parsed.fields);
  assert.deepEqual([event.class_uid, event.status_id, event.time], [1007, 2, 1_652_292_621_986]);
});

test('anything else behind a header keeps its words', () => {
  const { record, event } = map('<27>1 2026-02-12T14:10:21.5Z ward7 dhcpd 12 ID1 [x@1 a="b"] no free leases');
  assert.deepEqual(record.fields, {
    timestamp: '2026-02-12T14:10:21.5Z',
    host: 'ward7',
    program: 'dhcpd',
    pid: '12',
    facility: 'daemon',
    severity: 'err',
    msgid: 'ID1',
    structured_data: { 'x@1': { a: 'b' } },
    message: 'no free leases',
  });
  assert.deepEqual([event.class_uid, event.severity_id, event.message], [0, 4, 'no free leases']);
});

test('every real line is taken by the source it belongs to', skipWithoutShared, () => {
  const files = ['crowdsec-sshd_banner_exchange-sshd_banner_exchange', 'crowdsec-syslog-logs-syslog-logs'];
  const lines = files.flatMap((file) => readFileSync(sharedPath(`formats/syslog/${file}.log`), 'utf8').split('\n'));
  const records = lines.filter(Boolean).map((line) => map(line));
  assert.equal(records.length, 11);
  assert.ok(records.every(({ record }) => record.family === 'sshd'));
  assert.ok(records.every(({ event }) => event.class_uid !== 0));
});

const LINES = [
  ...SSHD.map(([message]) => `${HEAD} sshd[99]: ${message}`),
  `${HEAD} sudo[7]: anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/bin/sh`,
  `${HEAD} sshd[7]: pam_unix(sshd:auth): authentication failure; logname= uid=0 tty=ssh rhost=10.0.0.9  user=bob`,
  'type=EXECVE msg=audit(1364481363.243:24287): argc=3 a0="cat" a1=2F746D70',
  'node=h type=SYSCALL msg=audit(1364481363.243:24287): syscall=59 success=yes pid=3 exe="/bin/cat" auid=5 ppid=1',
  '<27>1 2026-02-12T14:10:21.5Z ward7 dhcpd 12 ID1 [x@1 a="b"] no free leases',
];

test('whatever the fields hold, the event is valid and nothing is lost', () =>
  checkFamiliesNeverLose(FAMILIES.values(), LINES.map(read)));

test('no line makes a source throw', () => fuzzEnvelopedLines(SOURCES, LINES));
