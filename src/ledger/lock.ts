import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError, writeError } from './errors.ts';
import { removeFile } from './files.ts';

const SQLITE_BUSY = 5;

/**
 * The exclusive right to write. It is a file lock of the kernel, taken through SQLite: it vanishes
 * with its process whatever ends it, needs no guess about stale pids, and holds across containers.
 * The pid beside it is for people.
 */
export class WriteLock implements Disposable {
  readonly #database: DatabaseSync;
  readonly #pidFile: string;

  /** @throws {LedgerError} `locked` when another live process (or handle) writes; the message names its pid; `write_failed`. */
  constructor(dir: string) {
    this.#pidFile = join(dir, 'lock.pid');
    this.#database = openLock(join(dir, 'lock'));
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      this.#database.close();
      throw isBusy(cause) ? lockedError(this.#pidFile, cause) : writeError(cause, `the lock in ${dir}`);
    }
    notePid(this.#pidFile);
  }

  [Symbol.dispose](): void {
    if (!this.#database.isOpen) return;
    removeFile(this.#pidFile);
    this.#database.close();
  }
}

/** SQLite would make the file readable by all. */
function openLock(path: string): DatabaseSync {
  try {
    closeSync(openSync(path, 'a', 0o600));
    return new DatabaseSync(path);
  } catch (cause) {
    throw writeError(cause, `the lock ${path}`);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function notePid(pidFile: string): void {
  try {
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // On a full disk the lock still holds; only the name of its holder is missing.
  }
}

function lockedError(pidFile: string, cause: unknown): LedgerError {
  let pid = 'unknown';
  try {
    pid = readFileSync(pidFile, 'utf8').trim();
  } catch {
    // The holder has not written its pid yet.
  }
  return new LedgerError('locked', `another process writes to this ledger (pid ${pid})`, {
    cause,
    advice: `wait until process ${pid} ends, or stop it; reading and verifying work beside it`,
  });
}
