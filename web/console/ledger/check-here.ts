import type { LedgerStatus } from '../../../src/console/api.ts';
import { callBytes } from '../../kit/api.ts';
import { recall } from './remembered.ts';
import { parseCheckpointNote } from './tlog/note.ts';
import { type ReceiptCheck, checkReceipt } from './tlog/receipt.ts';
import { TileTree } from './tlog/tiles.ts';

/** Checks a receipt with the keys that this browser remembers, or else those that the server shows, and against its tree. */
export function checkHere(
  ledger: LedgerStatus,
  files: { receipt: string; openings: string | null },
): Promise<ReceiptCheck> {
  const shown = ledger.vkeys.map(({ vkey }) => vkey);
  const own = recall(ledger.origin)?.vkey;
  return checkReceipt({
    ...files,
    // Earlier keys of the log vouch for earlier receipts, as long as the server still shows the one that is known here.
    vkeys: own === undefined || shown.includes(own) ? shown : [own],
    rootAt: async (size) => {
      try {
        // Tiles stand for what is published, which lags behind what is durable.
        const published = parseCheckpointNote(ledger.checkpoint ?? '').checkpoint.size;
        if (size > published) return null;
        return await new TileTree(published, (path) => callBytes('GET', `/ledger/${path}`)).root(size);
      } catch {
        // The tree may not be published up to here yet; then nothing is said of it.
        return null;
      }
    },
  });
}
