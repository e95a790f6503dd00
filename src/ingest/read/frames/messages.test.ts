import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { MessageSource } from '../../source.ts';
import { hl7v2 } from '../../sources/hl7v2/hl7v2.ts';
import { Carry } from './carry.ts';
import { MessageFramer } from './messages.ts';

test('a message that comes in many chunks is searched for starts once', () => {
  let searched = 0;
  const counting: MessageSource = {
    ...hl7v2,
    starts(text) {
      searched += text.length;
      return hl7v2.starts(text);
    },
  };
  const message = Buffer.from(`MSH|^~\\&|A|B\r${'OBX|1|TX|||words\r'.repeat(50_000)}`);
  const framer = new MessageFramer(counting);
  const sizes = [];
  for (let at = 0; at < message.length; at += 4096)
    for (const { raw } of framer.push(message.subarray(at, at + 4096))) sizes.push(raw.length);
  for (const { raw } of framer.end()) sizes.push(raw.length);
  assert.deepEqual(sizes, [message.length]);
  assert.ok(searched < message.length * 1.1, `${searched} of ${message.length}`);
});

test('waiting bytes are those added without those let go, and views keep what they showed', () => {
  const step = fc.record({ add: fc.uint8Array({ minLength: 1, maxLength: 40 }), drop: fc.nat({ max: 60 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const carry = new Carry();
      let expected: number[] = [];
      const views: { view: Buffer; shown: number[] }[] = [];
      for (const { add, drop } of steps) {
        carry.append(Buffer.from(add));
        expected.push(...add);
        views.push({ view: carry.bytes, shown: [...expected] });
        const length = Math.min(drop, carry.length);
        carry.drop(length);
        expected = expected.slice(length);
        assert.deepEqual([...carry.bytes], expected);
      }
      for (const { view, shown } of views) assert.deepEqual([...view], shown);
    }),
  );
});
