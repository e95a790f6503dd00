import { closeSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError, writeError } from './errors.ts';
import { removeFile } from './files.ts';

const SQLITE_BUSY = 5;

/**
 * The exclusive right to write. It is a file lock of the kernel, taken through SQLite: it vanishes
 * with its process whatever ends it, needs no guess about stale pids, and holds across containers.
 * The pid beside it is for people. The lock belongs to a file, not to a name: where the file was deleted or replaced,
 * another process can take a lock of the same name, so that a writer looks again (`check`) before each thing it writes.
 */
export class WriteLock implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #pidFile: string;
  /** Device and inode of the file that is locked. */
  readonly #identity: string;

  /** @throws {LedgerError} `locked` when another live process (or handle) writes; the message names its pid; `write_failed`. */
  constructor(dir: string) {
    this.#pidFile = join(dir, 'lock.pid');
    this.#path = join(dir, 'lock');
    const { database, identity } = openLock(this.#path);
    this.#database = database;
    this.#identity = identity;
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
      this.check();
    } catch (cause) {
      this.#database.close();
      if (cause instanceof LedgerError) throw cause;
      throw isBusy(cause) ? lockedError(this.#pidFile, cause) : writeError(cause, `the lock in ${dir}`);
    }
    notePid(this.#pidFile);
  }

  /**
   * To be called before each batch and each checkpoint: the time between this look and the write stays open.
   * @throws {LedgerError} `lock_lost` when the file of the lock was deleted or replaced.
   */
  check(): void {
    if (identityOf(this.#path) === this.#identity) return;
    throw new LedgerError('lock_lost', `the lock ${this.#path} was deleted or replaced while this process held it`, {
      advice: 'nothing was written since; see that one process alone writes to this ledger, then start it again',
    });
  }

  [Symbol.dispose](): void {
    if (!this.#database.isOpen) return;
    // Under a lost lock the file of the pid is another's.
    if (identityOf(this.#path) === this.#identity) removeFile(this.#pidFile);
    this.#database.close();
  }
}

/** SQLite would make the file readable by all. */
function openLock(path: string): { database: DatabaseSync; identity: string } {
  try {
    const fd = openSync(path, 'a', 0o600);
    try {
      return { identity: identityOf(fd) ?? '', database: new DatabaseSync(path) };
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw writeError(cause, `the lock ${path}`);
  }
}

/** What tells a file from another one of the same name; null when there is none. */
function identityOf(file: string | number): string | null {
  try {
    const { dev, ino } =
      typeof file === 'number' ? fstatSync(file, { bigint: true }) : statSync(file, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return null;
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
