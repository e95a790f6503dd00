import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '#kernel';
import { LedgerError } from './errors.ts';
import { replaceFile } from './files.ts';

/**
 * Writes an anchor where there is none: when the ledger is made, or when the operator says that the old one is lost.
 * @throws {LedgerError} `disk_full`, `write_failed`.
 */
export function placeAnchor(anchor: string, checkpoint: string | Uint8Array): void {
  makeDirectory(dirname(anchor));
  replaceFile(anchor, checkpoint);
}

/**
 * Refuses to go on without the anchor: a disk that is not mounted looks like this, and a fresh anchor in its place would
 * hide a rollback.
 * @throws {LedgerError} `anchor_missing`.
 */
export function refuseMissingAnchor(anchor: string): void {
  if (existsSync(anchor)) return;
  throw new LedgerError('anchor_missing', `the anchor ${anchor} is not there`, {
    advice:
      'mount the disk that it lies on; where it is lost for good, compare the ledger with a receipt or checkpoint that ' +
      'somebody else holds, then run: wardkeep ledger checkpoint --new-anchor',
  });
}
