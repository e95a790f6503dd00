import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from './errors.ts';
import { removeFile } from './files.ts';

/**
 * The exclusive right to write. It is a file lock of the kernel, taken through SQLite: it vanishes
 * with its process whatever ends it, needs no guess about stale pids, and holds across containers.
 * The pid beside it is for people.
 */
export class WriteLock implements Disposable {
  readonly #database: DatabaseSync;
  readonly #pidFile: string;

  /** @throws {LedgerError} `locked` when another live process (or handle) writes; the message names its pid. */
  constructor(dir: string) {
    this.#pidFile = join(dir, 'lock.pid');
    this.#database = new DatabaseSync(join(dir, 'lock'));
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      this.#database.close();
      throw lockedError(this.#pidFile, cause);
    }
    notePid(this.#pidFile);
  }

  [Symbol.dispose](): void {
    if (!this.#database.isOpen) return;
    removeFile(this.#pidFile);
    this.#database.close();
  }
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
