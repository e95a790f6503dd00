import { createPrivateKey, type KeyObject } from 'node:crypto';
import { TlogError } from '../../src/ledger/tlog/errors.ts';
import { hashTree } from '../../src/ledger/tlog/hash.ts';
import { type KeyKind, type VerifierKey, parseVkey } from '../../src/ledger/tlog/keys.ts';
import type { ReadTile } from '../../src/ledger/tlog/prove.ts';
import { type NoteSigner, createNoteSigner } from '../../src/ledger/tlog/signature.ts';

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ML_DSA_44_PKCS8 = Buffer.from('3034020100300b060960864801650304031104228020', 'hex');

/** A private key from a 32-byte seed; for tests alone. */
export function privateKeyOf(kind: KeyKind, seed: Uint8Array): KeyObject {
  const header = kind === 'ml-dsa-44-cosignature' ? ML_DSA_44_PKCS8 : ED25519_PKCS8;
  return createPrivateKey({ key: Buffer.concat([header, seed]), format: 'der', type: 'pkcs8' });
}

/** A signer and its verifier key; another seed gives another key. */
export function testSigner(name: string, kind: KeyKind, seed: number): { signer: NoteSigner; key: VerifierKey } {
  const signer = createNoteSigner({ name, kind, privateKey: privateKeyOf(kind, Buffer.alloc(32, seed)) });
  return { signer, key: parseVkey(signer.vkey) };
}

/** Reads the tiles of a tree from its leaf hashes, computed level by level as tlog-tiles defines them. */
export function tilesOfLeaves(leafHashes: Buffer): ReadTile {
  const levels = [leafHashes];
  for (let below = leafHashes; below.length >= 8192;) {
    const full = Math.floor(below.length / 8192);
    below = Buffer.concat(Array.from({ length: full }, (_, i) => hashTree(below.subarray(i * 8192, (i + 1) * 8192))));
    levels.push(below);
  }
  return ({ level, index, width }) =>
    (levels[level] ?? Buffer.alloc(0)).subarray(index * 8192, index * 8192 + width * 32);
}

/** What a parser gives, or null when it refuses in its own words; anything else that it throws is a defect. */
export function orRefused<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TlogError) return null;
    throw error;
  }
}
