import { concat, fromBase64, malformed, parseSize, toHex, utf8 } from './bytes.ts';
import { type Hash, HASH_BYTES, sha256 } from './hash.ts';

/** Longest signed note that is read, characters. */
const NOTE_CHARS_MAX = 512 * 1024;
const SIGNATURES_MAX = 64;
const ED25519 = 0x01;
const SIGNATURE_LINE = /^— ([^ ]+) ([^ ]+)$/;

export interface Checkpoint {
  origin: string;
  size: number;
  root: Hash;
}

export interface SignedNote {
  /** With its last line feed: what the signatures cover. */
  text: string;
  signatures: readonly { name: string; keyId: string; signature: Uint8Array<ArrayBuffer> }[];
  checkpoint: Checkpoint;
}

/** A key that notes are checked with, from its vkey. */
export interface NoteKey {
  name: string;
  keyId: string;
  publicKey: Uint8Array<ArrayBuffer>;
}

/**
 * Splits a signed checkpoint (C2SP signed-note, tlog-checkpoint); nothing is verified yet.
 * @throws {MalformedError}
 */
export function parseCheckpointNote(note: string): SignedNote {
  if (note.length > NOTE_CHARS_MAX) throw malformed('the checkpoint is too long');
  const split = note.lastIndexOf('\n\n');
  const block = note.slice(split + 2);
  if (split < 0 || !block.endsWith('\n')) throw malformed('the checkpoint has no signatures');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) throw malformed('the checkpoint has too many signatures');
  const text = note.slice(0, split + 1);
  return { text, signatures: lines.map(parseSignature), checkpoint: parseCheckpoint(text) };
}

function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...more] = text.slice(0, -1).split('\n');
  if (origin === '') throw malformed('the checkpoint has no origin');
  if (more.length > 0) throw malformed('the checkpoint has lines that not every signature covers');
  const hash = fromBase64(root);
  if (hash.length !== HASH_BYTES) throw malformed('the root of the checkpoint is not a hash');
  return { origin, size: parseSize(size, 'the size of the checkpoint'), root: hash };
}

function parseSignature(line: string): SignedNote['signatures'][number] {
  const [, name = '', blob = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = fromBase64(blob);
  if (name === '' || bytes.length <= 4) throw malformed('a signature line of the checkpoint is malformed');
  return { name, keyId: toHex(bytes.slice(0, 4)), signature: bytes.slice(4) };
}

/**
 * Reads an Ed25519 vkey `<name>+<keyId>+base64(type ‖ key)`, or null for another algorithm.
 * @throws {MalformedError} when the id does not belong to name and key.
 */
export async function parseVkey(vkey: string): Promise<NoteKey | null> {
  const first = vkey.indexOf('+');
  const second = vkey.indexOf('+', first + 1);
  if (first < 1 || second < 0) throw malformed('a key has three parts joined by plus signs');
  const typed = fromBase64(vkey.slice(second + 1));
  if (typed[0] !== ED25519) return null;
  if (typed.length !== 33) throw malformed('an Ed25519 key has 32 bytes');
  const name = vkey.slice(0, first);
  const keyId = toHex((await sha256(concat(utf8(`${name}\n`), typed))).slice(0, 4));
  if (keyId !== vkey.slice(first + 1, second)) throw malformed('the id of a key does not belong to it');
  return { name, keyId, publicKey: typed.slice(1) };
}

/** `missing`: no line is of this key. A line of this key that does not verify makes the note bad. */
export async function checkSignature(note: SignedNote, key: NoteKey): Promise<'good' | 'bad' | 'missing'> {
  const own = note.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
  if (own.length === 0) return 'missing';
  const publicKey = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  for (const { signature } of own)
    if (!(await crypto.subtle.verify('Ed25519', publicKey, signature, utf8(note.text)))) return 'bad';
  return 'good';
}
