import { WardkeepError, systemErrorCode } from '#kernel';

export type LedgerErrorCode =
  /** There is no ledger in the directory. */
  | 'missing'
  /** There is a ledger in the directory already. */
  | 'exists'
  /** A file was written by a newer version. */
  | 'newer_format'
  /** Another process writes to the ledger. */
  | 'locked'
  /** The file of the lock was deleted or replaced under its holder. */
  | 'lock_lost'
  | 'key_missing'
  | 'key_wrong'
  /** Others than its owner have rights to the key file. */
  | 'key_open'
  /** The key file lies inside the data directory. */
  | 'key_inside'
  /** A file does not hold what it must hold. */
  | 'corrupt'
  /** The log is behind its last published checkpoint or behind its anchor. */
  | 'rolled_back'
  /** The anchor that the ledger was made with is not there. */
  | 'anchor_missing'
  /** Same or smaller size with another root: two histories. */
  | 'forked'
  /** The clock is far ahead of the newest entry. */
  | 'clock_ahead'
  | 'disk_full'
  | 'write_failed'
  /** The handle failed before, or was closed. */
  | 'handle_dead'
  /** The log has been closed for good; a successor goes on. */
  | 'log_closed'
  | 'read_only'
  | 'too_large'
  | 'held'
  | 'no_such_entry'
  | 'bad_option';

/** What goes wrong in the ledger. */
export class LedgerError extends WardkeepError<LedgerErrorCode> {}

/** A failed write as an error with words: a full disk is told apart from a broken one. */
export function writeError(cause: unknown, what: string): LedgerError {
  const code = systemErrorCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LedgerError('disk_full', `the disk is full: could not write ${what}`, {
      cause,
      advice: 'free space on the volume of the data directory and start again; everything acknowledged so far is safe',
    });
  }
  return new LedgerError('write_failed', `could not write ${what}${code === null ? '' : ` (${code})`}`, {
    cause,
    advice: 'check the disk and the permissions of the data directory, then start again; nothing acknowledged is lost',
  });
}
