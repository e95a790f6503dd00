import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, RandomFill } from '#kernel';
import { LedgerError } from './errors.ts';
import { readOptional, removeFile, replaceFile } from './files.ts';
import { isRecord, parseJson } from './json.ts';
import { FORMAT_VERSION } from './layout.ts';
import type { SigningGeneration } from './manifest.ts';
import { newerFormat } from './manifest.ts';
import type { MasterKey } from './master-key.ts';
import type { TreeHead } from './publisher.ts';
import { formatCheckpoint, parseCheckpoint } from './tlog/checkpoint.ts';
import type { VerifierKey } from './tlog/keys.ts';
import { TlogError } from './tlog/errors.ts';
import { parseVkey } from './tlog/keys.ts';
import { openNote, signNote } from './tlog/note.ts';
import type { NoteSigner } from './tlog/signature.ts';
import { createNoteSigner } from './tlog/signature.ts';

const SEED_BYTES = 32;
/** PKCS#8 headers before the 32-byte seed (RFC 8410 §7; RFC 9881 §6, seed form). */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ML_DSA_44_PKCS8 = Buffer.from('3034020100300b060960864801650304031104228020', 'hex');
/** Cosignatures carry seconds and refuse 0, which a stopped test clock may give. */
const TIME_MIN_MS = 1_000;

/** The two private keys of one generation: Ed25519 and ML-DSA-44, kept as seeds. */
export interface SigningSeeds {
  ed25519: Buffer;
  mldsa: Buffer;
}

/** Signs checkpoints with both keys of one or more generations. */
export class CheckpointSigner {
  readonly #origin: string;
  readonly #signers: readonly NoteSigner[];
  readonly #clock: Clock;

  constructor(options: { origin: string; seeds: readonly SigningSeeds[]; clock: Clock }) {
    this.#origin = options.origin;
    this.#signers = options.seeds.flatMap((seeds) => signersOf(options.origin, seeds));
    this.#clock = options.clock;
  }

  /** The signed note of a tree head. */
  sign(head: TreeHead): string {
    const text = formatCheckpoint({ origin: this.#origin, size: head.size, root: head.root });
    return signNote(text, this.#signers, { timeMs: Math.max(TIME_MIN_MS, this.#clock.nowMs()) });
  }
}

/** Makes the keys of a generation and stores them under the master key. */
export function createSigningKeys(options: {
  keysDir: string;
  generation: number;
  origin: string;
  master: MasterKey;
  random: RandomFill;
  nowMs: number;
}): { seeds: SigningSeeds; publicKeys: SigningGeneration } {
  const { generation, master, random } = options;
  const both = Buffer.alloc(2 * SEED_BYTES);
  random(both);
  const sealed = master.wrap(purpose(generation), both, random).toString('base64');
  replaceFile(signingFile(options.keysDir, generation), `${JSON.stringify({ format: FORMAT_VERSION, sealed })}\n`);
  const seeds = splitSeeds(both);
  const [ed25519, mldsa] = signersOf(options.origin, seeds);
  const publicKeys = {
    generation,
    ed25519: ed25519.vkey,
    mldsa: mldsa.vkey,
    createdMs: options.nowMs,
    retiredMs: null,
  };
  return { seeds, publicKeys };
}

/**
 * The private keys of a generation.
 * @throws {LedgerError} `corrupt` when they are missing, do not open, or do not belong to the public keys.
 */
export function readSigningKeys(options: {
  keysDir: string;
  origin: string;
  publicKeys: SigningGeneration;
  master: MasterKey;
}): SigningSeeds {
  const { generation } = options.publicKeys;
  const path = signingFile(options.keysDir, generation);
  const both = unwrapSeeds(readOptional(path), { path, generation, master: options.master });
  if (both !== null) {
    const seeds = splitSeeds(both);
    const [ed25519, mldsa] = signersOf(options.origin, seeds);
    if (ed25519.vkey === options.publicKeys.ed25519 && mldsa.vkey === options.publicKeys.mldsa) return seeds;
  }
  throw new LedgerError('corrupt', `the signing keys ${path} cannot be used`, {
    advice: 'restore the keys folder of the data directory from its backup',
  });
}

/** Destroys the private keys of a generation; what they signed stays valid. */
export function destroySigningKeys(keysDir: string, generation: number): void {
  removeFile(signingFile(keysDir, generation));
}

/**
 * The tree head of a checkpoint of this log that carries a valid Ed25519 and a valid ML-DSA-44 signature of
 * its keys, or null.
 */
export function openCheckpoint(
  note: string | Uint8Array,
  trust: { origin: string; keys: readonly VerifierKey[] },
): TreeHead | null {
  const verdict = openNote(note, trust.keys);
  if (verdict.outcome !== 'good') return null;
  const kinds = new Set(verdict.signatures.map((signature) => signature.key.kind));
  if (!kinds.has('ed25519') || !kinds.has('ml-dsa-44-cosignature')) return null;
  try {
    const { origin, size, root, extensions } = parseCheckpoint(verdict.text);
    return origin === trust.origin && extensions.length === 0 ? { size, root } : null;
  } catch {
    return null;
  }
}

/**
 * The public keys of all generations, newest first.
 * @throws {LedgerError} `corrupt` when one of them is none.
 */
export function verifierKeys(signing: readonly SigningGeneration[]): VerifierKey[] {
  try {
    return signing.toReversed().flatMap(({ ed25519, mldsa }) => [parseVkey(ed25519), parseVkey(mldsa)]);
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new LedgerError('corrupt', 'a public key in the manifest cannot be read', {
      cause,
      advice: 'restore ledger/ledger.json from its backup',
    });
  }
}

function signersOf(origin: string, seeds: SigningSeeds): [NoteSigner, NoteSigner] {
  const ed25519 = Buffer.concat([ED25519_PKCS8, seeds.ed25519]);
  const mldsa = Buffer.concat([ML_DSA_44_PKCS8, seeds.mldsa]);
  return [
    createNoteSigner({ name: origin, kind: 'ed25519', privateKey: privateKey(ed25519) }),
    createNoteSigner({ name: origin, kind: 'ml-dsa-44-cosignature', privateKey: privateKey(mldsa) }),
  ];
}

function privateKey(pkcs8: Buffer): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

function splitSeeds(both: Buffer): SigningSeeds {
  return { ed25519: both.subarray(0, SEED_BYTES), mldsa: both.subarray(SEED_BYTES) };
}

function signingFile(keysDir: string, generation: number): string {
  return join(keysDir, `signing-${generation}.json`);
}

function purpose(generation: number): string {
  return `signing/${generation}`;
}

function unwrapSeeds(
  bytes: Buffer | null,
  key: { path: string; generation: number; master: MasterKey },
): Buffer | null {
  const file = bytes === null ? undefined : parseJson(bytes);
  if (!isRecord(file)) return null;
  const { format, sealed } = file;
  if (typeof format === 'number' && format > FORMAT_VERSION) throw newerFormat(key.path, format);
  if (typeof sealed !== 'string') return null;
  const both = key.master.unwrap(purpose(key.generation), Buffer.from(sealed, 'base64'));
  return both?.length === 2 * SEED_BYTES ? both : null;
}
