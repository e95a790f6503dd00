import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { type VerifiedSignature, openNote } from './note.ts';
import { type Policy, describeQuorum, isQuorumMet } from './policy.ts';

/** Why something is not good. */
export type BadReason =
  | 'malformed'
  | 'bad_signature'
  | 'quorum_not_met'
  | 'not_included'
  | 'extension_lines'
  | 'opening_mismatch'
  | 'event_mismatch';

export type CheckpointVerdict =
  | {
      outcome: 'good';
      checkpoint: Checkpoint;
      /** At least one, under the origin's name. */
      logSignatures: readonly VerifiedSignature[];
      cosignatures: readonly VerifiedSignature[];
      unknownSignatures: number;
    }
  | { outcome: 'bad'; reason: BadReason; detail: string }
  | { outcome: 'undecidable'; reason: 'no_trusted_key'; detail: string };

/**
 * Judges a signed checkpoint by a policy: every line of a known key must verify, one must be of a log of the policy
 * whose name is the origin (whole string), and the quorum must be met. Never throws.
 */
export function verifyCheckpoint(note: string | Uint8Array, policy: Policy): CheckpointVerdict {
  const opened = openNote(note, [...policy.logs, ...policy.witnesses]);
  if (opened.outcome !== 'good') return opened;
  const checkpoint = readCheckpoint(opened.text);
  if (typeof checkpoint === 'string') return { outcome: 'bad', reason: 'malformed', detail: checkpoint };
  const by = (keys: Policy['logs']): VerifiedSignature[] =>
    opened.signatures.filter(({ key }) => keys.some(({ vkey }) => vkey === key.vkey));
  const logSignatures = by(policy.logs).filter(({ key }) => key.name === checkpoint.origin);
  if (logSignatures.length === 0) {
    return {
      outcome: 'undecidable',
      reason: 'no_trusted_key',
      detail: 'no signature is of a log that you trust under this origin',
    };
  }
  const cosignatures = by(policy.witnesses);
  if (!isQuorumMet(policy.quorum, new Set(cosignatures.map(({ key }) => key.vkey)))) {
    const detail = `${cosignatures.length} known witnesses signed, which is not ${describeQuorum(policy.quorum)}`;
    return { outcome: 'bad', reason: 'quorum_not_met', detail };
  }
  return { outcome: 'good', checkpoint, logSignatures, cosignatures, unknownSignatures: opened.unknownSignatures };
}

/** The checkpoint, or what is wrong with it. */
function readCheckpoint(text: string): Checkpoint | string {
  try {
    return parseCheckpoint(text);
  } catch (error) {
    if (error instanceof TlogError) return error.message;
    throw error;
  }
}
