import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isQuiet, localTime, minuteOf } from './local-time.ts';
import { checkedLookup, webhookUrl } from './target.ts';
import { harmless } from './texts.ts';

const STRICT = { allowLoopback: false };

test('webhooks go by http and https to addresses that a receiver can have', () => {
  for (const url of [
    'https://chat.example/x',
    'http://10.0.0.5:8080/a?b=c',
    'https://[2001:db8::1]/',
    'http://192.168.1.4',
  ])
    assert.equal(webhookUrl(url, STRICT).href, new URL(url).href);
  const bad = [
    '',
    'nonsense',
    'file:///etc/passwd',
    'ftp://a.example/',
    'javascript:alert(1)',
    'https://user:secret@a.example/',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0.0.0.0/',
    'http://224.0.0.1/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://[::1]/',
  ];
  for (const url of bad) assert.throws(() => webhookUrl(url, STRICT), { code: 'not_set_up' }, url);
});

test('a name is refused when any of its addresses is none for a webhook', async () => {
  const answering = (...addresses: string[]) =>
    checkedLookup(STRICT, ((_name: string, _options: object, callback: (...of: unknown[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof lookup);
  const ask = (...addresses: string[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      answering(...addresses)('name.example', {}, (error, address) =>
        error === null ? resolve(address) : reject(error),
      );
    });
  assert.equal(await ask('10.1.2.3', '10.1.2.4'), '10.1.2.3');
  await assert.rejects(ask('10.1.2.3', '127.0.0.1'), { code: 'not_set_up' });
  await assert.rejects(ask('169.254.169.254'), { code: 'not_set_up' });
  await assert.rejects(ask(), { code: 'not_set_up' });
});

test('any text as an address is a checked one or refused with words', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.ipV4(),
        fc.ipV6().map((ip) => `http://[${ip}]/`),
      ),
      (text) => {
        try {
          assert.match(webhookUrl(text, STRICT).protocol, /^https?:$/);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'not_set_up');
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a text that is made harmless has one line, no controls and no link', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.constant('a\u2028b\u0000c\u200bd')), (text) => {
      assert.doesNotMatch(harmless(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|:\/\/|www\./iu);
    }),
  );
});

test('quiet hours may go over midnight, and every minute is in them or not', () => {
  fc.assert(
    fc.property(fc.nat(1439), fc.nat(1439), fc.nat(1439), (from, to, minute) => {
      const text = (value: number): string => new Date(value * 60_000).toISOString().slice(11, 16);
      let expected = false;
      for (let at = from; at !== to; at = (at + 1) % 1440) expected ||= at === minute;
      assert.equal(isQuiet(minute, { from: text(from), to: text(to) }), expected);
    }),
  );
  assert.equal(isQuiet(0, null), false);
  for (const bad of ['24:00', '7:30', '07:60', 'x', '']) assert.equal(minuteOf(bad), null);
});

test('local time follows the zone through both changes of its clock', () => {
  const at = (iso: string) => localTime(Date.parse(iso), 'Europe/Vienna');
  assert.deepEqual(at('2026-03-29T00:59:00Z'), { day: '2026-03-29', minute: 119 });
  assert.deepEqual(at('2026-03-29T01:00:00Z'), { day: '2026-03-29', minute: 180 });
  assert.deepEqual(at('2026-10-25T01:30:00Z'), { day: '2026-10-25', minute: 150 });
  assert.deepEqual(at('2026-12-31T23:30:00Z'), { day: '2027-01-01', minute: 30 });
});
