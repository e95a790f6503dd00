import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { mapContext } from '../../test/support/family.ts';
import { atZone, epochTime, isoTime } from './time.ts';

const context = mapContext();

test('an ISO time is read with its zone; what milliseconds cannot say is kept verbatim', () => {
  assert.deepEqual(isoTime('2026-03-01T12:00:00Z', context), { ms: 1_772_366_400_000 });
  assert.deepEqual(isoTime('2026-03-01T13:30:00.25+01:30', context), { ms: 1_772_366_400_250 });
  assert.deepEqual(isoTime('2026-03-01 12:00:00.123456789 UTC', context), {
    ms: 1_772_366_400_123,
    original: '2026-03-01 12:00:00.123456789 UTC',
  });
});

test('a time without zone takes the configured one and says so', () => {
  const original = '2026-07-01 12:00:00';
  const labels = ['time:zone-assumed'];
  assert.deepEqual(isoTime(original, context), { ms: Date.UTC(2026, 6, 1, 12), original, labels });
  const berlin = mapContext({ zone: 'Europe/Berlin' });
  assert.deepEqual(isoTime(original, berlin), { ms: Date.UTC(2026, 6, 1, 10), original, labels });
  assert.equal(isoTime('2026-12-01 12:00:00', berlin)?.ms, Date.UTC(2026, 11, 1, 11));
  assert.equal(isoTime('2026-12-01 12:00:00', mapContext({ zone: '-05:30' }))?.ms, Date.UTC(2026, 11, 1, 17, 30));
});

test('a time that does not exist is no time', () => {
  for (const value of [
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T25:00:00Z',
    'yesterday',
    '',
    7,
    null,
  ])
    assert.equal(isoTime(value, context), null);
});

test('clocks that go back or forward are followed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
      (ms, zone) => {
        const at = atZone(ms, zone);
        assert.ok(Math.abs(ms - at) <= 14 * 3_600_000);
      },
    ),
  );
  assert.equal(atZone(Date.UTC(2026, 2, 29, 1, 30), 'Europe/Berlin'), Date.UTC(2026, 2, 29, 0, 30));
  assert.equal(atZone(Date.UTC(2026, 2, 29, 4, 0), 'Europe/Berlin'), Date.UTC(2026, 2, 29, 2, 0));
});

test('epochs are read by their unit, never by their size', () => {
  assert.deepEqual(epochTime(1_700_000_000, 's'), { ms: 1_700_000_000_000 });
  assert.deepEqual(epochTime('1700000000.123456', 's'), { ms: 1_700_000_000_123 });
  assert.deepEqual(epochTime('1700000000123', 'ms'), { ms: 1_700_000_000_123 });
  assert.deepEqual(epochTime('1700000000123456', 'us'), { ms: 1_700_000_000_123 });
  assert.deepEqual(epochTime('1700000000123456789', 'ns'), { ms: 1_700_000_000_123 });
  assert.equal(epochTime('now', 's'), null);
  assert.equal(epochTime(Number.NaN, 's'), null);
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      ),
      (text) => void isoTime(text, context),
    ),
  );
});
