import { join } from 'node:path';

/** Version of every file format of the ledger; a file with a greater one is refused with words. */
export const FORMAT_VERSION = 1;

/** Where the parts of a ledger lie under the data directory. */
export interface Layout {
  root: string;
  manifest: string;
  journal: string;
  keys: string;
  /** Static tlog-tiles tree: `checkpoint` and `tile/…`; it may be served as it is. */
  tree: string;
  checkpoint: string;
  /** Work that a crash may interrupt and an opening must finish. */
  pending: string;
  /** Snapshot of the source marks at the start of a segment. */
  marks: string;
  /** How far the journal is durable while its writer runs. */
  durable: string;
}

export function layoutOf(dir: string): Layout {
  const root = join(dir, 'ledger');
  const tree = join(root, 'tree');
  return {
    root,
    manifest: join(root, 'ledger.json'),
    journal: join(root, 'journal'),
    keys: join(root, 'keys'),
    tree,
    checkpoint: join(tree, 'checkpoint'),
    pending: join(root, 'pending.json'),
    marks: join(root, 'marks.sealed'),
    durable: join(root, 'durable'),
  };
}

/** File name of the segment whose first entry has the index `first`. */
export function segmentName(first: number): string {
  return `${String(first).padStart(16, '0')}.journal`;
}

const SEGMENT_NAME = /^(\d{16})\.journal$/;

/** First index of a segment by its file name, or null when it is no segment. */
export function segmentFirst(name: string): number | null {
  const digits = SEGMENT_NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}
