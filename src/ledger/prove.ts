import { readFileSync } from 'node:fs';
import { LedgerError } from './errors.ts';
import { LEAF_BYTES, positionsIn } from './frame.ts';
import type { Store } from './store.ts';
import { SALTS_BYTES } from './block.ts';
import { parseCheckpoint } from './tlog/checkpoint.ts';
import { parseNote } from './tlog/note.ts';
import { encodeOpenings, makeOpenings } from './tlog/openings.ts';
import { inclusionProof } from './tlog/prove.ts';
import { encodeReceipt } from './tlog/receipt.ts';
import { tileReader } from './tree-files.ts';
import type { Part } from './types.ts';

export interface ProveOptions {
  /** Parts of the body that the second file opens. */
  open?: readonly Part[];
  /** Leaves the ML-DSA-44 signature out, so that the receipt fits a QR code. */
  compact?: boolean;
}

export interface Proof {
  /** A `.tlog-proof` whose `extra` is the leaf. */
  proof: string;
  /** The opened parts with their salts and the hashes of the others; null when none was asked for. */
  openings: string | null;
}

/**
 * A receipt of one entry under the published checkpoint.
 * @throws {LedgerError} `no_such_entry` when the published tree does not hold it, or its body is not there to be opened.
 */
export function prove(store: Store, index: number, options: ProveOptions): Proof {
  const checkpoint = readFileSync(store.layout.checkpoint, 'utf8');
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw notPublished(index, { published: size, durable: store.head.size });
  }
  const hashes = inclusionProof(size, index, tileReader(store.layout.tree));
  const { leaf, openings } = leafAndOpenings(store, index, new Set(options.open));
  const proof = encodeReceipt({ leaf, index, hashes, checkpoint }, { compact: options.compact ?? false });
  return { proof, openings };
}

/** An entry that is stored but not published yet is a question of time; another one is not there. */
function notPublished(index: number, sizes: { published: number; durable: number }): LedgerError {
  const { published, durable } = sizes;
  if (!Number.isSafeInteger(index) || index < published || index >= durable) {
    const message = `the ledger has ${durable} entries, none of index ${index}`;
    return new LedgerError('no_such_entry', message, { advice: 'indexes begin at 0; see them with: wardkeep events' });
  }
  return new LedgerError(
    'no_such_entry',
    `entry ${index} is stored, but the published checkpoint covers ${published} entries`,
    {
      advice:
        'a process that writes publishes about once a second: try again; where none runs, publish with: wardkeep ledger checkpoint',
    },
  );
}

function leafAndOpenings(
  store: Store,
  index: number,
  open: ReadonlySet<Part>,
): { leaf: Buffer; openings: string | null } {
  for (const { frame } of store.reader.frames(index, index + 1)) {
    const position = index - frame.firstIndex;
    const leaf = Buffer.from(frame.leaves.subarray(position * LEAF_BYTES, (position + 1) * LEAF_BYTES));
    if (open.size === 0) return { leaf, openings: null };
    const slot = frame.slots[position] ?? 0;
    const positions = positionsIn(frame, slot);
    const block = store.opener.open(frame, slot, positions);
    const body = typeof block === 'string' ? null : block.body(positions.indexOf(position));
    if (body === null) throw new LedgerError('no_such_entry', `the body of entry ${index} is not there any more`);
    const salt = (part: number): Buffer =>
      body.salts.subarray((part * SALTS_BYTES) / 3, ((part + 1) * SALTS_BYTES) / 3);
    const parts = {
      normal: { salt: salt(0), bytes: body.normal },
      raw: { salt: salt(1), bytes: body.raw },
      patient: { salt: salt(2), bytes: body.patient ?? Buffer.alloc(0) },
    };
    return { leaf, openings: encodeOpenings(makeOpenings(parts, open)) };
  }
  throw new LedgerError('no_such_entry', `the ledger has no entry ${index}`);
}
