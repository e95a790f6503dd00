import { concat } from './bytes.ts';

export const HASH_BYTES = 32;

export type Hash = Uint8Array<ArrayBuffer>;

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Hash> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** SHA-256(0x00 ‖ entry) (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array): Promise<Hash> {
  return sha256(concat(Uint8Array.of(0), entry));
}

/** SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Hash> {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** Merkle tree hash over hashes of one height; pairing level by level and lifting an odd last one is the RFC's split. */
export async function hashTree(hashes: readonly Hash[]): Promise<Hash> {
  let level = hashes;
  if (level.length === 0) return sha256(new Uint8Array());
  while (level.length > 1) level = await Promise.all(pairs(level));
  return level[0] as Hash;
}

function pairs(level: readonly Hash[]): Promise<Hash>[] {
  const out: Promise<Hash>[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const left = level[at] as Hash;
    const right = level[at + 1];
    out.push(right === undefined ? Promise.resolve(left) : nodeHash(left, right));
  }
  return out;
}
