import { hash } from 'node:crypto';
import { PARTS, type Part } from '../types.ts';
import { TlogError, malformed } from './errors.ts';
import { HASH_BYTES } from './hash.ts';

const LEAF_VERSION = 1;

/** `u8 version ‖ u32 class_uid ‖ u48 receive minute ‖ u32 key epoch ‖ commitment[32]`, big-endian. */
export const LEAF_BYTES = 47;

export const SALT_BYTES = 16;

const MINUTE_MS = 60_000;
const U32_MAX = 2 ** 32 - 1;
const U48_MAX = 2 ** 48 - 1;

const CLASS_AT = 1;
const TIME_AT = 5;
const EPOCH_AT = 11;
const COMMITMENT_AT = 15;

const PART_DOMAIN = 0x00;
const COMMITMENT_DOMAIN = 0x01;

/** An entry of the log: nothing in it tells of a person. */
export interface Leaf {
  /** OCSF class, 0 for a Base Event. */
  classUid: number;
  /** Receive time in ms since the epoch, rounded down to the minute: finer time would tell entries of one moment apart. */
  receivedMs: number;
  /** Which key the body is sealed under. */
  keyEpoch: number;
  /** 32 bytes, from `commitment`. */
  commitment: Buffer;
}

/**
 * The 47 bytes of a leaf; `receivedMs` is rounded down to the minute here.
 * @throws {TlogError} `limit` for a field outside its width.
 */
export function encodeLeaf(leaf: Omit<Leaf, 'commitment'> & { commitment: Uint8Array }): Buffer {
  const { classUid, receivedMs, keyEpoch, commitment } = leaf;
  if (!isWithin(classUid, U32_MAX) || !isWithin(keyEpoch, U32_MAX) || !isWithin(Math.floor(receivedMs), U48_MAX)) {
    throw new TlogError('limit', 'a field of a leaf is outside its width');
  }
  if (commitment.length !== HASH_BYTES) throw malformed('a commitment has 32 bytes');
  const out = Buffer.allocUnsafe(LEAF_BYTES);
  out.writeUInt8(LEAF_VERSION, 0);
  out.writeUInt32BE(classUid, CLASS_AT);
  out.writeUIntBE(Math.floor(receivedMs / MINUTE_MS) * MINUTE_MS, TIME_AT, 6);
  out.writeUInt32BE(keyEpoch, EPOCH_AT);
  out.set(commitment, COMMITMENT_AT);
  return out;
}

/**
 * Reads a leaf.
 * @throws {TlogError} `malformed` for another length, another version or a time that is no whole minute.
 */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  if (bytes.length !== LEAF_BYTES) throw malformed(`a leaf has ${LEAF_BYTES} bytes`);
  const leaf = Buffer.from(bytes);
  const version = leaf.readUInt8(0);
  if (version !== LEAF_VERSION) {
    throw new TlogError('malformed', `leaf version ${version} is not known`, {
      advice: 'use a newer wardkeep to read this entry',
    });
  }
  const receivedMs = leaf.readUIntBE(TIME_AT, 6);
  if (receivedMs % MINUTE_MS !== 0) throw malformed('the time of a leaf is not a whole minute');
  return {
    classUid: leaf.readUInt32BE(CLASS_AT),
    receivedMs,
    keyEpoch: leaf.readUInt32BE(EPOCH_AT),
    commitment: leaf.subarray(COMMITMENT_AT),
  };
}

/** The number of a part in its hash: 0 normal, 1 raw, 2 patient. */
function partNumber(part: Part): number {
  return PARTS.indexOf(part);
}

/**
 * SHA-256(0x00 ‖ u8 part ‖ salt[16] ‖ bytes).
 * @throws {TlogError} `malformed` for a salt of another length.
 */
export function partHash(part: Part, salt: Uint8Array, bytes: Uint8Array): Buffer {
  if (salt.length !== SALT_BYTES) throw malformed(`a salt has ${SALT_BYTES} bytes`);
  const message = Buffer.allocUnsafe(2 + SALT_BYTES + bytes.length);
  message[0] = PART_DOMAIN;
  message[1] = partNumber(part);
  message.set(salt, 2);
  message.set(bytes, 2 + SALT_BYTES);
  return Buffer.from(hash('sha256', message, 'binary'), 'latin1');
}

/**
 * SHA-256(0x01 ‖ part hashes), the parts in their fixed order normal, raw, patient.
 * @throws {TlogError} `malformed` when it is not three hashes of 32 bytes.
 */
export function commitment(partHashes: readonly Uint8Array[]): Buffer {
  if (partHashes.length !== PARTS.length || partHashes.some((part) => part.length !== HASH_BYTES)) {
    throw malformed(`a commitment covers ${PARTS.length} part hashes of 32 bytes`);
  }
  const message = Buffer.concat([Uint8Array.of(COMMITMENT_DOMAIN), ...partHashes]);
  return Buffer.from(hash('sha256', message, 'binary'), 'latin1');
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
