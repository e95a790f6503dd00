import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RECORD_BYTES_MAX } from '#kernel';
import { fuzzInputs, byForm } from '../../../../test/support/shared.ts';
import { hl7v2 } from '../../sources/hl7v2/hl7v2.ts';
import type { Cut, Framer } from './cut.ts';
import { JsonDocumentFramer } from './json-document.ts';
import { LineFramer } from './lines.ts';
import { MessageFramer } from './messages.ts';
import { OctetFramer } from './octets.ts';
import { XmlElementFramer } from './xml-elements.ts';

interface Kind {
  name: string;
  open: (offset?: number, state?: string | null) => Framer;
  /** Pieces of which inputs are made: what the framer is for, and what gets in its way. */
  pieces: readonly string[];
}

const JSON_PIECES = [
  '{"a":1}',
  '{"a":{"b":[1,2,{"c":"}]"}]}}',
  '{"__proto__":{"x":1},"a":2,"a":3}',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  '\\',
  '"\\""',
  '\n',
  '\r\n',
  '  ',
  '{"Records":[',
  ']}',
  'null',
  '12.5',
  ':',
  '"ä€😀"',
  '\u0000',
  '{\n  "n": "x\\\\"\n}',
];

const KINDS: readonly Kind[] = [
  {
    name: 'lines',
    open: (offset, state) => new LineFramer(offset, state),
    pieces: ['a', 'line of text', '\n', '\r\n', '\r', '\n\n', 'ümläut', '😀', '\u0000', '\uFEFF', '{"a":1}', ' '],
  },
  ...([0, 1, 2] as const).map((depth) => ({
    name: `JSON at depth ${depth}`,
    open: (offset?: number, state?: string | null) => new JsonDocumentFramer(depth, offset, state),
    pieces: JSON_PIECES,
  })),
  {
    name: 'XML elements',
    open: (offset, state) => new XmlElementFramer(['Event', 'AuditMessage'], offset, state),
    pieces: [
      '<Event>a</Event>',
      '<Event/>',
      '<Event a="b>c"/>',
      '<ns:Event x="1">ü</ns:Event>',
      '<Event',
      '</Event>',
      '</Event >',
      '<Events>',
      '</Events>',
      '<EventData>d</EventData>',
      '<AuditMessage>m</AuditMessage>',
      '<!-- <Event> -->',
      '<!--',
      '-->',
      'junk',
      '\n',
      ' ',
      '<',
      '>',
      '"',
      '- ',
      '<?xml version="1.0"?>',
      '\uFEFF',
      '<Event><Event>x</Event>',
    ],
  },
  {
    name: 'octet-counted messages',
    open: (offset, state) => new OctetFramer(offset, state),
    pieces: [
      '5 <1>ab',
      '7 <13>ü!',
      '0 ',
      '12 ',
      '999999999 ',
      '\n',
      '\r\n',
      'no count',
      '3 abc',
      ' ',
      '4 a\nb\n',
      '\uFEFF',
    ],
  },
  {
    name: 'HL7 messages',
    open: (offset, state) => new MessageFramer(hl7v2, offset, state),
    pieces: [
      'MSH|^~\\&|A|B\rPID|1\r',
      '\rMSH|^~\\&|C',
      '\nMSH|',
      'MSH',
      '\u000b',
      '\u001c\r',
      'PID|1|ü',
      '\r',
      '\n',
      'junk',
      'BHS|^~\\&|',
      '\uFEFF',
      ' ',
    ],
  },
];

function inputsOf(kind: Kind): fc.Arbitrary<Buffer> {
  const piece = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...kind.pieces).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.constantFrom(Buffer.from('caf\xe9', 'latin1'), Buffer.from([0xff, 0xfe, 0x80])) },
  );
  return fc.array(piece, { maxLength: 24 }).map((pieces) => Buffer.concat(pieces));
}

/** What a cut says, its bytes copied. */
interface Seen {
  offset: number;
  raw: string;
  text: string;
  latin1: boolean;
  problem: string | undefined;
}

function seen({ offset, raw, text, latin1, problem }: Cut): Seen {
  return { offset, raw: raw.toString('hex'), text, latin1: latin1 === true, problem: problem?.reject };
}

function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1);
    chunks.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

function readAll(framer: Framer, chunks: readonly Buffer[]): Seen[] {
  return [...chunks.flatMap((chunk) => framer.push(chunk).map(seen)), ...framer.end().map(seen)];
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

for (const kind of KINDS) {
  test(`${kind.name}: however the bytes are cut into chunks, the records are the same`, () => {
    fc.assert(
      fc.property(inputsOf(kind), sizes, (bytes, some) => {
        const whole = readAll(kind.open(), chunksOf(bytes, []));
        assert.deepEqual(readAll(kind.open(), chunksOf(bytes, some)), whole);
        for (const { offset, raw } of whole)
          assert.equal(bytes.subarray(offset, offset + raw.length / 2).toString('hex'), raw);
      }),
      { numRuns: fuzzInputs({ oneIn: KINDS.length }) },
    );
  });

  test(`${kind.name}: a framer that begins where another stopped gives exactly the rest`, () => {
    fc.assert(
      fc.property(inputsOf(kind), sizes, sizes, (bytes, some, others) => {
        const whole = readAll(kind.open(), chunksOf(bytes, []));
        const framer = kind.open();
        let given = 0;
        for (const chunk of chunksOf(bytes, some)) {
          given += framer.push(chunk).length;
          const { consumed } = framer;
          const rest = readAll(kind.open(consumed, framer.state()), chunksOf(bytes.subarray(consumed), others));
          assert.deepEqual(
            rest,
            whole.slice(given),
            `resumed at ${consumed} of ${JSON.stringify(bytes.toString('latin1'))}`,
          );
        }
      }),
      { numRuns: fuzzInputs({ oneIn: 4 * KINDS.length }) },
    );
  });
}

const MIB = 1024 * 1024;

/** A record of `length` bytes in the form of each kind, with a small one behind it. */
const LONG_RECORDS: Readonly<Record<string, (length: number) => [Buffer, Buffer, Buffer]>> = {
  lines: (length) => [Buffer.alloc(length, 'x'), Buffer.from('\n'), Buffer.from('small\n')],
  'JSON at depth 0': (length) => [
    Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(length - 8, 'x')]),
    Buffer.from('"}'),
    Buffer.from('\n{"b":2}'),
  ],
  'JSON at depth 1': (length) => [
    Buffer.concat([Buffer.from('[{"a":"'), Buffer.alloc(length - 8, 'x')]),
    Buffer.from('"},'),
    Buffer.from('{"b":2}]'),
  ],
  'XML elements': (length) => [
    Buffer.concat([Buffer.from('<Event>'), Buffer.alloc(length - 15, 'x')]),
    Buffer.from('</Event>'),
    Buffer.from('<Event>s</Event>'),
  ],
  'HL7 messages': (length) => [
    Buffer.concat([Buffer.from('MSH|^~\\&|'), Buffer.alloc(length - 9, 'x')]),
    Buffer.from('\r'),
    Buffer.from('MSH|^~\\&|B\r'),
  ],
};

for (const [name, parts] of Object.entries(LONG_RECORDS)) {
  const kind = KINDS.find((one) => one.name === name);
  assert.ok(kind !== undefined);
  test(`${name}: a record beyond the limit is reported once, in whatever chunks it comes, and what follows is read`, () => {
    const bytes = Buffer.concat(parts(RECORD_BYTES_MAX + 3 * MIB));
    const whole = readAll(kind.open(), chunksOf(bytes, []));
    assert.deepEqual(
      whole.map(({ problem }) => problem),
      ['too_long', undefined],
    );
    for (const size of [MIB, 3 * MIB - 7].slice(0, byForm({ quick: 1, ordinary: 2, long: 2 })))
      assert.deepEqual(readAll(kind.open(), chunksOf(bytes, [size])), whole);
  });

  test(`${name}: reading that stops within a record beyond the limit goes on behind it`, () => {
    const bytes = Buffer.concat(parts(RECORD_BYTES_MAX + 3 * MIB));
    const framer = kind.open();
    let given = 0;
    for (const chunk of chunksOf(bytes, [byForm({ quick: 4, ordinary: 1, long: 1 }) * MIB])) {
      given += framer.push(chunk).length;
      const { consumed } = framer;
      const rest = readAll(kind.open(consumed, framer.state()), [bytes.subarray(consumed)]);
      assert.equal(given + rest.length, 2, `resumed at ${consumed}`);
    }
  });

  test(`${name}: a record that never ends takes no more memory than its limit`, () => {
    const chunk = Buffer.alloc(MIB, 'x');
    const count = byForm({ quick: 48, ordinary: 128, long: 2048 });
    const framer = kind.open();
    const cuts = [...framer.push(parts(64)[0])];
    for (let i = 0; i < count; i += 1)
      for (const cut of framer.push(Buffer.from(chunk))) cuts.push({ ...cut, raw: Buffer.from(cut.raw) });
    assert.deepEqual(
      cuts.map(({ problem }) => problem?.reject),
      ['too_long'],
    );
    // What is not consumed is held; all but a record's worth is.
    assert.ok(framer.consumed > (count - RECORD_BYTES_MAX / MIB - 1) * MIB);
  });
}

test('XML elements: many tiny elements, line feeds or comment openings in a row are passed in linear work', () => {
  const tiny = Buffer.from('<Event/>'.repeat(MIB / 8));
  assert.equal(new XmlElementFramer(['Event', 'Absent'], 0).push(tiny).length, MIB / 8);
  for (const filler of ['\n', '<!--', '<', ' - ', '</Event', '"', '<Event ']) {
    const framer = new XmlElementFramer(['Event'], 0);
    for (let i = 0; i < byForm({ quick: 1, ordinary: 4, long: 4 }); i += 1)
      framer.push(Buffer.from(filler.repeat(MIB / filler.length)));
    framer.end();
  }
});
