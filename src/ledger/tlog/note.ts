import { malformed, TlogError } from './errors.ts';
import type { VerifierKey } from './keys.ts';
import { type NoteSigner, verifySignature } from './signature.ts';
import { decodeBase64, decodeNoteText, isKeyName } from './text.ts';

/** Longest note that is read, bytes: 64 signature lines of ML-DSA-44 and their text fit. */
export const NOTE_BYTES_MAX = 512 * 1024;

/** Signature lines of a note; one with more is refused. The specification asks for at least 16. */
const SIGNATURES_MAX = 64;

const SIGNATURE_LINE = /^— (?<name>[^ ]+) (?<blob>[^ ]+)$/;

export interface NoteSignature {
  name: string;
  /** 8 hex digits. */
  keyId: string;
  /** What stands behind the key id. */
  blob: Buffer;
  /** The whole line with its line feed. */
  line: string;
}

export interface Note {
  /** With its last line feed; what the signatures cover. */
  text: string;
  signatures: readonly NoteSignature[];
}

/** A signature of a known key that was verified. */
export interface VerifiedSignature {
  key: VerifierKey;
  /** Seconds since the epoch, where the signature carries a time. */
  timeSeconds: number | null;
}

export type NoteVerdict =
  | { outcome: 'good'; text: string; signatures: readonly VerifiedSignature[]; unknownSignatures: number }
  /** `bad_signature`: a line carries the name and id of a known key and is not its signature. */
  | { outcome: 'bad'; reason: 'malformed' | 'bad_signature'; detail: string }
  /** No line is of a known key: nothing can be said. */
  | { outcome: 'undecidable'; reason: 'no_trusted_key'; detail: string };

/**
 * Splits a signed note (signed-note) without verifying anything: do not use its text before `openNote` said good.
 * @throws {TlogError} `malformed`, or `limit` above `NOTE_BYTES_MAX` or `SIGNATURES_MAX`.
 */
export function parseNote(source: string | Uint8Array): Note {
  if (source.length > NOTE_BYTES_MAX) throw new TlogError('limit', 'a signed note is too long');
  const note = decodeNoteText(source);
  // The text may hold empty lines of its own: the last one ends it.
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw malformed('a signed note has no empty line before its signatures');
  const block = note.slice(split + 2);
  if (block === '' || !block.endsWith('\n')) throw malformed('a signed note ends in a signature line');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > SIGNATURES_MAX)
    throw new TlogError('limit', `a signed note has more than ${SIGNATURES_MAX} signatures`);
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/**
 * Reads signature lines alone, as a witness answers them.
 * @throws {TlogError} as `parseNote`.
 */
export function parseSignatureLines(block: string | Uint8Array): readonly NoteSignature[] {
  const note = parseNote(`-\n\n${decodeNoteText(block)}`);
  if (note.text !== '-\n') throw malformed('there is an empty line among signature lines');
  return note.signatures;
}

/**
 * Verifies a note against the keys that the caller trusts. Lines of unknown keys are ignored, also when they share
 * the name or the id (not both) of a known one; a known key's line that does not verify makes the whole note bad.
 * Never throws.
 */
export function openNote(source: string | Uint8Array, keys: readonly VerifierKey[]): NoteVerdict {
  let note: Note;
  try {
    note = parseNote(source);
  } catch (error) {
    if (error instanceof TlogError) return { outcome: 'bad', reason: 'malformed', detail: error.message };
    throw error;
  }
  const verified = new Map<string, VerifiedSignature>();
  let unknownSignatures = 0;
  for (const signature of note.signatures) {
    const candidates = keys.filter((key) => key.name === signature.name && key.keyId === signature.keyId);
    if (candidates.length === 0) {
      unknownSignatures += 1;
      continue;
    }
    const found = firstValid(candidates, note.text, signature.blob);
    if (found === null) {
      return { outcome: 'bad', reason: 'bad_signature', detail: `the signature of ${signature.name} does not verify` };
    }
    if (!verified.has(found.key.vkey)) verified.set(found.key.vkey, found);
  }
  if (verified.size === 0) {
    return { outcome: 'undecidable', reason: 'no_trusted_key', detail: 'no signature is of a key that you trust' };
  }
  return { outcome: 'good', text: note.text, signatures: [...verified.values()], unknownSignatures };
}

/**
 * The signed note over `text`, which ends in a line feed. `timeMs` goes into the signatures that carry a time.
 * @throws {TlogError} `malformed` when the text cannot be a note's or there is no signer.
 */
export function signNote(text: string, signers: readonly NoteSigner[], options: { timeMs?: number } = {}): string {
  if (!decodeNoteText(text).endsWith('\n')) throw malformed('the text of a note ends in a line feed');
  if (signers.length === 0) throw malformed('a signed note has at least one signature');
  return `${text}\n${signers.map((signer) => signer.sign(text, options)).join('')}`;
}

/** A note from its text and signature lines (each with its line feed). */
export function joinNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.join('')}`;
}

function firstValid(keys: readonly VerifierKey[], text: string, blob: Buffer): VerifiedSignature | null {
  for (const key of keys) {
    const { valid, timeSeconds } = verifySignature(key, text, blob);
    if (valid) return { key, timeSeconds };
  }
  return null;
}

function parseSignatureLine(line: string): NoteSignature {
  const groups = SIGNATURE_LINE.exec(line)?.groups;
  const name = groups?.['name'] ?? '';
  const bytes = decodeBase64(groups?.['blob'] ?? '');
  if (!isKeyName(name) || bytes === null || bytes.length <= 4)
    throw malformed('a signature line of a note is malformed');
  return { name, keyId: bytes.toString('hex', 0, 4), blob: bytes.subarray(4), line: `${line}\n` };
}
