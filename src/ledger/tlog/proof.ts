import { TlogError, malformed } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { verifyInclusion } from './merkle.ts';
import { NOTE_BYTES_MAX } from './note.ts';
import type { Policy } from './policy.ts';
import { PROOF_HASHES_MAX, parseSize } from './sizes.ts';
import { decodeBase64, decodeBase64Of, decodeNoteText, encodeBase64 } from './text.ts';
import { type CheckpointVerdict, verifyCheckpoint } from './trust.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** Longest `extra` that is read, bytes. */
const EXTRA_BYTES_MAX = 64 * 1024;

/** Longest proof file that is read, characters. */
export const PROOF_CHARS_MAX = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX;

/** A `.tlog-proof` (tlog-proof). */
export interface TlogProof {
  /** Not authenticated by itself: believe it only where it is hashed into the leaf. */
  extra: Buffer | null;
  /** Zero-based index of the entry. */
  index: number;
  /** Inclusion proof, 32 bytes each, from the leaf's sibling up. */
  hashes: readonly Buffer[];
  /** The signed checkpoint, verbatim. */
  checkpoint: string;
}

/** The text of a proof file; `checkpoint` is a signed note, taken verbatim. Empty `extra` is left out as null is. */
export function encodeProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [HEADER];
  if (extra !== null && extra.length > 0) lines.push(`extra ${encodeBase64(extra)}`);
  lines.push(`index ${index}`, ...hashes.map(encodeBase64));
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/**
 * Reads a proof file without verifying it; its checkpoint is left as it stands.
 * @throws {TlogError} `malformed`, or `limit` for a file, an index or a proof that is too long.
 */
export function parseProof(source: string | Uint8Array): TlogProof {
  if (source.length > PROOF_CHARS_MAX) throw new TlogError('limit', 'a proof is too long');
  const text = decodeNoteText(source);
  const split = text.indexOf('\n\n');
  if (split < 0) throw malformed('a proof has an empty line before its checkpoint');
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== HEADER) throw malformed(`a proof starts with the line ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') === true ? parseExtra(lines.shift() ?? '') : null;
  const indexLine = lines.shift();
  if (indexLine?.startsWith('index ') !== true) throw malformed('a proof has an index line');
  if (lines.length > PROOF_HASHES_MAX) throw new TlogError('limit', 'a proof has more than 63 hashes');
  return {
    extra,
    index: parseSize(indexLine.slice('index '.length), 'the index of a proof'),
    hashes: lines.map(parseHash),
    checkpoint: text.slice(split + 2),
  };
}

export type ProofVerdict = CheckpointVerdict;

/**
 * Verifies that the entry with this leaf hash is in the log: checkpoint and quorum by the policy, then inclusion.
 * Never throws.
 */
export function verifyProof(options: { proof: TlogProof; leafHash: Uint8Array; policy: Policy }): ProofVerdict {
  const { proof, leafHash, policy } = options;
  const verdict = verifyCheckpoint(proof.checkpoint, policy);
  if (verdict.outcome !== 'good') return verdict;
  const { size, root } = verdict.checkpoint;
  if (verifyInclusion({ leafHash, index: proof.index, size, root, proof: proof.hashes })) return verdict;
  return {
    outcome: 'bad',
    reason: 'not_included',
    detail: `the proof does not lead from entry ${proof.index} to the signed root`,
  };
}

function parseExtra(line: string): Buffer {
  const extra = decodeBase64(line.slice('extra '.length));
  if (extra === null || extra.length === 0) throw malformed('the extra data of a proof is not base64');
  if (extra.length > EXTRA_BYTES_MAX) throw new TlogError('limit', 'the extra data of a proof is too long');
  return extra;
}

function parseHash(line: string): Buffer {
  const hash = decodeBase64Of(line, HASH_BYTES);
  if (hash === null) throw malformed('a hash of a proof is not the base64 of 32 bytes');
  return hash;
}
