import { randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';

/** Fills a buffer with random bytes. Passed in where a test must replay a run. */
export type RandomFill = (buffer: Uint8Array) => void;

export const systemRandom: RandomFill = (buffer) => {
  randomFillSync(buffer);
};

/** A UUID of version 7 (RFC 9562 §5.7): sortable by its time in milliseconds, 74 random bits. */
export function uuidv7(clock: Clock = systemClock, random: RandomFill = systemRandom): string {
  const bytes = Buffer.alloc(16);
  random(bytes);
  bytes.writeUIntBE(clock.nowMs(), 0, 6);
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x70;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
