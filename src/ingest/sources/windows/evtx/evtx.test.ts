import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../../../test/support/mutate.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../../../test/support/shared.ts';
import type { BinaryItem } from '../../../source.ts';
import type { NativeFields } from '../../../types.ts';
import { recordOfXml } from '../xml-record.ts';
import { chunkHeader } from './headers.ts';
import { EvtxReader } from './reader.ts';
import { type SampleValue, sampleFile } from './sample-file.ts';

function readAll(file: Buffer, step = 65_536): BinaryItem[] {
  const reader = new EvtxReader();
  const items: BinaryItem[] = [];
  for (let at = 0; at < file.length; at += step) items.push(...reader.push(file.subarray(at, at + step)));
  return [...items, ...reader.end()];
}

function fieldsOf(item: BinaryItem | undefined): NativeFields {
  assert.ok(item !== undefined && 'fields' in item.parsed, JSON.stringify(item?.parsed));
  return item.parsed.fields;
}

function reasonsOf(items: readonly BinaryItem[]): string[] {
  return items.flatMap(({ parsed }) => ('reject' in parsed ? [parsed.reason] : []));
}

/** Hexadecimal numbers by value: libevtx pads them, Windows does not. */
function comparable(fields: NativeFields): NativeFields {
  const words = Object.entries(fields).map(([name, value]) =>
    typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value) ? [name, BigInt(value)] : [name, value],
  );
  return Object.fromEntries(words);
}

const SAMPLES = { security: 2261, sysmon: 358, 'new-user-security': 4, Security_short_selected: 7 };
const EVTXEXPORT = spawnSync('evtxexport', ['-V']).status === 0;

for (const [name, count] of Object.entries(SAMPLES)) {
  const path = sharedPath(`formats/evtx/${name}.evtx`);
  test(`${name}.evtx: as many records as its chunks state, by their numbers, none rejected`, skipWithoutShared, () => {
    const file = readFileSync(path);
    const items = readAll(file);
    assert.deepEqual(reasonsOf(items), []);
    assert.equal(items.length, count);
    const stated: string[] = [];
    for (let at = 4096; at < file.length; at += 65_536) {
      const header = chunkHeader(file.subarray(at, at + 65_536));
      if (header !== null) for (let id = header.firstId; id <= header.lastId; id += 1n) stated.push(String(id));
    }
    const found = items.map(({ raw }) => /record="(\d+)"/.exec(raw.toString('latin1'))?.[1]);
    assert.deepEqual(found, stated);
  });

  const skip =
    skipWithoutShared.skip === false && !EVTXEXPORT
      ? 'evtxexport is missing: apt install libevtx-utils'
      : skipWithoutShared.skip;
  test(`${name}.evtx: every field of every record is what libevtx reads`, { skip }, () => {
    const { stdout } = spawnSync('evtxexport', ['-f', 'xml', path], { maxBuffer: 64 << 20, encoding: 'utf8' });
    const theirs = stdout.split(/(?<=<\/Event>)/).flatMap((text) => {
      const at = text.indexOf('<Event ');
      return at === -1 ? [] : [recordOfXml(text.slice(at))];
    });
    const ours = readAll(readFileSync(path));
    assert.equal(ours.length, theirs.length);
    ours.forEach((item, index) => {
      const other = theirs[index];
      assert.ok(other !== null && other !== undefined && !('fault' in other));
      assert.deepEqual(comparable(fieldsOf(item)), comparable(other));
    });
  });
}

test('however the bytes are cut, the records are the same', skipWithoutShared, () => {
  const file = readFileSync(sharedPath('formats/evtx/new-user-security.evtx'));
  const whole = JSON.stringify(readAll(file));
  fc.assert(
    fc.property(fc.integer({ min: 500, max: 200_000 }), (step) =>
      assert.equal(JSON.stringify(readAll(file, step)), whole),
    ),
    { numRuns: 50 },
  );
});

test("a record's raw form is its XML behind its place, and reads the same again", () => {
  const [item] = readAll(sampleFile({ records: [[text('A', 'x<y')]] }));
  const raw = item?.raw.toString() ?? '';
  assert.match(raw, /^<\?evtx chunk="0" record="1"\?><Event>/);
  assert.deepEqual(recordOfXml(raw), fieldsOf(item));
  assert.equal(item?.offset, 4096 + 512);
});

function utf16(value: string): Buffer {
  return Buffer.from(value, 'utf16le');
}

function text(name: string, value: string): SampleValue {
  return { name, type: 0x01, bytes: utf16(value) };
}

function hex(value: string): Buffer {
  return Buffer.from(value.replaceAll(' ', ''), 'hex');
}

const TYPES: readonly [type: number, bytes: Buffer, text: unknown][] = [
  [0x00, hex(''), ''],
  [0x01, utf16('ä & <b>\u0001\0\0'), 'ä & <b>\u0001'],
  [0x02, Buffer.from('caf\xe9', 'latin1'), 'café'],
  [0x03, hex('ff'), '-1'],
  [0x04, hex('ff'), '255'],
  [0x05, hex('feff'), '-2'],
  [0x06, hex('feff'), '65534'],
  [0x07, hex('fdffffff'), '-3'],
  [0x08, hex('fdffffff'), '4294967293'],
  [0x09, hex('fcffffffffffffff'), '-4'],
  [0x0a, hex('fcffffffffffffff'), '18446744073709551612'],
  [0x0b, hex('0000c03f'), '1.5'],
  [0x0c, hex('000000000000f83f'), '1.5'],
  [0x0d, hex('01000000'), 'true'],
  [0x0d, hex('00000000'), 'false'],
  [0x0e, hex('00ab'), '00AB'],
  [0x0f, hex('00112233 4455 6677 8899aabbccddeeff'), '{33221100-5544-7766-8899-AABBCCDDEEFF}'],
  [0x10, hex('10000000'), '0x10'],
  [0x10, hex('1000000000000001'), '0x100000000000010'],
  [0x11, hex('80969800f4a2d501'), '2019-11-24T18:21:34.301760000Z'],
  [0x11, hex('0000000000000000'), '1601-01-01T00:00:00.000000000Z'],
  [0x12, hex('e507 0300 0500 0c00 0a00 3000 0e00 7b00'), '2021-03-12T10:48:14.123Z'],
  [0x13, hex('01 05 000000000005 15000000 01000000 02000000 03000000 f4010000'), 'S-1-5-21-1-2-3-500'],
  [0x14, hex('0f000000'), '0xf'],
  [0x15, hex('e703000000000000'), '0x3e7'],
  [0x81, Buffer.concat([utf16('a\0'), utf16('b&\0')]), ['a', 'b&']],
  [0x81, utf16('one\0'), 'one'],
  [0x82, Buffer.from('a\0b\0', 'latin1'), ['a', 'b']],
  [0x86, hex('01000200'), ['1', '2']],
  [0x88, hex('0100000002000000'), ['1', '2']],
  [0x95, hex('01000000000000000200000000000000'), ['0x1', '0x2']],
  [0x93, hex('01 01 000000000005 12000000 01 01 000000000005 13000000'), ['S-1-5-18', 'S-1-5-19']],
];

test('values of every type read as Windows writes them, arrays as one element an item', () => {
  const values = TYPES.map(([type, bytes], index) => ({ name: `v${index}`, type, bytes }));
  const fields = fieldsOf(readAll(sampleFile({ records: [values] }))[0]);
  TYPES.forEach(([type, , expected], index) =>
    assert.deepEqual(fields[`v${index}`], expected, `type ${type} of v${index}`),
  );
});

/** `<b>c</b>`, with the place in the chunk where its name stands. */
function fragment(nameAt: number): Buffer {
  const bytes = Buffer.concat([
    hex('0f010100 01 ffff 00000000'),
    Buffer.alloc(4),
    hex('00000000 0000 0100'),
    utf16('b'),
    hex('0000 02 0501 0100'),
    utf16('c'),
    hex('04 00'),
  ]);
  bytes.writeUInt32LE(nameAt, 11);
  return bytes;
}

test('a fragment within a value is rendered in its place', () => {
  // The place of the value is found by a first writing.
  const draft = sampleFile({ records: [[{ name: 'x', type: 0x21, bytes: fragment(0) }]] });
  const at = draft.indexOf(fragment(0)) - 4096;
  const file = sampleFile({ records: [[{ name: 'x', type: 0x21, bytes: fragment(at + 15) }]] });
  assert.match(readAll(file)[0]?.raw.toString() ?? '', /<Data Name="x"><b>c<\/b><\/Data>/);
});

const FIVE = [1, 2, 3, 4, 5].map((number) => [text('n', String(number))]);

function numbersOf(items: readonly BinaryItem[]): unknown[] {
  return items.flatMap(({ parsed }) => ('fields' in parsed ? [parsed.fields['n']] : []));
}

test('a broken record is rejected by chunk and offset, the others of its chunk are read', () => {
  const file = sampleFile({ records: FIVE });
  const second = file.indexOf('**\0\0', 4096 + 513, 'latin1');
  file[second + 24 + 4] = 0x77;
  const items = readAll(file);
  assert.deepEqual(numbersOf(items), ['1', '3', '4', '5']);
  assert.equal(items[1]?.offset, second);
  assert.deepEqual(reasonsOf(items), [
    `record at offset ${second - 4096} of chunk 0: it has the unknown token 0x37`,
    'the checksum of chunk 0 differs; its records were read',
  ]);
});

test('a record whose size is wrong is passed over to the next one', () => {
  const file = sampleFile({ records: FIVE });
  const second = file.indexOf('**\0\0', 4096 + 513, 'latin1');
  file.writeUInt32LE(60_000, second + 4);
  const items = readAll(file);
  assert.deepEqual(numbersOf(items), ['1', '3', '4', '5']);
  assert.match(reasonsOf(items)[0] ?? '', /no record begins where one should/);
});

test('a chunk without its header is reported, its records are read', () => {
  const file = sampleFile({ records: FIVE, perChunk: 2 });
  file.fill(0xaa, 4096 + 65_536, 4096 + 65_536 + 512);
  const items = readAll(file);
  assert.deepEqual(numbersOf(items), ['1', '2', '3', '4', '5']);
  assert.deepEqual(reasonsOf(items), ['the header of chunk 1 is destroyed; its records were read']);
});

test('a chunk overwritten in the middle of a file is reported, also in a file that was not closed', () => {
  for (const dirty of [false, true]) {
    const file = sampleFile({ records: FIVE, perChunk: 2, dirty });
    file.fill(0xaa, 4096 + 65_536, 4096 + 2 * 65_536);
    const items = readAll(file);
    assert.deepEqual(numbersOf(items), ['1', '2', '5']);
    assert.deepEqual(reasonsOf(items), ['chunk 1 holds bytes that are no chunk']);
  }
});

test('space that was taken ahead and never used is no record', () => {
  const file = sampleFile({ records: FIVE, dirty: true });
  const items = readAll(Buffer.concat([file, Buffer.alloc(65_536), Buffer.alloc(65_536, 0x41)]));
  assert.equal(items.length, 5);
});

test('a record changed after it was written shows in the checksum', () => {
  const file = sampleFile({ records: FIVE });
  const at = file.indexOf(utf16('pc-1'));
  file[at] = 0x71;
  const items = readAll(file);
  assert.equal(fieldsOf(items[0])['Computer'], 'qc-1');
  assert.deepEqual(reasonsOf(items), ['the checksum of chunk 0 differs; its records were read']);
});

test('a record taken out of a chunk that was signed again shows in the count', () => {
  const file = sampleFile({ records: FIVE });
  const whole = sampleFile({ records: FIVE.slice(0, 4) });
  // The chunk of four, stating the range of five.
  whole.writeBigUInt64LE(5n, 4096 + 32);
  file.set(whole.subarray(4096), 4096);
  assert.ok(reasonsOf(readAll(file)).includes('chunk 0 states 5 records and has 4'));
});

test('a file cut short gives what it has and says where it ends', () => {
  const file = sampleFile({ records: FIVE });
  const third = file.indexOf('**\0\0', file.indexOf('**\0\0', 4096 + 513, 'latin1') + 1, 'latin1');
  const items = readAll(file.subarray(0, third + 40));
  assert.deepEqual(numbersOf(items), ['1', '2']);
  assert.ok(reasonsOf(items).includes('chunk 0 is cut short'));
  assert.deepEqual(reasonsOf(readAll(file.subarray(0, 3000))), ['the file ends inside its header']);
});

test('a template that contains itself is refused', () => {
  const file = sampleFile({ records: [[text('n', '1')]] });
  // The definition's first element becomes an instance of the definition.
  const definition = 512 + 24 + 4 + 10;
  const at = 4096 + definition + 24 + 4;
  file[at] = 0x0c;
  file.writeUInt32LE(definition, at + 6);
  assert.match(reasonsOf(readAll(file))[0] ?? '', /nested too deeply/);
});

test('an array in a long element is refused before it swells', () => {
  const long = { name: 'n'.repeat(10_000), type: 0x84, bytes: Buffer.alloc(20_000) };
  assert.match(reasonsOf(readAll(sampleFile({ records: [[long]] })))[0] ?? '', /swells/);
});

test('mutated files never throw, and what is rejected says why', () => {
  const below = seeded(7);
  const whole = sampleFile({ records: [TYPES.map(([type, bytes], index) => ({ name: `v${index}`, type, bytes }))] });
  const used = whole.subarray(0, whole.findLastIndex((byte) => byte !== 0) + 1);
  for (let input = 0, all = fuzzInputs(); input < all; input += 1) {
    const changed = mutate([used.subarray(4096)], below);
    const items = readAll(Buffer.concat([whole.subarray(0, 4096), changed]));
    for (const { parsed } of items) assert.ok('fields' in parsed || parsed.reason !== '');
  }
});

test('bytes of real records that were flipped never throw', skipWithoutShared, () => {
  const file = readFileSync(sharedPath('formats/evtx/Security_short_selected.evtx')).subarray(0, 4096 + 9000);
  const below = seeded(8);
  for (let input = 0, all = fuzzInputs({ oneIn: 10 }); input < all; input += 1) {
    const copy = Buffer.from(file);
    for (let flips = below(8); flips >= 0; flips -= 1) copy[4096 + below(9000)] = below(256);
    assert.ok(readAll(copy).length > 0);
  }
});
