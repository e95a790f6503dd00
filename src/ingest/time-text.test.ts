import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { mapContext } from '../../test/support/family.ts';
import { fuzzInputs } from '../../test/support/shared.ts';
import { bsdTime, commonLogTime, ctimeTime, dashedTime, slashedTime } from './time-text.ts';

const context = mapContext();
const two = (value: number): string => String(value).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

test('a header time without year and zone states what was assumed', () => {
  const reference = mapContext({ referenceMs: Date.UTC(2026, 0, 2), zone: '+01:00' });
  assert.deepEqual(bsdTime('Dec 30 10:00:00', reference), {
    ms: Date.UTC(2025, 11, 30, 9),
    original: 'Dec 30 10:00:00',
    labels: ['time:zone-assumed', 'time:year-assumed'],
  });
  assert.equal(bsdTime('Jan  2 12:00:00', reference)?.ms, Date.UTC(2026, 0, 2, 11));
  assert.equal(bsdTime('Jan 10 12:00:00', reference)?.ms, Date.UTC(2025, 0, 10, 11), 'never more than a day ahead');
  assert.equal(bsdTime('Jan 10 12:00:00', { ...reference, year: 2026 })?.ms, Date.UTC(2026, 0, 10, 11));
});

test('the twenty-ninth of February goes to the last leap year', () => {
  assert.equal(
    bsdTime('Feb 29 00:00:00', mapContext({ referenceMs: Date.UTC(2027, 5, 1) }))?.ms,
    Date.UTC(2024, 1, 29),
  );
  assert.equal(bsdTime('Feb 29 00:00:00', mapContext({ year: 2026 })), null);
});

test('years and zones that devices add are taken as they stand', () => {
  for (const text of ['Oct 10 2018 12:34:56 UTC', '2018 Oct 10 12:34:56 UTC', '*Oct 10 2018 12:34:56 +00:00:'])
    assert.deepEqual(bsdTime(text, context), { ms: Date.UTC(2018, 9, 10, 12, 34, 56) }, text);
  assert.equal(bsdTime('2023-07-06T08:11:40+02:00', context)?.ms, Date.UTC(2023, 6, 6, 6, 11, 40));
  assert.deepEqual(bsdTime('Oct 10 2018 12:34:56.789', context)?.labels, ['time:zone-assumed']);
});

test('the times of web and name servers are read', () => {
  assert.deepEqual(commonLogTime('08/Jun/2020:06:49:01 +0200', context), { ms: Date.UTC(2020, 5, 8, 4, 49, 1) });
  assert.equal(dashedTime('19-Oct-2022 05:34:02.425', context)?.ms, Date.UTC(2022, 9, 19, 5, 34, 2, 425));
  assert.equal(slashedTime('2025/11/05 20:47:03', context)?.ms, Date.UTC(2025, 10, 5, 20, 47, 3));
  assert.deepEqual(ctimeTime('Thu Oct 13 12:24:49.880562 2022', context), {
    ms: Date.UTC(2022, 9, 13, 12, 24, 49, 880),
    original: 'Thu Oct 13 12:24:49.880562 2022',
    labels: ['time:zone-assumed'],
  });
});

test('a day that does not exist is no time', () => {
  for (const text of [
    'Feb 30 2026 00:00:00',
    'Foo 10 2026 00:00:00',
    'Oct 10 2026 24:00:00',
    'Oct  0 2026 00:00:00',
    '',
  ])
    assert.equal(bsdTime(text, context), null, text);
  assert.equal(commonLogTime('31/Jun/2020:06:49:01 +0000', context), null);
});

test('every instant reads back from each way of writing it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      const date = new Date(seconds * 1000);
      const [year, month, day] = [date.getUTCFullYear(), MONTHS[date.getUTCMonth()] ?? '', date.getUTCDate()];
      const clock = date.toISOString().slice(11, 19);
      const ms = seconds * 1000;
      assert.equal(bsdTime(`${month} ${String(day).padStart(2)} ${year} ${clock}`, context)?.ms, ms);
      assert.equal(commonLogTime(`${two(day)}/${month}/${year}:${clock} +0000`, context)?.ms, ms);
      assert.equal(dashedTime(`${two(day)}-${month}-${year} ${clock}`, context)?.ms, ms);
      assert.equal(
        slashedTime(date.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' '), context)?.ms,
        ms,
      );
      const near = bsdTime(`${month} ${day} ${clock}`, mapContext({ referenceMs: ms }));
      assert.equal(near?.ms, ms);
    }),
  );
});

test('no text makes a reader of times throw', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.stringMatching(/^[A-Za-z]{3} [ 0-9]{2} [0-9:. ]{0,20}$/),
    fc.stringMatching(/^[0-9/:. +A-Za-z-]{0,40}$/),
  );
  fc.assert(
    fc.property(text, (one) => {
      for (const read of [bsdTime, commonLogTime, dashedTime, slashedTime, ctimeTime]) {
        const time = read(one, context);
        assert.ok(time === null || Number.isFinite(time.ms));
      }
    }),
    { numRuns: fuzzInputs() },
  );
});
