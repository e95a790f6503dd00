import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { checkFamilyNeverLoses, checkRecord } from '../../../../test/support/family.ts';
import { mutate, seeded } from '../../../../test/support/mutate.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
import { MemberReader } from '../../read/reader.ts';
import type { NativeFields, NativeRecord } from '../../types.ts';
import { hl7v2 } from './hl7v2.ts';
import {
  fieldsOf as cellsOf,
  HL7_SEGMENTS_MAX,
  isHl7Fault,
  type Hl7Message,
  parseHl7,
  unescapeHl7,
} from './message.ts';

const [family] = hl7v2.families;
assert.ok(family !== undefined);

const ADMIT = [
  'MSH|^~\\&|ADT|NORTH^1.2.3.4^ISO|EHR|NORTH|20260201093000+0100||ADT^A01^ADT_A01|M1|P|2.5.1',
  'EVN|A01|20260201092800+0100|||nurse7|20260201092500+0100',
  'PID|1||4711^^^&1.2.3.9&ISO^MR~9^^^SSA^SS||Muster\\T\\Co^Anna||19800101|F|||Weg 1^^Bern^^3000',
  'NK1|1|Muster^Beat|SPO',
  'PV1|1|I|ICU^12^3^NORTH||||D1^Arzt^Eva~D2^Rat^Urs|D3^Zu^Weiser|||||||||D4^Auf^Nahme||V100',
  'OBX|1|TX|||a secret note',
].join('\r');

function fieldsOf(text: string): NativeFields {
  const parsed = hl7v2.parse(text);
  assert.ok(parsed !== null && 'fields' in parsed, JSON.stringify(parsed));
  return parsed.fields;
}

function messageOf(text: string): Hl7Message {
  const message = parseHl7(text);
  assert.ok(!isHl7Fault(message));
  return message;
}

/** The records and rejections that a file of these bytes gives, read in chunks of `size`. */
function readAll(bytes: Buffer, size = bytes.length) {
  const reader = new MemberReader('m.hl7', bytes.subarray(0, 65_536), { sources: [hl7v2] });
  assert.equal(reader.shape.kind, 'message');
  const items = [];
  for (let at = 0; at < bytes.length; at += size)
    for (const { parsed } of reader.push(bytes.subarray(at, at + size))) items.push(parsed);
  return [...items, ...reader.end().map(({ parsed }) => parsed)];
}

test('an admission says who is in whose care, where and since when', () => {
  const event = checkRecord(family, fieldsOf(ADMIT));
  assert.equal(event.type_uid, 600506);
  assert.equal(event.time, Date.UTC(2026, 1, 1, 8, 25));
  assert.deepEqual(event['patient'], { uid: 'urn:oid:1.2.3.9|4711' });
  assert.deepEqual(event['actor'], { app_name: 'ADT', user: { uid: 'nurse7' } });
  assert.equal(event['encounter_uid'], 'V100');
  const { unmapped } = event;
  assert.equal(unmapped?.['location'], 'ICU');
  assert.equal(unmapped?.['attending'], 'D1');
  assert.deepEqual(unmapped?.['attending_all'], [
    { id: 'D1', name: 'Eva Arzt' },
    { id: 'D2', name: 'Urs Rat' },
  ]);
  assert.deepEqual(unmapped?.['patient_ids'], ['urn:oid:1.2.3.9|4711', 'SSA|9']);
  assert.deepEqual(unmapped?.['kin'], [{ family: 'Muster', given: 'Beat', relation: 'SPO' }]);
  assert.equal(unmapped?.['PID-5.1'], 'Muster&Co');
  assert.ok(!JSON.stringify(event).includes('secret'));
});

test('the time is EVN-6, else EVN-2, else MSH-7; a date alone is no time', () => {
  const without = (...names: string[]) => {
    const fields = fieldsOf(ADMIT);
    for (const name of names) delete fields[name];
    return checkRecord(family, fields);
  };
  assert.equal(without('EVN-6').time, Date.UTC(2026, 1, 1, 8, 28));
  assert.equal(without('EVN-6', 'EVN-2').time, Date.UTC(2026, 1, 1, 8, 30));
  const dated = checkRecord(family, { ...fieldsOf(ADMIT), 'EVN-6': '20260201', 'EVN-2': '20260201', 'MSH-7': '2026' });
  assert.deepEqual(dated.metadata.labels, ['time:received']);
  const zoneless = checkRecord(family, { ...fieldsOf(ADMIT), 'EVN-6': '202602010925' }, { zone: 'Europe/Zurich' });
  assert.equal(zoneless.time, Date.UTC(2026, 1, 1, 8, 25));
  assert.deepEqual(zoneless.metadata.labels, ['time:zone-assumed']);
});

test('a merge names each surviving and prior identity; a moved visit merges nobody', () => {
  const merge = 'MSH|^~\\&|A|B|C|D|20260101101010||ADT^A40|1|P|2.5\rPID|||1^^^H\rMRG|2^^^H\rPID|||3^^^H\rMRG|4^^^H';
  const fields = fieldsOf(merge);
  assert.equal(fields['merged_patient_id'], '2');
  assert.deepEqual(fields['merges'], [
    { patient: 'H|1', prior: 'H|2' },
    { patient: 'H|3', prior: 'H|4' },
  ]);
  assert.equal(fieldsOf(merge.replaceAll('MRG|', 'MRG|||'))['merges'], undefined);
});

test('orders name who ordered, appointments who will see the patient and when', () => {
  const head = 'MSH|^~\\&|A|B|C|D|20260101101010||';
  const order = fieldsOf(`${head}ORM^O01|1|P|2.5\rPID|||1^^^H\rORC|NW|P1|F1|||||||||D9^Be^Steller\rOBR|1|P1|F1`);
  assert.deepEqual([order['orders'], order['ordering']], [['P1', 'F1'], [{ id: 'D9', name: 'Steller Be' }]]);
  assert.equal(checkRecord(family, order).activity_id, 6);
  const booked = fieldsOf(`${head}SIU^S12|1|P|2.5\rSCH|1||||||||||^^^202603010900+0000\rPID|||1\rAIP|1||D5^Seh^Er`);
  assert.deepEqual(
    [booked['appointment_start'], booked['resources']],
    ['202603010900+0000', [{ id: 'D5', name: 'Er Seh' }]],
  );
});

test('a message that names no receiving application becomes a base event with its facts', () => {
  const event = checkRecord(family, fieldsOf(ADMIT.replace('|EHR|', '||')));
  assert.equal(event.class_uid, 0);
  assert.ok(event.metadata.labels?.includes('class:6005'));
  assert.equal(event.unmapped?.['patient_id'], '4711');
});

test('delimiters are those of MSH, whatever they are', () => {
  const odd = 'MSH#*+!:#APP#FAC#EHR#FAC#20260101101010##ADT*A01#1#P#2.5\nPID###7*****+8##A!S!B';
  assert.equal(fieldsOf(odd)['patient_id'], '7');
  assert.equal(fieldsOf(odd)['PID-5.1'], 'A*B');
  assert.equal(fieldsOf('MSH|^~\\\\&|A|B|C|D|20260101101010||ADT^A01|1|P|2.6')['trigger'], 'A01');
});

for (const [name, text] of [
  ['no MSH', 'PID|1||4711'],
  ['letters as delimiters', 'MSHabcdefgh'],
  ['one delimiter for two things', 'MSH|^^\\&|A'],
  ['nothing behind MSH', 'MSH'],
  ['no encoding characters', 'MSH||A'],
] as const)
  test(`refused: ${name}`, () => {
    const parsed = hl7v2.parse(text);
    assert.ok(parsed !== null && 'reject' in parsed);
    assert.equal(parsed.reject, 'bad_hl7');
  });

test('escapes are resolved once, unknown ones stay', () => {
  const { delimiters } = messageOf(ADMIT);
  assert.equal(unescapeHl7('a\\F\\b\\S\\c\\R\\d\\E\\T\\', delimiters), 'a|b^c~d\\T\\');
  assert.equal(unescapeHl7('\\X41420a\\ \\.br\\ \\H\\ \\', delimiters), 'AB\n \n \\H\\ \\');
});

test('a text keeps its words when escaped and unescaped', () => {
  const { delimiters } = messageOf(ADMIT);
  const codes = new Map([
    ['|', 'F'],
    ['^', 'S'],
    ['&', 'T'],
    ['~', 'R'],
    ['\\', 'E'],
  ]);
  const escaped = (text: string) =>
    text
      .split('')
      .map((char) => (codes.has(char) ? `\\${codes.get(char)}\\` : char))
      .join('');
  fc.assert(fc.property(fc.string(), (text) => assert.equal(unescapeHl7(escaped(text), delimiters), text)));
});

test('files, batches and MLLP frames give each message once, wherever the chunks are cut', () => {
  const lf = ADMIT.replaceAll('\r', '\n');
  const crlf = ADMIT.replaceAll('\r', '\r\n');
  const streams = [
    `\ufeff${lf}\n${lf}`,
    `${crlf}\r\n\r\n${crlf}\r\n`,
    `\v${ADMIT}\r\x1c\r\v${ADMIT}\r\x1c\r`,
    `FHS|^~\\&|A\rBHS|^~\\&|A\r${ADMIT}\r${ADMIT}\rBTS|2\rFTS|1`,
  ];
  for (const stream of streams)
    for (const size of [7, 100, 10_000]) {
      const read = readAll(Buffer.from(stream), size);
      assert.equal(read.length, 2, JSON.stringify(read).slice(0, 300));
      for (const one of read) assert.deepEqual('fields' in one && one.fields, fieldsOf(ADMIT));
    }
});

test('what stands between or in front of messages is not passed over in silence', () => {
  const message = `${ADMIT}\r`;
  assert.deepEqual(hl7v2.starts(`garbage\r${message}`), [0, 8]);
  const parsed = hl7v2.parse('garbage\r');
  assert.ok(parsed !== null && 'reject' in parsed);
});

test('huge messages stay within their limits', () => {
  const repeated = ADMIT.replace('4711^^^', `${'4711^^^&1.2.3.9&ISO~'.repeat(100_000)}4711^^^`);
  assert.equal((fieldsOf(repeated)['patient_ids'] as unknown[]).length, 200);
  assert.equal(parseHl7(`${ADMIT}${'\rZZZ|1'.repeat(HL7_SEGMENTS_MAX)}`), 'too_many_segments');
  assert.ok(!isHl7Fault(parseHl7(`${ADMIT}${'\rbroken text'.repeat(200_000)}`)));
  assert.ok(!isHl7Fault(parseHl7(`${ADMIT}${'\\'.repeat(1_000_000)}`)));
});

/** A second splitter, one character at a time and without any of the first one's code. */
function splitPlainly(text: string): string[][][][] {
  const start = text.indexOf('MSH');
  const [field = '', component = '', repetition = ''] = text.slice(start + 3, start + 6);
  const segments: string[][][][] = [];
  for (const line of text.slice(start).split(/\r\n|\r|\n/)) {
    if (line.trim() === '') continue;
    const fields: string[][][] = [[['']]];
    for (const char of line) {
      const reps = fields.at(-1) as string[][];
      const comps = reps.at(-1) as string[];
      if (char === field) fields.push([['']]);
      else if (char === repetition) reps.push(['']);
      else if (char === component) comps.push('');
      else comps[comps.length - 1] += char;
    }
    segments.push(fields);
  }
  return segments;
}

function samples(): Buffer[] {
  const folder = sharedPath('formats/hl7v2/');
  return readdirSync(folder).map((name) => readFileSync(folder + name));
}

test('the public messages are split as a second splitter splits them', skipWithoutShared, () => {
  let compared = 0;
  for (const bytes of samples()) {
    const text = bytes.toString('utf8');
    const message = messageOf(text);
    const plain = splitPlainly(text).filter(([name]) => /^[A-Z][A-Z0-9]{2}$/.test(name?.[0]?.[0] ?? ''));
    assert.equal(message.segments.length, plain.length);
    for (const [index, segment] of message.segments.entries()) {
      const expected = plain[index] ?? [];
      assert.equal(segment.name, expected[0]?.[0]?.[0]);
      // MSH counts its separator as a field, and its second one holds the delimiters themselves.
      const from = segment.name === 'MSH' ? 3 : 1;
      const shift = segment.name === 'MSH' ? 1 : 0;
      for (let number = from; number < cellsOf(message, segment).length; number += 1) {
        const field = cellsOf(message, segment)[number] ?? '';
        if (field.includes('\n')) continue;
        const { repetition, component } = message.delimiters;
        assert.deepEqual(
          field.split(repetition).map((one) => one.split(component)),
          expected[number - shift],
        );
        compared += 1;
      }
    }
  }
  assert.ok(compared > 20_000, String(compared));
});

function publicRecords(): NativeRecord[] {
  return samples().flatMap((bytes) =>
    readAll(bytes).map((parsed) => {
      assert.ok('fields' in parsed, JSON.stringify(parsed));
      return parsed;
    }),
  );
}

test('the public messages are read, valid and lossless', skipWithoutShared, () => {
  const records = publicRecords();
  assert.equal(records.length, 97);
  const events = records.map(({ fields }) => checkRecord(family, fields));
  // Seven name no receiving application or no sender.
  assert.equal(events.filter(({ class_uid: uid }) => uid === 6005).length, 90);
  assert.equal(events.filter(({ metadata }) => metadata.labels?.includes('time:received') === true).length, 0);
  assert.ok(records.filter(({ fields }) => fields['patient_id'] !== undefined).length >= 96);
  checkFamilyNeverLoses(family, records, 300);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'hl7v2', fields: fieldsOf(ADMIT) }]);
});

test('mutated messages are read or refused, never thrown at', skipWithoutShared, () => {
  const below = seeded(7);
  const seeds = samples();
  for (let round = 0, all = fuzzInputs(); round < all; round += 1) {
    const text = mutate(seeds, below).toString('utf8');
    hl7v2.starts(text);
    const parsed = hl7v2.parse(text);
    if (parsed !== null && 'fields' in parsed && round % 20 === 0) checkRecord(family, parsed.fields);
  }
});
