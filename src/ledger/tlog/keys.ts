import { type KeyObject, createPublicKey, hash } from 'node:crypto';
import { TlogError, malformed } from './errors.ts';
import { decodeBase64, isKeyName } from './text.ts';

/**
 * What a key signs and how (signed-note, tlog-cosignature): `ed25519` a note's text; the two cosignatures a
 * checkpoint together with a time.
 */
export type KeyKind = 'ed25519' | 'ed25519-cosignature' | 'ml-dsa-44-cosignature';

interface KindShape {
  /** Signature type identifier byte. */
  type: number;
  keyBytes: number;
  /** Bytes of a signature line behind its key id. */
  blobBytes: number;
  /** What `KeyObject.asymmetricKeyType` says. */
  algorithm: 'ed25519' | 'ml-dsa-44';
  /** DER that stands before the raw key in its SPKI form. */
  spkiHeader: Buffer;
}

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const ML_DSA_44_SPKI = Buffer.from('30820532300b06096086480165030403110382052100', 'hex');

const KINDS: Record<KeyKind, KindShape> = {
  ed25519: { type: 0x01, keyBytes: 32, blobBytes: 64, algorithm: 'ed25519', spkiHeader: ED25519_SPKI },
  'ed25519-cosignature': { type: 0x04, keyBytes: 32, blobBytes: 72, algorithm: 'ed25519', spkiHeader: ED25519_SPKI },
  'ml-dsa-44-cosignature': {
    type: 0x06,
    keyBytes: 1312,
    blobBytes: 2428,
    algorithm: 'ml-dsa-44',
    spkiHeader: ML_DSA_44_SPKI,
  },
};

/** Longest vkey that is read, characters: an ML-DSA-44 one is about 1,800 with its name. */
const VKEY_CHARS_MAX = 4_096;

/** A key that somebody decided to trust, under the name that its signature lines carry. */
export interface VerifierKey {
  name: string;
  kind: KeyKind;
  /** 8 hex digits, the first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key). */
  keyId: string;
  /** Raw: 32 bytes (Ed25519) or 1,312 (ML-DSA-44). */
  publicKey: Buffer;
  keyObject: KeyObject;
  /** `<name>+<keyId>+base64(type ‖ key)`. */
  vkey: string;
}

/** Bytes behind the key id in a signature line of this kind: for the cosignatures 8 of time and the signature. */
export function blobBytes(kind: KeyKind): number {
  return KINDS[kind].blobBytes;
}

/**
 * A verifier key from its raw public key.
 * @throws {TlogError} `malformed` for a name that a note may not carry or a key of another length.
 */
export function verifierKey({
  name,
  kind,
  publicKey,
}: {
  name: string;
  kind: KeyKind;
  publicKey: Uint8Array;
}): VerifierKey {
  const { type, keyBytes, spkiHeader, algorithm } = KINDS[kind];
  if (!isKeyName(name)) throw malformed('the name of a key is empty or holds a space, a plus or a control character');
  if (publicKey.length !== keyBytes) throw malformed(`a public key of this kind has ${keyBytes} bytes`);
  const raw = Buffer.from(publicKey);
  const typed = Buffer.concat([Uint8Array.of(type), raw]);
  const keyId = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'hex').slice(0, 8);
  const keyObject = importPublicKey(Buffer.concat([spkiHeader, raw]), algorithm);
  return { name, kind, keyId, publicKey: raw, keyObject, vkey: `${name}+${keyId}+${typed.toString('base64')}` };
}

/**
 * The verifier key that belongs to a private (or public) key of `node:crypto`.
 * @throws {TlogError} `unsupported_key` when the key's algorithm is not the one of `kind`.
 */
export function verifierKeyOf({ name, kind, key }: { name: string; kind: KeyKind; key: KeyObject }): VerifierKey {
  const { algorithm, spkiHeader } = KINDS[kind];
  if (key.asymmetricKeyType !== algorithm) throw new TlogError('unsupported_key', `the key is not an ${algorithm} key`);
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });
  return verifierKey({ name, kind, publicKey: spki.subarray(spkiHeader.length) });
}

/**
 * Reads a vkey (signed-note). It is cut at its first two plus signs only, since base64 has some of its own.
 * @throws {TlogError} `malformed` for another form or a key id that does not belong to name and key;
 * `unsupported_key` for a signature type other than 01, 04 and 06.
 */
export function parseVkey(vkey: string): VerifierKey {
  if (vkey.length > VKEY_CHARS_MAX) throw new TlogError('limit', 'a verifier key is too long');
  const first = vkey.indexOf('+');
  const second = vkey.indexOf('+', first + 1);
  if (first < 0 || second < 0) throw malformed('a verifier key has three parts joined by plus signs');
  const typed = decodeBase64(vkey.slice(second + 1));
  if (typed === null || typed.length === 0) throw malformed('the key in a verifier key is not base64');
  const kind = kindOfType(typed.readUInt8(0));
  if (kind === null) {
    throw new TlogError('unsupported_key', `signature type ${typed.readUInt8(0)} is not supported`, {
      advice: 'use a verifier key of type 1 (Ed25519), 4 (Ed25519 cosignature) or 6 (ML-DSA-44 cosignature)',
    });
  }
  const key = verifierKey({ name: vkey.slice(0, first), kind, publicKey: typed.subarray(1) });
  if (key.vkey !== vkey) throw malformed('the id in a verifier key does not belong to its name and key');
  return key;
}

function importPublicKey(spki: Buffer, algorithm: string): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new TlogError('unsupported_key', `the ${algorithm} key cannot be used by this Node.js`, {
      cause,
      advice: 'run the Node.js that npm ci brings: its OpenSSL knows ML-DSA-44',
    });
  }
}

function kindOfType(type: number): KeyKind | null {
  for (const kind of ['ed25519', 'ed25519-cosignature', 'ml-dsa-44-cosignature'] as const) {
    if (KINDS[kind].type === type) return kind;
  }
  return null;
}
