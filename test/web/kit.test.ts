import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { csvOf } from '../../web/kit/csv.ts';
import { msOfZoned, zonedText } from '../../web/kit/zoned.ts';

const MINUTE = 60_000;

/** Reads RFC 4180 with nothing of ours. */
function parse(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of csv
    .replace('\uFEFF', '')
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

test('a file for spreadsheets gives every text back, and none of them begins a formula', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', '\tx', 'a,b', 'a\r\nb', '"'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, fc.integer()), { minLength: 1 }), (pairs) => {
      const [head, ...rows] = parse(csvOf(pairs.map(([text, number]) => ({ text, number }))));
      assert.deepEqual(head, ['text', 'number']);
      assert.equal(rows.length, pairs.length);
      rows.forEach(([text = '', number], at) => {
        const [said = '', figure] = pairs[at] ?? [];
        assert.equal(text, /^[=+\-@\t\r]/.test(said) ? `'${said}` : said);
        assert.equal(number, String(figure));
      });
    }),
  );
});

test('a moment of a zone leads there and back, to the minute', () => {
  const zone = fc.constantFrom('UTC', 'America/Chicago', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Apia');
  const minute = fc.integer({ min: 16_000_000, max: 33_000_000 }).map((n) => n * MINUTE);
  fc.assert(
    fc.property(minute, zone, (ms, place) => {
      const text = zonedText(ms, place);
      const back = msOfZoned(text, place);
      assert.ok(back !== null);
      // The hour that comes twice in autumn has one text for two moments.
      assert.equal(zonedText(back, place), text);
      assert.ok(Math.abs(back - ms) <= 60 * MINUTE);
    }),
  );
  assert.equal(msOfZoned('2026-07-01T02:13', 'America/Chicago'), Date.UTC(2026, 6, 1, 7, 13));
  assert.equal(msOfZoned('soon', 'UTC'), null);
  assert.equal(zonedText(0, 'Nowhere/Atall'), '1970-01-01T00:00');
});
