import type { Part } from '../types.ts';
import type { Checkpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { matchEvent } from './event-match.ts';
import { leafHash } from './hash.ts';
import type { KeyKind, VerifierKey } from './keys.ts';
import type { Leaf } from './leaf.ts';
import { verifyInclusion } from './merkle.ts';
import type { VerifiedSignature } from './note.ts';
import { type Openings, commitmentOf, parseOpenings } from './openings.ts';
import { type Policy, describeQuorum, policyOfKeys } from './policy.ts';
import { type Receipt, parseReceipt } from './receipt.ts';
import { type BadReason, verifyCheckpoint } from './trust.ts';

/** One thing that was checked; `ok` is null where it could not be decided. */
interface ReceiptStep {
  check: 'form' | 'signatures' | 'quorum' | 'inclusion' | 'openings' | 'event';
  ok: boolean | null;
  detail: string;
}

type UndecidableReason = 'no_trusted_key' | 'no_openings' | 'part_shut';

/** What a good receipt proves. */
interface ReceiptFacts {
  index: number;
  leaf: Leaf;
  checkpoint: Checkpoint;
  /** Of the log and of witnesses, all verified. */
  signatures: readonly VerifiedSignature[];
  /** Signature lines of keys that the verifier does not know; they prove nothing. */
  unknownSignatures: number;
  /** The verified opened parts; empty without openings. */
  opened: ReadonlyMap<Part, Buffer>;
}

export type ReceiptVerdict =
  | { outcome: 'good'; steps: readonly ReceiptStep[]; facts: ReceiptFacts }
  | { outcome: 'bad'; steps: readonly ReceiptStep[]; reason: BadReason; detail: string }
  | { outcome: 'undecidable'; steps: readonly ReceiptStep[]; reason: UndecidableReason; detail: string };

export interface VerifyReceiptOptions {
  receipt: string | Uint8Array;
  /** The openings file, where there is one. */
  openings?: string | Uint8Array | null;
  /** An event that somebody holds, to be compared with what the openings show. */
  event?: Uint8Array | null;
  /** Whom the verifier trusts; a key inside the receipt is never trusted. */
  trust: { policy: Policy } | { keys: readonly VerifierKey[] };
}

type Failure =
  | { outcome: 'bad'; reason: BadReason; detail: string }
  | { outcome: 'undecidable'; reason: UndecidableReason; detail: string };

/**
 * Verifies a receipt offline: its form, the checkpoint's signatures and quorum by `trust`, the inclusion of the leaf,
 * then what the openings and the event claim. Good only when each check that could be made was made and held; the
 * list of steps ends at the first that did not. Never throws on what a file holds.
 */
export function verifyReceipt(options: VerifyReceiptOptions): ReceiptVerdict {
  const policy = 'policy' in options.trust ? options.trust.policy : policyOfKeys(options.trust.keys);
  const steps: ReceiptStep[] = [];
  const pass = (check: ReceiptStep['check'], detail: string): void => void steps.push({ check, ok: true, detail });
  const fail = (check: ReceiptStep['check'], failure: Failure): ReceiptVerdict => {
    steps.push({ check, ok: failure.outcome === 'bad' ? false : null, detail: failure.detail });
    return { ...failure, steps };
  };

  const receipt = attempt(() => parseReceipt(options.receipt));
  if ('outcome' in receipt) return fail('form', receipt);
  pass('form', `a receipt for entry ${receipt.proof.index}, with its leaf of version 1`);

  const signed = verifyCheckpoint(receipt.proof.checkpoint, policy);
  if (signed.outcome !== 'good') return fail(signed.reason === 'quorum_not_met' ? 'quorum' : 'signatures', signed);
  const { checkpoint, logSignatures, cosignatures, unknownSignatures } = signed;
  if (checkpoint.extensions.length > 0) return fail('signatures', bad('extension_lines', EXTENSIONS_REFUSED));
  pass('signatures', describeSignatures(checkpoint, logSignatures));
  pass('quorum', describeCosignatures(policy, cosignatures));

  if (!isIncluded(receipt, checkpoint)) return fail('inclusion', bad('not_included', NOT_INCLUDED));
  pass('inclusion', `the leaf is entry ${receipt.proof.index} of the ${checkpoint.size} entries under the signed root`);

  const opened = checkOpenings(options, receipt);
  if ('outcome' in opened) return fail('openings', opened);
  if (opened.openings !== null) pass('openings', describeOpenings(opened.openings));

  const event = checkEvent(options.event ?? null, opened.openings, receipt.proof.index);
  if (event !== null && 'outcome' in event) return fail('event', event);
  if (event !== null) pass('event', `the event is the one that the log committed to (part ${event.part})`);

  return {
    outcome: 'good',
    steps,
    facts: {
      index: receipt.proof.index,
      leaf: receipt.leaf,
      checkpoint,
      signatures: [...logSignatures, ...cosignatures],
      unknownSignatures,
      opened: openedParts(opened.openings ?? []),
    },
  };
}

const EXTENSIONS_REFUSED = 'the checkpoint has extension lines, which not every signature covers';
const NOT_INCLUDED = 'the leaf and the proof do not lead to the signed root';

function isIncluded({ leafBytes, proof }: Receipt, { size, root }: Checkpoint): boolean {
  return verifyInclusion({ leafHash: leafHash(leafBytes), index: proof.index, size, root, proof: proof.hashes });
}

function checkOpenings(options: VerifyReceiptOptions, receipt: Receipt): { openings: Openings | null } | Failure {
  const source = options.openings ?? null;
  if (source === null) return { openings: null };
  const openings = attempt(() => parseOpenings(source));
  if ('outcome' in openings) return openings;
  if (!commitmentOf(openings).equals(receipt.leaf.commitment)) {
    return bad('opening_mismatch', 'the opened parts are not those that the leaf commits to');
  }
  return { openings };
}

function checkEvent(
  event: Uint8Array | null,
  openings: Openings | null,
  index: number,
): { part: Part } | Failure | null {
  if (event === null) return null;
  if (openings === null) {
    return undecidable('no_openings', 'the event cannot be compared without the openings file, which holds the salts');
  }
  const match = matchEvent(event, openings, index);
  if (match.outcome === 'match') return { part: match.part };
  if (match.outcome === 'mismatch') return bad('event_mismatch', 'the event is not the one that the log committed to');
  const shut = `the event cannot be compared while the part ${match.part} stays shut in the openings file`;
  return undecidable('part_shut', match.part === 'raw' ? `${shut}; without its raw_data it can be` : shut);
}

function describeSignatures({ origin }: Checkpoint, signatures: readonly VerifiedSignature[]): string {
  return `signed by the log ${origin} with ${signatures.map(({ key }) => ALGORITHM[key.kind]).join(' and ')}`;
}

const ALGORITHM: Record<KeyKind, string> = {
  ed25519: 'Ed25519',
  'ed25519-cosignature': 'Ed25519',
  'ml-dsa-44-cosignature': 'ML-DSA-44',
};

function describeCosignatures({ quorum }: Policy, signatures: readonly VerifiedSignature[]): string {
  if (quorum.kind === 'none')
    return 'no witness is asked for: only the log itself vouches that others see the same tree';
  return `cosigned by ${signatures.map(({ key }) => key.name).join(', ')}; asked for: ${describeQuorum(quorum)}`;
}

function describeOpenings(openings: Openings): string {
  const names = (open: boolean): string =>
    openings.flatMap((opening) => (opening.open === open ? [opening.part] : [])).join(', ') || 'none';
  return `the opened parts are those of the leaf (open: ${names(true)}; shut: ${names(false)})`;
}

function openedParts(openings: Openings): ReadonlyMap<Part, Buffer> {
  return new Map(openings.flatMap((opening) => (opening.open ? [[opening.part, opening.bytes] as const] : [])));
}

function bad(reason: BadReason, detail: string): Failure {
  return { outcome: 'bad', reason, detail };
}

function undecidable(reason: UndecidableReason, detail: string): Failure {
  return { outcome: 'undecidable', reason, detail };
}

/** What a parser gives, or its refusal as a finding. */
function attempt<T extends object>(parse: () => T): T | (Failure & { outcome: 'bad' }) {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TlogError) return { outcome: 'bad', reason: 'malformed', detail: error.message };
    throw error;
  }
}
