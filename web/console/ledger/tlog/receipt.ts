import { MalformedError, concat, fromBase64, malformed, parseSize, sameBytes, utf8 } from './bytes.ts';
import { type Hash, HASH_BYTES, leafHash, nodeHash, sha256 } from './hash.ts';
import { type SignedNote, checkSignature, parseCheckpointNote, parseVkey } from './note.ts';

/** Longest files that are read, characters. */
export const RECEIPT_CHARS_MAX = 1024 * 1024;
export const OPENINGS_CHARS_MAX = 16 * 1024 * 1024;

const HEADER = 'c2sp.org/tlog-proof@v1';
const PROOF_HASHES_MAX = 63;
const LEAF_BYTES = 47;
const SALT_BYTES = 16;
const PARTS = ['normal', 'raw', 'patient'] as const;
type Part = (typeof PARTS)[number];

export interface Receipt {
  index: number;
  leaf: Uint8Array<ArrayBuffer>;
  hashes: readonly Hash[];
  note: SignedNote;
  /** Receive minute, ms. */
  minuteMs: number;
  classUid: number;
}

/**
 * Reads a receipt: a C2SP tlog-proof whose `extra` is the leaf. Nothing is verified yet.
 * @throws {MalformedError}
 */
export function parseReceipt(text: string): Receipt {
  if (text.length > RECEIPT_CHARS_MAX) throw malformed('the file is too long');
  const split = text.indexOf('\n\n');
  const [header, ...lines] = text.slice(0, Math.max(0, split)).split('\n');
  if (split < 0 || header !== HEADER) throw malformed(`a receipt starts with the line ${HEADER}`);
  const extra = lines.shift() ?? '';
  const index = lines.shift() ?? '';
  if (!extra.startsWith('extra ') || !index.startsWith('index '))
    throw malformed('the receipt has no leaf or no index');
  if (lines.length > PROOF_HASHES_MAX) throw malformed('the proof has more than 63 hashes');
  const leaf = fromBase64(extra.slice('extra '.length));
  if (leaf.length !== LEAF_BYTES || leaf[0] !== 1) throw malformed('the leaf of the receipt is of a version not known');
  const view = new DataView(leaf.buffer);
  return {
    index: parseSize(index.slice('index '.length), 'the index'),
    leaf,
    hashes: lines.map(parseHash),
    note: parseCheckpointNote(text.slice(split + 2)),
    classUid: view.getUint32(1),
    minuteMs: view.getUint16(5) * 2 ** 32 + view.getUint32(7),
  };
}

function parseHash(line: string): Hash {
  const hash = fromBase64(line);
  if (hash.length !== HASH_BYTES) throw malformed('a hash of the proof does not have 32 bytes');
  return hash;
}

/** Whether the proof leads from the leaf to the signed root (RFC 9162 §2.1.3.2). */
export async function isIncluded({ leaf, index, hashes, note }: Receipt): Promise<boolean> {
  const { size, root } = note.checkpoint;
  if (index >= size) return false;
  let node = index;
  let last = size - 1;
  let hash = await leafHash(leaf);
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = await nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else hash = await nodeHash(hash, sibling);
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && sameBytes(hash, root);
}

/** What an openings file shows, when its parts are those that the leaf commits to; null when they are not. */
export async function openParts(receipt: Receipt, openings: string): Promise<ReadonlyMap<Part, string> | null> {
  if (openings.length > OPENINGS_CHARS_MAX) throw malformed('the openings file is too long');
  const file = parseJson(openings) as { format?: unknown; parts?: unknown } | null;
  if (file?.format !== 'wardkeep-openings/1' || !Array.isArray(file.parts) || file.parts.length !== PARTS.length)
    throw malformed('the openings file is not of the form wardkeep-openings/1');
  const hashes: Hash[] = [];
  const open = new Map<Part, string>();
  for (const [at, part] of PARTS.entries()) {
    const opening = file.parts[at] as Partial<Record<'part' | 'salt' | 'text' | 'data' | 'hash', unknown>> | null;
    if (opening?.part !== part) throw malformed('the parts of the openings file are not in their order');
    if (typeof opening.hash === 'string') {
      hashes.push(parseHash(opening.hash));
      continue;
    }
    const salt = fromBase64(String(opening.salt));
    if (salt.length !== SALT_BYTES) throw malformed('a salt does not have 16 bytes');
    const bytes = typeof opening.text === 'string' ? utf8(opening.text) : fromBase64(String(opening.data));
    hashes.push(await sha256(concat(Uint8Array.of(0, at), salt, bytes)));
    open.set(part, typeof opening.text === 'string' ? opening.text : String(opening.data));
  }
  const commitment = await sha256(concat(Uint8Array.of(1), ...hashes));
  return sameBytes(commitment, receipt.leaf.slice(15)) ? open : null;
}

export type ReceiptStepName = 'form' | 'signatures' | 'inclusion' | 'openings' | 'ledger';

export interface ReceiptStep {
  step: ReceiptStepName;
  ok: boolean | null;
  note:
    | { kind: 'form'; index: number }
    | { kind: 'malformed'; why: string }
    | { kind: 'inclusion'; size: number }
    | { kind: 'openings'; open: string }
    | { kind: 'signatureGood' | 'signatureBad' | 'keyMissing' | 'notIncluded' | 'openingsBad' | 'noOpenings' }
    | { kind: 'prefix' | 'fork' };
}

export interface ReceiptCheck {
  outcome: 'good' | 'bad' | 'undecided';
  steps: ReceiptStep[];
  receipt: Receipt | null;
  opened: ReadonlyMap<string, string>;
}

export interface CheckReceiptOptions {
  receipt: string;
  openings: string | null;
  /** Keys that are trusted: those that this browser remembers, or else the server's. */
  vkeys: readonly string[];
  /** Root of the first `size` entries of the ledger that the server shows; null when it is shorter or cannot be had. */
  rootAt: (size: number) => Promise<Uint8Array | null>;
}

/** Checks a receipt in this browser; a key inside it is never trusted. Ends at the first step that fails. */
export async function checkReceipt(options: CheckReceiptOptions): Promise<ReceiptCheck> {
  const steps: ReceiptStep[] = [];
  let receipt: Receipt | null = null;
  let opened: ReadonlyMap<string, string> = new Map();
  const end = (outcome: ReceiptCheck['outcome']): ReceiptCheck => ({ outcome, steps, receipt, opened });
  const add = (step: ReceiptStepName, ok: boolean | null, note: ReceiptStep['note']): void =>
    void steps.push({ step, ok, note });
  try {
    receipt = parseReceipt(options.receipt);
    add('form', true, { kind: 'form', index: receipt.index });
    const signed = await signedBy(receipt.note, options.vkeys);
    if (signed !== 'good') {
      add('signatures', signed === 'bad' ? false : null, { kind: signed === 'bad' ? 'signatureBad' : 'keyMissing' });
      return end(signed === 'bad' ? 'bad' : 'undecided');
    }
    add('signatures', true, { kind: 'signatureGood' });
    const { size, root } = receipt.note.checkpoint;
    const included = await isIncluded(receipt);
    add('inclusion', included, included ? { kind: 'inclusion', size } : { kind: 'notIncluded' });
    if (!included) return end('bad');
    if (options.openings === null) add('openings', null, { kind: 'noOpenings' });
    else {
      const parts = await openParts(receipt, options.openings);
      add(
        'openings',
        parts !== null,
        parts ? { kind: 'openings', open: [...parts.keys()].join(', ') } : { kind: 'openingsBad' },
      );
      if (parts === null) return end('bad');
      opened = parts;
    }
    const shown = await options.rootAt(size);
    if (shown === null) return end('good');
    const isPrefix = sameBytes(shown, root);
    add('ledger', isPrefix, { kind: isPrefix ? 'prefix' : 'fork' });
    return end(isPrefix ? 'good' : 'bad');
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    add('form', false, { kind: 'malformed', why: error.message });
    return end('bad');
  }
}

async function signedBy(note: SignedNote, vkeys: readonly string[]): Promise<'good' | 'bad' | 'missing'> {
  for (const vkey of vkeys) {
    const key = await parseVkey(vkey);
    if (key === null || key.name !== note.checkpoint.origin) continue;
    const verdict = await checkSignature(note, key);
    if (verdict !== 'missing') return verdict;
  }
  return 'missing';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('the openings file is not JSON');
  }
}
