import assert from 'node:assert/strict';
import test from 'node:test';
import { splitEnvelope } from '../syslog/envelope.ts';
import { SOURCES } from './all.ts';

/** Beginnings that bring a line deep into a parser. */
const HEADS = [
  '',
  '<13>1 - h a - - [x ',
  '<13>Oct 10 12:00:00 h sshd[1]: Failed password for ',
  '<13>Oct 10 12:00:00 h sudo: bob : ',
  'Oct 10 12:00:00 h named[1]: client 1.1.1.1#1: query ',
  'Oct 10 12:00:00 h kernel: wireguard: wg0: ',
  '2024-12-15 14:11:27 ',
  '2025/11/05 20:47:03 [error] 1#1: x, client: 1.1.1.1, server: ',
  '[Thu Oct 13 12:24:49.880562 2022] [a:error] ',
  '10.0.0.1 - - [05/Mar/2021:09:01:38 +0100] "',
  '%ASA-6-106001: Inbound TCP connection denied from 1.1.1.1/5 to 2.2.2.2/80 flags ',
  '%ASA-4-722051: Group <g> User <u> IP <1.1.1.1> ',
  'CEF:0|a|b|c|d|e|5|',
  'LEEF:2.0|a|b|c|d|',
  'type=SYSCALL msg=audit(1.1:1): ',
  'date=1 logid=2 ',
  '1,2023/07/06 08:11:40,1,THREAT,',
  'pam_unix(sshd:auth): authentication failure; ',
];
const UNITS = [' ', 'a=', '"', '\\"', '[', '1.', 'a ', ',', ' from ', ' ; ', "'", '<', ', client: ', 'é'];
const LENGTH = 20_000;

test('long lines that lead parsers astray are answered by every source, each in one pass', () => {
  const sources = SOURCES.filter((source) => source.shape === 'line');
  let answers = 0;
  for (const head of HEADS)
    for (const unit of UNITS) {
      const { envelope, text } = splitEnvelope(head + unit.repeat(LENGTH / unit.length));
      for (const source of sources) {
        source.parse(text, envelope);
        answers += 1;
      }
    }
  assert.equal(answers, HEADS.length * UNITS.length * sources.length);
});
