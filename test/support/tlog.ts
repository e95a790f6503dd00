import { createPrivateKey, type KeyObject, hash } from 'node:crypto';
import { TlogError } from '../../src/ledger/tlog/errors.ts';
import { formatCheckpoint } from '../../src/ledger/tlog/checkpoint.ts';
import { hashTree, leafHash } from '../../src/ledger/tlog/hash.ts';
import { type KeyKind, type VerifierKey, parseVkey } from '../../src/ledger/tlog/keys.ts';
import { commitment, encodeLeaf, partHash } from '../../src/ledger/tlog/leaf.ts';
import { signNote } from '../../src/ledger/tlog/note.ts';
import { type Openings, encodeOpenings, makeOpenings } from '../../src/ledger/tlog/openings.ts';
import { type ReadTile, inclusionProof } from '../../src/ledger/tlog/prove.ts';
import { compactReceipt, encodeReceipt } from '../../src/ledger/tlog/receipt.ts';
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

/** What the sample receipt's body says; the number is beyond what a double holds exactly. */
export const EVENT: Buffer = Buffer.from(
  '{"class_uid":3002,"time":1767225600000,"serial":9007199254740993,"user":{"name":"nurse.k"}}',
);
/** What arrived; not UTF-8. */
export const RAW: Buffer = Buffer.concat([Buffer.from('login nurse.k '), Uint8Array.of(0xff)]);

/** A part of a body with its salt. */
interface SaltedPart {
  salt: Buffer;
  bytes: Buffer;
}

export interface SampleReceipt {
  receipt: string;
  /** Without the ML-DSA-44 line. */
  compact: string;
  index: number;
  origin: string;
  leafHash: Buffer;
  rawHash: string;
  /** The three parts of the body; `normal` and `raw` are open in `openings`. */
  parts: Record<'normal' | 'raw' | 'patient', SaltedPart>;
  openings: Openings;
  /** The text of an openings file that shows these parts. */
  openingsText(open: readonly ('normal' | 'raw' | 'patient')[]): string;
  /** The log's keys: Ed25519, ML-DSA-44. */
  keys: VerifierKey[];
  logSigners: NoteSigner[];
  witnesses: VerifierKey[];
  /** Trusts both keys and asks for two of the three witnesses. */
  policyText: string;
}

/** A receipt for entry 123 of 300, signed by both keys of the log and three witnesses. */
export function makeSampleReceipt(): SampleReceipt {
  const origin = 'hospital.example/ledger';
  const log = [testSigner(origin, 'ed25519', 1), testSigner(origin, 'ml-dsa-44-cosignature', 2)];
  const witnesses = [3, 4, 5].map((seed) => testSigner(`witness${seed}.example`, 'ed25519-cosignature', seed));
  const parts = {
    normal: { salt: Buffer.alloc(16, 1), bytes: EVENT },
    raw: { salt: Buffer.alloc(16, 2), bytes: RAW },
    patient: { salt: Buffer.alloc(16, 3), bytes: Buffer.alloc(0) },
  };
  const hashes = (['normal', 'raw', 'patient'] as const).map((part) =>
    partHash(part, parts[part].salt, parts[part].bytes),
  );
  const leaf = encodeLeaf({
    classUid: 3002,
    receivedMs: 1_767_225_600_000,
    keyEpoch: 1,
    commitment: commitment(hashes),
  });
  const index = 123;
  const leaves = Buffer.concat(
    Array.from({ length: 300 }, (_, i) => leafHash(i === index ? leaf : Buffer.from(`other ${i}`))),
  );
  const text = formatCheckpoint({ origin, size: 300, root: hashTree(leaves) });
  const logSigners = log.map(({ signer }) => signer);
  const checkpoint = signNote(text, [...logSigners, ...witnesses.map(({ signer }) => signer)], {
    timeMs: 1_767_225_600_000,
  });
  const names = witnesses.map((_, i) => `w${i}`);
  const receipt = encodeReceipt({ leaf, index, hashes: inclusionProof(300, index, tilesOfLeaves(leaves)), checkpoint });
  return {
    receipt,
    compact: compactReceipt(receipt),
    index,
    origin,
    leafHash: leafHash(leaf),
    rawHash: hash('sha256', RAW, 'hex'),
    parts,
    openings: makeOpenings(parts, new Set(['normal', 'raw'])),
    openingsText: (open) => encodeOpenings(makeOpenings(parts, new Set(open))),
    keys: log.map(({ key }) => key),
    logSigners,
    witnesses: witnesses.map(({ key }) => key),
    policyText: [
      ...log.map(({ key }) => `log ${key.vkey}`),
      ...witnesses.map(({ key }, i) => `witness w${i} ${key.vkey}`),
      `group q 2 ${names.join(' ')}`,
      'quorum q',
      '',
    ].join('\n'),
  };
}
