import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { NESTING_DEPTH_MAX, RECORD_BYTES_MAX } from '#kernel';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { eventOf } from '../normalise.ts';
import { SOURCES } from '../sources.ts';
import { detectEncoding, toUtf8 } from './encoding.ts';
import { type Item, MemberReader, PARTS_MAX } from './reader.ts';

const SYSLOG = '<134>1 2026-01-05T00:00:00Z fw1 gate - - - built connection';
const TRAIL = {
  eventVersion: '1.08',
  eventTime: '2026-01-05T00:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  awsRegion: 'eu-central-1',
  sourceIPAddress: '10.0.0.1',
  userIdentity: { type: 'IAMUser', userName: 'alice' },
  eventID: '1',
  eventType: 'AwsApiCall',
  recipientAccountId: '1',
};

function read(bytes: Buffer | string, name = 'x.log'): Item[] {
  const all = Buffer.from(bytes);
  const reader = new MemberReader(name, all.subarray(0, 65_536), { sources: SOURCES });
  return [...reader.push(all), ...reader.end()];
}

/** By what each record was read, or why not. */
function outcomes(items: readonly Item[]): string[] {
  return items.map(({ parsed, source }) => ('reject' in parsed ? `!${parsed.reject}` : (source?.name ?? '?')));
}

test('lines of several formats in one file are each read by their own source', () => {
  const text = [JSON.stringify(TRAIL), SYSLOG, '', '{"what":"is this"}', '{"cut":', JSON.stringify(TRAIL), 'no format'];
  assert.deepEqual(outcomes(read(`\uFEFF${text.join('\r\n')}`)), [
    'cloudtrail',
    'syslog',
    '!unknown_format',
    '!bad_json',
    'cloudtrail',
    '!unknown_format',
  ]);
});

test('the same records are read from lines, an array, a wrapper, a pretty-printed text and wrappers a line', () => {
  const records = ['1', '2', '3'].map((eventID) => Object.assign(structuredClone(TRAIL), { eventID }));
  const one = records.map((record) => JSON.stringify(record));
  const forms = [
    one.join('\n'),
    `[${one.join(',')}]`,
    `[\n${one.join(',\n')}\n]\n`,
    JSON.stringify({ Records: records }),
    JSON.stringify({ Records: records }, null, 2),
    JSON.stringify(records, null, '\t'),
    records.map((record) => JSON.stringify(record, null, 2)).join('\n'),
    `${JSON.stringify({ Records: records.slice(0, 1) })}\n${JSON.stringify({ Records: records.slice(1) })}\n`,
    `[${one[0]}]\n[${one[1]}]\n${one[2]}`,
  ];
  for (const form of forms) {
    const items = read(form);
    assert.deepEqual(outcomes(items), ['cloudtrail', 'cloudtrail', 'cloudtrail'], form.slice(0, 60));
    const ids = items.map(({ parsed }) => ('family' in parsed ? parsed.fields['eventID'] : null));
    assert.deepEqual(ids, ['1', '2', '3']);
  }
});

test('UTF-16 with and without a byte order mark is read; Latin-1 lines are read and say so', async () => {
  const text = `${SYSLOG} für Zimmer 7\n`;
  const wide = Buffer.from(text, 'utf16le');
  const swapped = Buffer.from(wide).swap16();
  for (const bytes of [
    wide,
    swapped,
    Buffer.concat([Buffer.from([0xff, 0xfe]), wide]),
    Buffer.concat([Buffer.from([0xfe, 0xff]), swapped]),
  ]) {
    const encoding = detectEncoding(bytes);
    const cut = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
    };
    const parts: Buffer[] = [];
    for await (const part of toUtf8(cut(), encoding)) parts.push(part);
    assert.equal(Buffer.concat(parts).toString('utf8'), text);
  }
  const [item] = read(Buffer.from(text, 'latin1'));
  assert.equal(item?.latin1, true);
  assert.ok('family' in item.parsed && JSON.stringify(item.parsed.fields).includes('für Zimmer 7'));
});

test('what goes too far is rejected with its reason, and the next record is read', () => {
  const next = `\n${JSON.stringify(TRAIL)}\n`;
  const deep = `${'{"a":'.repeat(NESTING_DEPTH_MAX + 1)}1${'}'.repeat(NESTING_DEPTH_MAX + 1)}`;
  const veryDeep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const many = JSON.stringify({ Records: Array.from({ length: PARTS_MAX + 1 }, () => ({ ...TRAIL })) });
  const cases: [string, string][] = [
    [deep, '!too_deep'],
    [`{"a":${veryDeep}}`, '!too_deep'],
    [`{"a":"${'x'.repeat(RECORD_BYTES_MAX)}"}`, '!too_long'],
    [many, '!too_long'],
    ['{"a":1', '!bad_json'],
    ['\u0000\u0001\u0002', '!unknown_format'],
  ];
  for (const [text, expected] of cases)
    assert.deepEqual(outcomes(read(JSON.stringify(TRAIL) + `\n${text}${next}`)), [
      'cloudtrail',
      expected,
      'cloudtrail',
    ]);
});

test('of duplicate keys the last counts, and raw keeps all; `__proto__` is a name like others', () => {
  const text = `${JSON.stringify(TRAIL).slice(0, -1)},"eventName":"DeleteObject","__proto__":{"polluted":true}}`;
  const [item] = read(`${text}\n`);
  assert.ok(item !== undefined && 'family' in item.parsed);
  assert.equal(item.parsed.fields['eventName'], 'DeleteObject');
  assert.equal(item.raw.toString(), text);
  const context = { receivedMs: 0, referenceMs: 0, zone: undefined, year: undefined, format: 'cloudtrail' };
  const event = eventOf(item, { file: '-', member: null, record: 0, offset: 0 }, context);
  assert.match(JSON.stringify(event), /"__proto__"/);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('a truncated document gives its whole records, and the rest as rejected', () => {
  const text = `[${JSON.stringify(TRAIL)},\n${JSON.stringify(TRAIL).slice(0, 40)}`;
  assert.deepEqual(outcomes(read(text)), ['cloudtrail', '!truncated']);
  assert.deepEqual(outcomes(read(`[{"a":1},"text",7,null]`)), [
    '!unknown_format',
    '!bad_record',
    '!bad_record',
    '!bad_record',
  ]);
});

/** Beginnings of real files, which fuzzed inputs are made of. */
const SEEDS = [
  'formats/zeek-tsv/ssh.log',
  'formats/zeek-json/ssh.log',
  'formats/hl7v2/ADT-A01-01.hl7',
  'formats/windows-other/crowdsec-windows-bf-windows-bf.log',
  'formats/atna-dicom-audit/atna-rfc5425-octet-counted.bin',
  'formats/web/crowdsec-apache2-logs-apache2-logs.log',
  'formats/idp-other/crowdsec-authelia-logs-authelia-logs.log',
  'formats/fhir-auditevent/balp-json/ex-auditBasicReadClient.json',
  'formats/cef-leef/synthetic-edge-cases.log',
] as const;

test(
  'mutated files are read to their end, every byte of a record accounted for, however they are cut',
  skipWithoutShared,
  () => {
    const seeds = SEEDS.map((file) => readFileSync(sharedPath(file)).subarray(0, 3000));
    const spot = fc.nat({ max: 2999 });
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('\n', '{', '[', '"', '<Event>', '\rMSH|^~\\&|', '#fields\ta\tb\n', '99 ', '\u0000')
        .map((text) => Buffer.from(text)),
    );
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.constantFrom(...seeds), spot, spot, noise)
      .map(([a, b, at, to, bytes]) => Buffer.concat([a.subarray(0, at), bytes, b.subarray(to)]));
    fc.assert(
      fc.property(mutated, fc.integer({ min: 1, max: 700 }), (bytes, size) => {
        const whole = read(bytes).map(({ record, part, offset, raw }) => `${record} ${part} ${offset} ${raw.length}`);
        const reader = new MemberReader('x.log', bytes, { sources: SOURCES });
        const found: Item[] = [];
        const seen: string[] = [];
        for (let at = 0; at < bytes.length; at += size) {
          const items = reader.push(Buffer.from(bytes.subarray(at, at + size)));
          seen.push(...items.map(({ record, part, offset, raw }) => `${record} ${part} ${offset} ${raw.length}`));
          found.push(...items);
        }
        seen.push(...reader.end().map(({ record, part, offset, raw }) => `${record} ${part} ${offset} ${raw.length}`));
        assert.deepEqual(seen, whole);
        assert.ok(found.length <= bytes.length);
      }),
      { numRuns: fuzzInputs({ oneIn: 10 }) },
    );
  },
);

test('reading that goes on at any record gives the records from there on', skipWithoutShared, () => {
  for (const file of SEEDS) {
    const bytes = readFileSync(sharedPath(file));
    const items = read(bytes);
    for (const [i, { record, frameOffset: offset, state, part }] of items.entries()) {
      if (part > 0 || (i % 5 !== 0 && i !== 1)) continue;
      const reader = new MemberReader('x.log', bytes.subarray(0, 65_536), {
        sources: SOURCES,
        resume: { offset, records: record, state },
      });
      const rest = [...reader.push(bytes.subarray(offset)), ...reader.end()];
      const summary = (of: readonly Item[]): string[] =>
        of.map((one) => `${one.record} ${one.offset} ${JSON.stringify(one.parsed)}`);
      assert.deepEqual(summary(rest), summary(items.slice(i)), `${file} at record ${record}`);
    }
  }
});
