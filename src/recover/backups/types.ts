/** One file of a snapshot. */
export interface BackedUpFile {
  /** Path under the data directory, with `/`. */
  path: string;
  mode: number;
  size: number;
  mtimeMs: number;
  /** SHA-256 of its content, hex. */
  sha256: string;
  /** Its pieces, in order. */
  chunks: string[];
}

/** The state of a data directory at one moment. */
export interface Snapshot {
  /** Sorts by time. */
  id: string;
  createdMs: number;
  /** Of the ledger when the backup began; what came meanwhile may be in it, too. */
  origin: string;
  treeSize: number;
  checkpoint: string;
  hasKey: boolean;
  files: BackedUpFile[];
}

export interface BackupSummary {
  snapshot: string;
  files: number;
  bytes: number;
  /** Pieces that the repository did not have yet, and their bytes in it. */
  newChunks: number;
  newBytes: number;
  /** Pieces that were read back from the repository and compared. */
  checkedChunks: number;
}

/** How far a long work is: bytes of the files. */
export type Progress = (done: number, total: number) => void;

/** How the repository is opened. */
export type Secret = { passphrase: string } | { keyFile: string };
