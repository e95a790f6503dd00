import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fuzzInputs } from '../../../../test/support/shared.ts';
import { acknowledgement } from './hl7-ack.ts';
import { MllpFramer } from './mllp-framer.ts';
import { SyslogFramer } from './syslog-framer.ts';

/** Cuts `data` at the given places and gives all frames. */
function framesOf(framer: SyslogFramer | MllpFramer, data: Buffer, cuts: readonly number[]): string[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (data.length + 1)), data.length])].toSorted(
    (a, b) => a - b,
  );
  const frames: string[] = [];
  for (const [n, place] of places.entries()) {
    const { frames: some, isBroken } = framer.push(data.subarray(place, places[n + 1] ?? data.length));
    frames.push(...some.map((one) => one.toString()));
    if (isBroken) frames.push('!');
  }
  const rest = framer.end();
  if (rest !== null) frames.push(rest.toString());
  return frames;
}

const message = fc.string({ maxLength: 60 }).map((text) => `<13>1 - h a - - - ${text.replaceAll(/[\n\r\0]/g, ' ')}x`);

test('octet-counted and line-fed messages are told apart one by one, wherever the stream is cut', () => {
  const one = fc.record({ text: message, isCounted: fc.boolean() });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 10 }), fc.array(fc.nat()), (all, cuts) => {
      const wire = all.map(({ text, isCounted }) => (isCounted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`));
      assert.deepEqual(
        framesOf(new SyslogFramer(), Buffer.from(wire.join('')), cuts),
        all.map(({ text }) => text),
      );
    }),
  );
});

test('a message inside a counted frame keeps its line feeds; one without an end comes when the sender closes', () => {
  const wire = Buffer.from('11 <13>a\nb\nc de2 <x\n<14>rest');
  assert.deepEqual(framesOf(new SyslogFramer(), wire, []), ['<13>a\nb\nc d', 'e2 <x', '<14>rest']);
});

test('what is too long breaks the stream behind what came before it', () => {
  const { frames, isBroken } = new SyslogFramer(100).push(Buffer.from('5 <13>a101 <13>'));
  assert.deepEqual(frames.map(String), ['<13>a']);
  assert.ok(isBroken);
  assert.ok(new SyslogFramer(100).push(Buffer.alloc(102, 'x')).isBroken);
});

test('MLLP messages are cut wherever the stream is; garbage between them is passed over, up to a limit', () => {
  const text = fc.string({ maxLength: 40 }).map((one) => `MSH|${one.replaceAll('\x0b', ' ').replaceAll('\x1c', ' ')}`);
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), fc.array(fc.nat()), (all, cuts) => {
      const wire = all.map((one) => `\r\n\x0b${one}\x1c\r`).join('what');
      assert.deepEqual(
        framesOf(new MllpFramer(), Buffer.from(wire), cuts),
        all.map((one) => Buffer.from(one).toString()),
      );
    }),
  );
  assert.ok(new MllpFramer().push(Buffer.alloc(5000, 'x')).isBroken);
});

test('a frame that comes a few bytes at a time costs no more than its bytes, and leaves what was cut alone', () => {
  const body = 'x'.repeat(300_000);
  const wires: [SyslogFramer | MllpFramer, string][] = [
    [new SyslogFramer(), `<13>1 ${body}\n<13>1 second\n`],
    [new SyslogFramer(), `300006 <13>1 ${body}12 <13>1 second`],
    [new MllpFramer(), `\v<13>1 ${body}\x1c\r\v<13>1 second\x1c\r`],
  ];
  const counted = { copied: 0 };
  const copy = Buffer.prototype.copy;
  Buffer.prototype.copy = function (...args: Parameters<typeof copy>): number {
    counted.copied += copy.apply(this, args);
    return counted.copied;
  };
  try {
    for (const [framer, wire] of wires) {
      const data = Buffer.from(wire);
      const frames: Buffer[] = [];
      for (let at = 0; at < data.length; at += 7) frames.push(...framer.push(data.subarray(at, at + 7)).frames);
      framer.push(Buffer.alloc(20, 'y'));
      assert.deepEqual(frames.map(String), [`<13>1 ${body}`, '<13>1 second']);
    }
  } finally {
    Buffer.prototype.copy = copy;
  }
  assert.ok(counted.copied < 4 * 3 * body.length, `${counted.copied} bytes were copied`);
});

test('what only parts messages is not kept, however much of it comes', () => {
  const framer = new SyslogFramer(100);
  for (let n = 0; n < 1_000; n += 1) {
    const { frames, isBroken } = framer.push(Buffer.from('\n\r\0'.repeat(50)));
    assert.deepEqual([frames.length, isBroken], [0, false]);
  }
  assert.deepEqual(framer.push(Buffer.from('\n<13>x\n\n')).frames.map(String), ['<13>x']);
  assert.equal(framer.end(), null);
});

test('an acknowledgement goes back to the sender under its own separators', () => {
  const hl7 = Buffer.from('MSH#^~\\&#A#B#C#D#2026##ADT^A01#42#P#2.5\rPID#1\r');
  const ack = acknowledgement(hl7, { code: 'AA', text: '', nowMs: Date.UTC(2026, 10, 24, 12), id: '7' }).toString();
  assert.equal(ack, '\x0bMSH#^~\\&#C#D#A#B#20261124120000##ACK^A01#7#P#2.5\rMSA#AA#42\r\x1c\r');
});

test('no bytes make a framer or an acknowledgement fail, or grow beyond their limits', () => {
  const pieces = ['0', '7 <', '12 ', '<13>', '\n', '\r', '\0', '\x0b', '\x1c\r', 'MSH|', 'é', '99999999 <', ' '];
  for (let n = 0, all = fuzzInputs(); n < all; n += 1) {
    const parts = Array.from({ length: n % 30 }, () => pieces[Math.floor(Math.random() * pieces.length)]);
    const data = Buffer.from(parts.join(''));
    const cuts = [Math.floor(Math.random() * 50)];
    for (const framer of [new SyslogFramer(40), new MllpFramer()])
      for (const frame of framesOf(framer, data, cuts)) assert.ok(frame.length <= data.length + 1);
    acknowledgement(data, { code: 'AE', text: 'x', nowMs: 0, id: '1' });
  }
});
