import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { type TreeHead, parseCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { type KeyKind, type VerifierKey, blobBytes, verifierKeyOf } from './keys.ts';

/** Latest time that a cosignature may carry, seconds (tlog-cosignature). */
const TIME_MAX = 2n ** 63n - 1n;

const TIME_BYTES = 8;

/** Longest origin or cosigner name in an ML-DSA-44 cosignature, bytes of UTF-8. */
const NAME_BYTES_MAX = 255;

const SUBTREE_LABEL = Buffer.from('subtree/v1\n\0', 'latin1');

/** Signs notes with one private key. */
export interface NoteSigner {
  name: string;
  kind: KeyKind;
  /** 8 hex digits. */
  keyId: string;
  /** The public half, for policies. */
  vkey: string;
  /**
   * A signature line over a note's text, with its line feed. `timeMs` (ms since the epoch, cut to seconds) stands in
   * the two cosignature kinds and is needed there; plain Ed25519 has no place for it.
   * @throws {TlogError} `malformed` when a cosignature kind meets a text that is not a checkpoint, or no time.
   */
  sign(text: string, options?: { timeMs?: number }): string;
}

/**
 * A signer under `name`. Our log signs each checkpoint twice under its origin: with `ed25519` (type 01, which
 * tlog-tiles demands of a log that meets the witness network) and with `ml-dsa-44-cosignature` (type 06). There is no
 * plain ML-DSA note type: tlog-checkpoint asks logs to sign by the ML-DSA-44 cosignature, as their own first cosigner.
 * @throws {TlogError} `unsupported_key` when the key's algorithm is not the one of `kind`, `malformed` for a bad name.
 */
export function createNoteSigner(options: { name: string; kind: KeyKind; privateKey: KeyObject }): NoteSigner {
  const { name, kind, privateKey } = options;
  if (privateKey.type !== 'private') throw new TlogError('unsupported_key', 'a signer needs a private key');
  const { keyId, vkey } = verifierKeyOf({ name, kind, key: privateKey });
  return {
    name,
    kind,
    keyId,
    vkey,
    sign(text, { timeMs } = {}) {
      const blob = kind === 'ed25519' ? signBytes(null, Buffer.from(text), privateKey) : cosign(text, timeMs);
      return `— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), blob]).toString('base64')}\n`;
    },
  };

  function cosign(text: string, timeMs: number | undefined): Buffer {
    const head = parseCheckpoint(text);
    if (timeMs === undefined || !(timeMs >= 1000))
      throw new TlogError('malformed', 'a cosignature of a checkpoint carries a time');
    const time = BigInt(Math.floor(timeMs / 1000));
    const signature = signBytes(null, cosignedMessage({ kind, name, time, text, head }), privateKey);
    return Buffer.concat([u64(time), signature]);
  }
}

/** What a verified signature line says. */
export interface SignatureVerdict {
  valid: boolean;
  /** Seconds since the epoch of a valid cosignature; null for plain Ed25519, and where nothing was verified. */
  timeSeconds: number | null;
}

const INVALID: SignatureVerdict = { valid: false, timeSeconds: null };

/** Whether `blob` (a signature line's bytes behind the key id) is the key's signature over the note's text. Never throws. */
export function verifySignature(key: VerifierKey, text: string, blob: Buffer): SignatureVerdict {
  if (blob.length !== blobBytes(key.kind)) return INVALID;
  if (key.kind === 'ed25519') {
    return { valid: verifyBytes(null, Buffer.from(text), key.keyObject, blob), timeSeconds: null };
  }
  const time = blob.readBigUInt64BE(0);
  const head = checkpointOrNull(text);
  if (head === null || time > TIME_MAX) return INVALID;
  const message = cosignedMessage({ kind: key.kind, name: key.name, time, text, head });
  const valid = verifyBytes(null, message, key.keyObject, blob.subarray(TIME_BYTES));
  return valid ? { valid, timeSeconds: Number(time) } : INVALID;
}

interface Cosigned {
  kind: KeyKind;
  name: string;
  time: bigint;
  text: string;
  head: TreeHead;
}

function cosignedMessage({ kind, name, time, text, head }: Cosigned): Buffer {
  if (kind === 'ed25519-cosignature') return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
  return subtreeMessage({ name, time, origin: head.origin, start: 0, end: head.size, hash: head.root });
}

export interface SubtreeStatement {
  /** The cosigner's. */
  name: string;
  /** Seconds; 0 when no statement is made about time, as it must be where `start` is not 0. */
  time: bigint;
  origin: string;
  start: number;
  end: number;
  /** 32 bytes. */
  hash: Uint8Array;
}

/**
 * The bytes that an ML-DSA-44 cosignature signs (tlog-cosignature, `cosigned_message`).
 * @throws {TlogError} `limit` when a name is empty or longer than 255 bytes.
 */
export function subtreeMessage({ name, time, origin, start, end, hash }: SubtreeStatement): Buffer {
  return Buffer.concat([
    SUBTREE_LABEL,
    prefixed(name),
    u64(time),
    prefixed(origin),
    u64(BigInt(start)),
    u64(BigInt(end)),
    hash,
  ]);
}

function prefixed(name: string): Buffer {
  const bytes = Buffer.from(name);
  if (bytes.length === 0 || bytes.length > NAME_BYTES_MAX) {
    throw new TlogError('limit', 'an origin or cosigner name has 1 to 255 bytes under an ml-dsa-44 signature');
  }
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

function u64(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(value);
  return out;
}

function checkpointOrNull(text: string): TreeHead | null {
  try {
    const head = parseCheckpoint(text);
    return Buffer.byteLength(head.origin) > NAME_BYTES_MAX ? null : head;
  } catch (error) {
    if (error instanceof TlogError) return null;
    throw error;
  }
}
