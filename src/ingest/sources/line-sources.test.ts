import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { splitEnvelope } from '../syslog/envelope.ts';
import { SOURCES } from './all.ts';

const SPECIFIC = SOURCES.filter((source) => source.shape === 'line' && (source.order ?? 50) < 90);

/** The sources that take the line; reading asks the last one first, so a second would make the outcome depend on order. */
function takersOf(line: string): string[] {
  const { envelope, text } = splitEnvelope(line);
  return SPECIFIC.flatMap((source) =>
    source.shape === 'line' && source.parse(text, envelope) !== null ? [source.name] : [],
  );
}

const LINES: readonly (readonly [line: string, taker: string])[] = [
  ['<86>Feb 12 14:10:21 h sshd[1]: Failed password for u from 10.0.0.1 port 1 ssh2', 'sshd'],
  ['<86>Feb 12 14:10:21 h sshd[1]: pam_unix(sshd:auth): authentication failure; user=u', 'pam'],
  ['<86>Feb 12 14:10:21 h sudo[1]: pam_unix(sudo:session): session closed for user root', 'pam'],
  ['<86>Feb 12 14:10:21 h sudo[1]: u : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh', 'sudo'],
  ['<190>Feb 12 14:10:21 h nginx: 10.0.0.1 - - [05/Mar/2021:09:01:38 +0100] "GET / HTTP/1.0" 200 1', 'nginx'],
  ['<190>Feb 12 14:10:21 h httpd: 10.0.0.1 - - [05/Mar/2021:09:01:38 +0100] "GET / HTTP/1.0" 200 1', 'apache'],
  ['Feb 12 14:10:21 h kernel: audit: type=1400 audit(1364481363.243:1): apparmor="DENIED"', 'auditd'],
  ['Feb 12 14:10:21 h kernel: [8.1] wireguard: wg0: Invalid handshake initiation from 172.17.1.1:5', 'wireguard'],
  [
    '<134>Feb 14 19:04:54 filterlog[7]: 5,,,1,igb0,match,block,in,4,0x0,,64,1,0,DF,17,udp,60,1.1.1.1,2.2.2.2,5,443,0',
    'pfsense',
  ],
  ['<134>Feb 14 19:04:54 fw CEF:0|V|P|1|1|n|5|src=10.0.0.1 msg=%ASA-6-302013: date=1 logid=2', 'cef'],
];

test('a line has one source, whatever was read before it', () => {
  for (const [line, taker] of LINES) assert.deepEqual(takersOf(line), [taker], line);
});

test('every real line has one source', skipWithoutShared, () => {
  const folders = ['syslog', 'cef-leef', 'dns', 'vpn-firewall', 'keycloak', 'idp-other', 'web', 'm365'];
  const files = folders.flatMap((folder) =>
    readdirSync(sharedPath(`formats/${folder}`))
      .filter((name) => name.endsWith('.log') && !name.includes('iis-xml'))
      .map((name) => `formats/${folder}/${name}`),
  );
  assert.ok(files.length >= 15);
  for (const file of files)
    for (const line of readFileSync(sharedPath(file), 'utf8').split(/\r?\n/)) {
      if (line.trim() === '' || line.startsWith('{') || /^(?:DateTime|#)/.test(line)) continue;
      const takers = takersOf(line);
      assert.ok(takers.length <= 1, `${file}: ${takers.join(', ')} take one line`);
    }
});
