import { TlogError, malformed } from './errors.ts';

/** Trees grow up to here: sizes and indexes are numbers, and a number is exact below 2^53. */
export const TREE_SIZE_MAX = Number.MAX_SAFE_INTEGER;

/** An inclusion or consistency proof never needs more hashes (tlog-witness allows 63 for any 64-bit size). */
export const PROOF_HASHES_MAX = 63;

const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;

/**
 * A tree size or index in its one decimal form: ASCII digits, no sign, no leading zero.
 * @throws {TlogError} `malformed` for another form, `limit` for one above `TREE_SIZE_MAX`.
 */
export function parseSize(text: string, what: string): number {
  if (!DECIMAL.test(text)) throw malformed(`${what} is not a decimal number without leading zeros`);
  const value = Number(text);
  if (value > TREE_SIZE_MAX) throw new TlogError('limit', `${what} is above 2^53 - 1`);
  return value;
}

/** Whether `value` is a size or index that numbers hold exactly. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** floor(value / 2): `>>` would cut the value to 32 bits. */
export function half(value: number): number {
  return Math.floor(value / 2);
}

/** The largest power of two below `n`; `n` ≥ 2. */
export function splitPoint(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** The smallest power of two that is not below `n`; `n` ≥ 1. */
export function bitCeil(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}
