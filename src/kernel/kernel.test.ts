import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock, WardkeepError, createLog, remembering, systemErrorCode, utcDay, uuidv7 } from './index.ts';

class SampleError extends WardkeepError<'disk_full' | 'unreadable'> {}

test('an error keeps its code, cause and advice', () => {
  const cause = new Error('inner');
  const error = new SampleError('disk_full', 'the disk is full', { cause, advice: 'free some space' });
  assert.equal(error.code, 'disk_full');
  assert.equal(error.cause, cause);
  assert.equal(error.advice, 'free some space');
  assert.equal(error.name, 'SampleError');
});

test('uuidv7 has the version, the variant and the time of the clock', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
      const id = uuidv7(new ManualClock(ms));
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.equal(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16), ms);
    }),
  );
});

test('ids of a later millisecond sort behind those of an earlier one', () => {
  const clock = new ManualClock(1_700_000_000_000);
  const first = uuidv7(clock);
  clock.advance(1);
  assert.ok(first < uuidv7(clock));
});

test('the log writes one JSON object a line and leaves out what is below its level', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', clock: new ManualClock(0), write: (line) => lines.push(line) });
  log.info('not shown');
  log.error('could not open', new SampleError('unreadable', 'no permission'), { file: 'a' });
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'error',
        message: 'could not open',
        file: 'a',
        error: 'no permission',
        code: 'unreadable',
      },
    ],
  );
});

test('the UTC day of a time', () => {
  assert.equal(utcDay(Date.UTC(2026, 1, 28, 23, 59)), '2026-02-28');
});

test('a system error code is read, anything else gives null', () => {
  assert.equal(systemErrorCode(Object.assign(new Error('x'), { code: 'ENOENT' })), 'ENOENT');
  assert.equal(systemErrorCode(new Error('x')), null);
  assert.equal(systemErrorCode('x'), null);
});

test('the day of a time is that of the calendar, in whatever order times come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -8.64e15, max: 8.64e15 }), { maxLength: 20 }), (times) => {
      for (const ms of times) {
        const day = new Date(ms).toISOString();
        assert.equal(utcDay(ms), day.slice(0, 10));
      }
    }),
  );
  assert.throws(() => utcDay(Number.NaN), RangeError);
});

test('answers are remembered, up to a number of them', () => {
  const asked: string[] = [];
  const length = remembering(4, (text) => {
    asked.push(text);
    return text === '' ? null : text.length;
  });
  assert.deepEqual(['a', '', 'a', 'ccc', 'a', '', 'dd', 'a'].map(length), [1, null, 1, 3, 1, null, 2, 1]);
  assert.deepEqual(asked, ['a', '', 'ccc', 'dd'], 'what is asked for again stays');
  assert.equal(length('ccc'), 3);
  assert.deepEqual(asked.slice(4), ['ccc'], 'what is not goes');
});
