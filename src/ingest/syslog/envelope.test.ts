import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { splitEnvelope } from './envelope.ts';

test('RFC 5424: header, structured data with its escapes, message without its mark', () => {
  const { envelope, text } = splitEnvelope(
    '<165>1 2003-10-11T22:14:15.003Z host.example app 42 ID47 [a@1 x="a\\]b" y="\\"q\\\\" z="c:\\d"][b@1] \uFEFFthe message',
  );
  assert.deepEqual(envelope, {
    rfc: 5424,
    facility: 20,
    severity: 5,
    timestamp: '2003-10-11T22:14:15.003Z',
    hostname: 'host.example',
    app: 'app',
    procId: '42',
    msgId: 'ID47',
    structuredData: { 'a@1': { x: 'a]b', y: '"q\\', z: 'c:\\d' }, 'b@1': {} },
  });
  assert.equal(text, 'the message');
});

test('RFC 5424: nil values are null, a message may be missing', () => {
  const { envelope, text } = splitEnvelope('<13>1 - - - - - -');
  assert.equal(text, '');
  assert.deepEqual(envelope, {
    rfc: 5424,
    facility: 1,
    severity: 5,
    timestamp: null,
    hostname: null,
    app: null,
    procId: null,
    msgId: null,
    structuredData: {},
  });
});

test('RFC 5424: a sender that leaves the structured data out, or breaks it, keeps its message', () => {
  assert.equal(splitEnvelope('<13>1 - h a - - hello there').text, 'hello there');
  assert.equal(splitEnvelope('<13>1 - h a - - [error in it] oops').text, '[error in it] oops');
  assert.equal(splitEnvelope('<13>1 - h a - - [x y="z').text, '[x y="z');
});

const BSD: [line: string, expected: [string | null, string | null, string | null, string | null, string]][] = [
  ['<34>Oct 11 22:14:15 mach su: failed', ['Oct 11 22:14:15', 'mach', 'su', null, 'failed']],
  ['Dec  1 18:59:33 host sshd[118]: banner', ['Dec  1 18:59:33', 'host', 'sshd', '118', 'banner']],
  ['Jul 25 09:56:42 h.example ng[9] CEF:0|a|b', ['Jul 25 09:56:42', 'h.example', 'ng', '9', 'CEF:0|a|b']],
  ['<134>Feb 14 19:04:54 fw CEF:0|a|b', ['Feb 14 19:04:54', 'fw', null, null, 'CEF:0|a|b']],
  ['<134>Feb 14 19:04:54 filterlog[7]: 5,,', ['Feb 14 19:04:54', null, 'filterlog', '7', '5,,']],
  ['Oct 10 2018 12:34:56 h CiscoASA[9]: %ASA-4-1: D', ['Oct 10 2018 12:34:56', 'h', 'CiscoASA', '9', '%ASA-4-1: D']],
  ['<166>Oct 10 2018 12:34:56: %ASA-6-3: T', ['Oct 10 2018 12:34:56', null, null, null, '%ASA-6-3: T']],
  ['<166>Oct 10 2018 12:34:56 fw1 : %ASA-6-3: T', ['Oct 10 2018 12:34:56', 'fw1', null, null, '%ASA-6-3: T']],
  ['<166>%ASA-6-302014: Teardown', [null, null, null, null, '%ASA-6-302014: Teardown']],
  [
    '2023-07-06T08:11:40+02:00 pa.host 1,2023/07/06',
    ['2023-07-06T08:11:40+02:00', 'pa.host', null, null, '1,2023/07/06'],
  ],
  ['<13>2023-07-06T08:11:40Z h cron[1]: x', ['2023-07-06T08:11:40Z', 'h', 'cron', '1', 'x']],
  ['Oct 10 12:34:56 PACS sshd[1]: x', ['Oct 10 12:34:56', 'PACS', 'sshd', '1', 'x']],
  [
    'Oct 10 12:34:56 h kernel: [8.1] wireguard: wg0: y',
    ['Oct 10 12:34:56', 'h', 'kernel', null, '[8.1] wireguard: wg0: y'],
  ],
  [
    'Oct 10 12:34:56 h last message repeated 3 times',
    ['Oct 10 12:34:56', 'h', null, null, 'last message repeated 3 times'],
  ],
  ['<13>su: root', [null, null, 'su', null, 'root']],
];

test('RFC 3164 in the forms that devices send', () => {
  for (const [line, expected] of BSD) {
    const { envelope, text } = splitEnvelope(line);
    assert.ok(envelope !== null, line);
    const { timestamp, hostname, app, procId } = envelope;
    assert.deepEqual([timestamp, hostname, app, procId, text], expected, line);
    assert.equal(envelope.rfc, 3164);
  }
});

test('a line without a header is left whole', () => {
  for (const line of [
    '93.43.209.58 - - [08/Jun/2020:06:49:01 +0000] "GET / HTTP/1.0" 500 803 "-" "-"',
    '2024-12-15 14:10:00 OpenVPN 2.6.3 started',
    'date=2024-10-14 time=13:46:40 type="event"',
    '<999>x',
    '<Event xmlns="x">',
    '',
    'Oct 10 is a day',
  ])
    assert.deepEqual(splitEnvelope(line), { envelope: null, text: line });
});

test('structured data of any content reads back', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9@._-]{1,20}$/);
  const data = fc.dictionary(
    name,
    fc.dictionary(name, fc.string({ maxLength: 30 }), { maxKeys: 4, noNullPrototype: true }),
    {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    },
  );
  fc.assert(
    fc.property(data, fc.string(), (expected, message) => {
      const escaped = Object.entries(expected).map(
        ([id, parameters]) =>
          `[${id}${Object.entries(parameters)
            .map(([key, value]) => ` ${key}="${value.replace(/(["\\\]])/g, '\\$1')}"`)
            .join('')}]`,
      );
      const { envelope, text } = splitEnvelope(`<0>1 - - - - - ${escaped.join('')} .${message}`);
      assert.deepEqual(envelope?.structuredData, expected);
      assert.equal(text, `.${message}`);
    }),
  );
});

test('no line makes it throw, and the message is always the end of the line', () => {
  const seeds = BSD.map(([line]) => line).concat('<165>1 2003-10-11T22:14:15.003Z h a 42 ID [a@1 x="a\\]b"][b@1] m');
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(120), fc.nat(5), fc.string({ maxLength: 6 }))
    .map(([line, at, cut, put]) => line.slice(0, at) + put + line.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ maxLength: 200 })), (line) => {
      const { text } = splitEnvelope(line);
      assert.ok(line.endsWith(text));
    }),
    { numRuns: fuzzInputs() },
  );
});
