import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { listenSyslogTcp } from '../index.ts';
import { eventsOf, livePlace, openLive } from '../live.fixture.ts';

/** Debian's package, unpacked by `.ci/run`: installed, it would take the place of rsyslog. */
const ROOT = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wardkeep-ci/syslog-ng');
const PROGRAM = join(ROOT, 'usr/sbin/syslog-ng');
const LIBRARIES = [
  'usr/lib/syslog-ng',
  'usr/lib/syslog-ng/3.38',
  'lib/x86_64-linux-gnu',
  'usr/lib/x86_64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
];
const LINES = 200;
const skip = existsSync(PROGRAM) ? false : `there is no syslog-ng in ${ROOT}: .ci/run unpacks it there`;

for (const [name, driver] of [
  ['octet-counted', (port: number) => `syslog("127.0.0.1" port(${port}) transport("tcp"))`],
  ['lines of RFC 5424', (port: number) => `network("127.0.0.1" port(${port}) flags(syslog-protocol))`],
] as const)
  test(`syslog-ng forwards what it is given, ${name}`, { skip }, async (t) => {
    const place = await livePlace(t);
    await using live = await openLive(place);
    await using listener = await listenSyslogTcp({ intake: live.intake, bind: '127.0.0.1', port: 0 });
    const at = (file: string): string => join(place.dir, file);
    writeFileSync(at('in.log'), '');
    writeFileSync(
      at('ng.conf'),
      `@version: 3.35
options { stats-freq(0); };
source s { file("${at('in.log')}" flags(no-parse) follow-freq(0.2)); };
log { source(s); destination { ${driver(listener.port)}; }; };
`,
    );
    const modules = join(ROOT, 'usr/lib/syslog-ng/3.38');
    const files = ['-f', at('ng.conf'), '-R', at('ng.persist'), '-c', at('ng.ctl'), '-p', at('ng.pid')];
    const child = spawn(PROGRAM, ['--foreground', '--no-caps', ...files, `--module-path=${modules}`], {
      stdio: 'ignore',
      env: { LD_LIBRARY_PATH: LIBRARIES.map((folder) => join(ROOT, folder)).join(':') },
    });
    const ended = once(child, 'exit');
    // It follows what comes from then on.
    for (let n = 0; n < 600 && !existsSync(at('ng.ctl')); n += 1) await pause(50);
    await pause(500);
    for (let n = 0; n < LINES; n += 1) appendFileSync(at('in.log'), `message number ${n} of many\n`);
    const came = (): number => live.intake.sources().reduce((sum, { events }) => sum + events, 0);
    for (let n = 0; n < 600 && came() < LINES; n += 1) await pause(50);
    child.kill();
    await ended;
    await live.intake.settled();
    const events = await eventsOf(live.ledger);
    assert.deepEqual(
      events.map((event) => String(event['message']).trim()),
      Array.from({ length: LINES }, (_, n) => `message number ${n} of many`),
    );
    assert.equal(live.intake.sources()[0]?.rejected, 0);
  });
