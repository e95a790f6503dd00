import { MIB } from '#kernel';
import { PARTS, type Part } from '../types.ts';
import { TlogError, malformed } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { SALT_BYTES, commitment, partHash } from './leaf.ts';
import { RECEIPT_SUFFIX } from './receipt.ts';
import { decodeBase64, decodeBase64Of, encodeBase64 } from './text.ts';

/** First member of an openings file; another one is refused. */
const FORMAT = 'wardkeep-openings/1';

/** Longest openings file, bytes: three parts of the longest record, escaped. */
export const OPENINGS_BYTES_MAX = 128 * MIB;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A part of a body in an openings file: shown with its salt, or kept shut and present by its hash alone. */
type PartOpening = { part: Part; open: true; salt: Buffer; bytes: Buffer } | { part: Part; open: false; hash: Buffer };

/** All parts of one body in their fixed order. */
export type Openings = readonly PartOpening[];

/** Where the openings of a receipt lie: `a.tlog-proof` has them in `a.openings.json`. */
export function openingsPath(receiptPath: string): string {
  const stem = receiptPath.endsWith(RECEIPT_SUFFIX) ? receiptPath.slice(0, -RECEIPT_SUFFIX.length) : receiptPath;
  return `${stem}.openings.json`;
}

/** The openings of a body: the parts in `open` are shown, the others stay shut. */
export function makeOpenings(
  parts: Readonly<Record<Part, { salt: Uint8Array; bytes: Uint8Array }>>,
  open: ReadonlySet<Part>,
): Openings {
  return PARTS.map((part): PartOpening => {
    const { salt, bytes } = parts[part];
    if (!open.has(part)) return { part, open: false, hash: partHash(part, salt, bytes) };
    return { part, open: true, salt: Buffer.from(salt), bytes: Buffer.from(bytes) };
  });
}

/** The commitment that these openings lead to, 32 bytes. */
export function commitmentOf(openings: Openings): Buffer {
  return commitment(openings.map((part) => (part.open ? partHash(part.part, part.salt, part.bytes) : part.hash)));
}

/**
 * The text of an openings file: JSON, a part as `{part, salt, text}` where its bytes are UTF-8, else as
 * `{part, salt, data}`, or as `{part, hash}` where it stays shut; salts, data and hashes in base64.
 */
export function encodeOpenings(openings: Openings): string {
  const parts = openings.map((opening) => {
    if (!opening.open) return { part: opening.part, hash: encodeBase64(opening.hash) };
    const text = textOf(opening.bytes);
    const shown = text === null ? { data: encodeBase64(opening.bytes) } : { text };
    return { part: opening.part, salt: encodeBase64(opening.salt), ...shown };
  });
  return `${JSON.stringify({ format: FORMAT, parts }, null, 2)}\n`;
}

/** Whether a file calls itself an openings file, of whatever version. */
export function looksLikeOpenings(source: Uint8Array): boolean {
  const head = Buffer.from(source.buffer, source.byteOffset, Math.min(source.length, 128)).toString('latin1');
  return /^\s*\{\s*"format"\s*:\s*"wardkeep-openings\//.test(head);
}

/**
 * Reads an openings file; nothing in it is believed before its commitment is compared with a leaf's.
 * @throws {TlogError} `malformed` for anything but the exact form, `limit` above `OPENINGS_BYTES_MAX`.
 */
export function parseOpenings(source: string | Uint8Array): Openings {
  if (source.length > OPENINGS_BYTES_MAX) throw new TlogError('limit', 'an openings file is too long');
  const file = parseObject(source);
  if (file['format'] !== FORMAT) {
    throw new TlogError('malformed', 'the openings file has another format version', {
      advice: 'use the version of wardkeep that wrote it, or a newer one',
    });
  }
  const parts: unknown = file['parts'];
  if (!hasKeys(file, ['format', 'parts']) || !Array.isArray(parts) || parts.length !== PARTS.length) {
    throw malformed(`an openings file has ${PARTS.length} parts`);
  }
  return PARTS.map((part, i) => parsePart(parts[i], part));
}

function parsePart(value: unknown, part: Part): PartOpening {
  if (!isObject(value) || value['part'] !== part) throw malformed(`the openings file has no part ${part} in its place`);
  if (hasKeys(value, ['part', 'hash'])) return { part, open: false, hash: base64Of(value['hash'], HASH_BYTES) };
  const salt = base64Of(value['salt'], SALT_BYTES);
  const { text, data } = value;
  if (hasKeys(value, ['part', 'salt', 'text']) && typeof text === 'string' && text.isWellFormed()) {
    return { part, open: true, salt, bytes: Buffer.from(text) };
  }
  const bytes = hasKeys(value, ['part', 'salt', 'data']) && typeof data === 'string' ? decodeBase64(data) : null;
  if (bytes === null) throw malformed(`the part ${part} of the openings file is malformed`);
  return { part, open: true, salt, bytes };
}

function base64Of(value: unknown, length: number): Buffer {
  const bytes = typeof value === 'string' ? decodeBase64Of(value, length) : null;
  if (bytes === null) throw malformed(`a salt or hash of the openings file is not the base64 of ${length} bytes`);
  return bytes;
}

function parseObject(source: string | Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(typeof source === 'string' ? source : utf8.decode(source));
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError)
      throw malformed('the openings file is not JSON in UTF-8');
    throw cause;
  }
  if (!isObject(value)) throw malformed('the openings file is not a JSON object');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasKeys(value: Record<string, unknown>, keys: readonly string[]): boolean {
  const present = Object.keys(value);
  return present.length === keys.length && keys.every((key) => present.includes(key));
}

function textOf(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
