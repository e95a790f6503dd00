import { parseCheckpoint } from './checkpoint.ts';
import { TlogError, malformed } from './errors.ts';
import { blobBytes } from './keys.ts';
import { type Leaf, decodeLeaf } from './leaf.ts';
import { joinNote, parseNote } from './note.ts';
import { type TlogProof, encodeProof, parseProof } from './proof.ts';

/** File name extension of a receipt (tlog-proof). */
export const RECEIPT_SUFFIX = '.tlog-proof';

/** A proof whose `extra` is the leaf itself: all that is needed to verify that the log holds it. */
export interface Receipt {
  leaf: Leaf;
  /** The 47 bytes of the leaf, which are the log's entry. */
  leafBytes: Buffer;
  proof: TlogProof;
}

export interface ReceiptInput {
  /** The 47 bytes of the leaf. */
  leaf: Buffer;
  index: number;
  /** Inclusion proof in the tree of the checkpoint. */
  hashes: readonly Buffer[];
  /** The signed checkpoint, with whatever cosignatures it has. */
  checkpoint: string;
}

/**
 * The text of a receipt. `compact` leaves the ML-DSA-44 lines out, so that it fits a QR code.
 * @throws {TlogError} `malformed` when the checkpoint has extension lines (ML-DSA-44 signatures do not cover them),
 * when nothing but ML-DSA-44 lines would be left out, or when the leaf is none.
 */
export function encodeReceipt(input: ReceiptInput, options: { compact?: boolean } = {}): string {
  const { leaf, index, hashes, checkpoint } = input;
  decodeLeaf(leaf);
  if (parseCheckpoint(parseNote(checkpoint).text).extensions.length > 0) {
    throw malformed('a receipt has no checkpoint with extension lines');
  }
  const signed = options.compact === true ? compactCheckpoint(checkpoint) : checkpoint;
  return encodeProof({ extra: leaf, index, hashes, checkpoint: signed });
}

/**
 * A receipt's text without its ML-DSA-44 lines.
 * @throws {TlogError} as `parseProof` and `compactCheckpoint`.
 */
export function compactReceipt(receipt: string): string {
  const proof = parseProof(receipt);
  return encodeProof({ ...proof, checkpoint: compactCheckpoint(proof.checkpoint) });
}

/**
 * A signed checkpoint without its ML-DSA-44 lines, told by their length.
 * @throws {TlogError} `malformed` when no other line is left.
 */
function compactCheckpoint(checkpoint: string): string {
  const { text, signatures } = parseNote(checkpoint);
  const short = signatures.filter(({ blob }) => blob.length !== blobBytes('ml-dsa-44-cosignature'));
  if (short.length === 0) throw malformed('the checkpoint has no other signature than ml-dsa-44');
  return joinNote(
    text,
    short.map(({ line }) => line),
  );
}

/**
 * Reads a receipt without verifying it.
 * @throws {TlogError} `malformed` when it is no proof or carries no leaf.
 */
export function parseReceipt(source: string | Uint8Array): Receipt {
  const proof = parseProof(source);
  if (proof.extra === null) {
    throw new TlogError(
      'malformed',
      'the proof carries no leaf in its extra line, so it is not a receipt of wardkeep',
      {
        advice: 'verify other proofs with a tool of their own log',
      },
    );
  }
  return { leaf: decodeLeaf(proof.extra), leafBytes: proof.extra, proof };
}
