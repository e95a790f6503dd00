import { malformed } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { isSize, parseSize } from './sizes.ts';
import { decodeBase64Of, decodeNoteText, encodeBase64 } from './text.ts';

/** Extension lines that a parser takes; a checkpoint with more is refused. */
const EXTENSION_LINES_MAX = 64;

/** A tree head (tlog-checkpoint). */
export interface TreeHead {
  /** The log's identity; compared as a whole string. */
  origin: string;
  /** Leaves. */
  size: number;
  /** 32 bytes. */
  root: Buffer;
}

export interface Checkpoint extends TreeHead {
  /** Opaque lines behind the root. Our log writes none: ML-DSA-44 signatures do not cover them. */
  extensions: readonly string[];
}

/**
 * The note text of a checkpoint without extension lines, with its last line feed.
 * @throws {TlogError} `malformed` when the origin is empty or has a line break, or the size or root is not one.
 */
export function formatCheckpoint({ origin, size, root }: { origin: string; size: number; root: Uint8Array }): string {
  if (origin === '' || origin.includes('\n')) throw malformed('the origin of a log is one line that is not empty');
  if (!isSize(size)) throw malformed('the size of a tree is a whole number below 2^53');
  if (root.length !== HASH_BYTES) throw malformed('the root of a tree has 32 bytes');
  return decodeNoteText(`${origin}\n${size}\n${encodeBase64(root)}\n`);
}

/**
 * Reads the text of a checkpoint note (not the signature lines; see `openNote`).
 * @throws {TlogError} `malformed`, or `limit` for a size above 2^53 - 1 or too many extension lines.
 */
export function parseCheckpoint(noteText: string | Uint8Array): Checkpoint {
  const text = decodeNoteText(noteText);
  if (!text.endsWith('\n')) throw malformed('a checkpoint ends in a line feed');
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || origin === '') throw malformed('a checkpoint starts with its origin');
  if (size === undefined || root === undefined) throw malformed('a checkpoint has at least three lines');
  const hash = decodeBase64Of(root, HASH_BYTES);
  if (hash === null) throw malformed('the root of a checkpoint is not the base64 of 32 bytes');
  if (extensions.length > EXTENSION_LINES_MAX) throw malformed('a checkpoint has too many extension lines');
  if (extensions.includes('')) throw malformed('an extension line of a checkpoint is empty');
  return { origin, size: parseSize(size, 'the size of a checkpoint'), root: hash, extensions };
}
