import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import * as codecs from './codec.ts';
import type { Codec } from './codec.ts';
import { isOfClass, type OcsfEvent } from './types.ts';

const { str, int, float, bool, lower, hex, ip, mac, port, strings, json, baseName, notIp } = codecs;
const { msFromIso, msFromIsoSeconds, msFromSeconds, oneOf, words } = codecs;

const ALL: Record<string, Codec> = {
  str,
  int,
  float,
  bool,
  lower,
  hex,
  ip,
  mac,
  port,
  strings,
  json,
  baseName,
  notIp,
  msFromIso,
  msFromIsoSeconds,
  msFromSeconds,
  oneOf: oneOf(1, 2),
  words: words({ a: 1, b: 1, c: 2 }),
};

test('no value makes a codec throw, in either direction', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(ALL)), fc.anything(), (codec, value) => {
      codec.to(value);
      codec.from(fc.stringify(value));
      codec.from(Number.NaN);
    }),
    { numRuns: 5000 },
  );
});

test('what says nothing is no text', () => {
  assert.deepEqual(['', '-', null, {}, []].map(str.to), [undefined, undefined, undefined, undefined, undefined]);
  assert.deepEqual([5, true, 'a'].map(str.to), ['5', 'true', 'a']);
});

test('numbers are whole, safe and written in one way', () => {
  assert.deepEqual(['7', '-7', 0].map(int.to), [7, -7, 0]);
  assert.deepEqual(['007', '1e3', '7.0', 7.5, '99999999999999999', 2 ** 53].map(int.to), Array(6).fill(undefined));
  assert.deepEqual(['0x1f4', '500', 500].map(hex.to), [500, 500, 500]);
  assert.equal(hex.from(500), '0x1f4');
  assert.deepEqual([0, 65_535, '443', 65_536, -1].map(port.to), [0, 65_535, 443, undefined, undefined]);
  assert.deepEqual(['1.5', 2, '1e400', 'x'].map(float.to), [1.5, 2, undefined, undefined]);
});

test('addresses are addresses', () => {
  assert.deepEqual(['10.0.0.1', '::1', '10.0.0.256', '010.0.0.1', '10.0.0.1:80'].map(ip.to), [
    '10.0.0.1',
    '::1',
    ...Array(3).fill(undefined),
  ]);
  assert.deepEqual(['ecs.amazonaws.com', '::1'].map(notIp.to), ['ecs.amazonaws.com', undefined]);
});

test('times come back as they were when they have the form that the codec writes', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
      const text = date.toISOString();
      assert.equal(msFromIso.from(msFromIso.to(text)), text);
      assert.equal(msFromSeconds.to(msFromSeconds.from(date.getTime())), date.getTime());
    }),
  );
  assert.equal(msFromIsoSeconds.from(msFromIsoSeconds.to('2026-02-01T09:00:00Z')), '2026-02-01T09:00:00Z');
  assert.deepEqual(
    ['2026-02-01T09:00:00', '2026-02-31T09:00:00Z x', 'now'].map(msFromIso.to),
    Array(3).fill(undefined),
  );
});

test('the first of two words for one number is the way back', () => {
  assert.equal(words({ a: 1, b: 1 }).from(1), 'a');
  assert.equal(words({ a: 1 }).to('toString'), undefined);
});

test('the name of a file is behind the last separator of either kind', () => {
  assert.deepEqual(['C:\\Windows\\cmd.exe', '/usr/bin/curl', 'x', '/'].map(baseName.to), [
    'cmd.exe',
    'curl',
    'x',
    undefined,
  ]);
});

test('an event of a class has the attributes of the class', () => {
  const metadata = { version: '1.8.0', product: {} };
  const event: OcsfEvent = {
    class_uid: 3002,
    category_uid: 3,
    type_uid: 300201,
    activity_id: 1,
    severity_id: 1,
    time: 1,
    metadata,
  };
  event['user'] = { name: 'ann' };
  assert.ok(isOfClass(event, 3002) && event.user.name === 'ann');
  assert.equal(isOfClass(event, 6005), false);
});
