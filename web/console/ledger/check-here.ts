import type { LedgerStatus } from '../../../src/console/api.ts';
import { callBytes } from '../../kit/api.ts';
import { recall } from './remembered.ts';
import { type ReceiptCheck, checkReceipt } from './tlog/receipt.ts';
import { TileTree } from './tlog/tiles.ts';

/** Checks a receipt with the keys that this browser remembers, or else those that the server shows, and against its tree. */
export function checkHere(
  ledger: LedgerStatus,
  files: { receipt: string; openings: string | null },
): Promise<ReceiptCheck> {
  const remembered = recall(ledger.origin);
  return checkReceipt({
    ...files,
    vkeys: remembered === null ? ledger.vkeys.map(({ vkey }) => vkey) : [remembered.vkey],
    rootAt: async (size) => {
      if (size > ledger.size) return null;
      try {
        return await new TileTree(ledger.size, (path) => callBytes('GET', `/ledger/${path}`)).root(size);
      } catch {
        // The tree may not be published up to here yet; then nothing is said of it.
        return null;
      }
    },
  });
}
