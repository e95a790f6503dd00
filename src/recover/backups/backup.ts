import { createHash } from 'node:crypto';
import { existsSync, closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, backup as copyDatabase } from 'node:sqlite';
import { type Clock, systemErrorCode } from '#kernel';
import { openLedger } from '#ledger';
import { BackupError } from './errors.ts';
import { filesUnder } from './files.ts';
import { noteBackup } from './last-backup.ts';
import { CHUNK_BYTES, type Repository } from './repository.ts';
import type { BackedUpFile, BackupSummary, Progress, Snapshot } from './types.ts';

/** What can be made anew, or belongs to a running process. */
const LEFT_OUT = /^(?:archive|run)\/|(?:^|\/)(?:lock|durable)$|\.(?:tmp|new)$|\.sqlite(?:-wal|-shm)?$/;
const CHECKPOINT = 'ledger/tree/checkpoint';
/** Tiles that grow; a publication in between makes them be read again. */
const PARTIAL_TILE = /^ledger\/tree\/tile\/.*\.p\/\d+$/;
const ROUNDS_MAX = 20;
/** Where the copy of the master key stands in a snapshot; no data directory has a file of this name. */
export const KEY_PATH = '.master-key';

export interface BackupOptions {
  /** Data directory; its server may run meanwhile. */
  dir: string;
  keyFile?: string | undefined;
  repository: Repository;
  /** Put the ledger's master key into the snapshot, sealed like all of it. */
  withKey: boolean;
  clock: Clock;
  onProgress?: Progress | undefined;
}

/** The tree's growing edge and the journal are taken last, in this order. */
function isTakenLast(path: string): boolean {
  return path.startsWith('ledger/journal/') || PARTIAL_TILE.test(path) || path === CHECKPOINT;
}

/**
 * Takes a snapshot of a data directory, also beside its running server: settings and keys, the tree until it stands
 * still, then the journal, which only grows, so that what is restored opens like after a crash at that moment. What the
 * repository has already is not written again. Each new piece is read back and compared.
 * @throws {BackupError} `unreadable`, `damaged`; {LedgerError} when there is no ledger.
 */
export async function backUp(options: BackupOptions): Promise<BackupSummary> {
  const { dir, repository, clock, keyFile } = options;
  await using ledger = await openLedger({ dir, mode: 'read', ...(keyFile === undefined ? {} : { keyFile }) });
  const createdMs = clock.nowMs();
  const work = new BackupWork(options);
  const paths = filesUnder(dir).filter((path) => !LEFT_OUT.test(path));
  work.expect(paths.map((path) => join(dir, path)));
  for (const path of paths) if (!isTakenLast(path)) work.add(path);
  const checkpoint = work.addTree();
  for (const path of filesUnder(join(dir, 'ledger/journal'))) work.add(`ledger/journal/${path}`);
  await work.addDatabase('state.sqlite');
  if (options.withKey) work.addFile(KEY_PATH, ledger.manifest.keyFile);
  const snapshot: Snapshot = {
    id: new Date(createdMs).toISOString().replaceAll(/[:.]/g, '-'),
    createdMs,
    origin: ledger.origin,
    treeSize: ledger.size,
    checkpoint,
    hasKey: options.withKey,
    files: work.files(),
  };
  repository.putSnapshot(snapshot);
  const summary = work.finish(snapshot);
  noteBackup(dir, createdMs);
  return summary;
}

class BackupWork {
  readonly #dir: string;
  readonly #repository: Repository;
  readonly #onProgress: Progress | undefined;
  readonly #files = new Map<string, BackedUpFile>();
  /** Of the newest snapshot: what did not change since is not read. */
  readonly #before: ReadonlyMap<string, BackedUpFile>;
  readonly #fresh = new Set<string>();
  #newBytes = 0;
  #done = 0;
  #total = 0;

  constructor({ dir, repository, onProgress }: BackupOptions) {
    this.#dir = dir;
    this.#repository = repository;
    this.#onProgress = onProgress;
    const newest = repository.snapshots().at(-1);
    this.#before = new Map(
      (newest === undefined ? [] : repository.snapshot(newest).files).map((one) => [one.path, one]),
    );
  }

  expect(paths: readonly string[]): void {
    for (const path of paths) this.#total += existsSync(path) ? sizeOf(path) : 0;
  }

  files(): BackedUpFile[] {
    return [...this.#files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** One file of the data directory. What vanished meanwhile (a tile that was replaced) is left out. */
  add(path: string): void {
    try {
      this.addFile(path, join(this.#dir, path));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      this.#files.delete(path);
    }
  }

  /** The checkpoint and the tiles that grow under it, until no publication came in between. Gives the checkpoint. */
  addTree(): string {
    const file = join(this.#dir, CHECKPOINT);
    const read = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const before = read();
      for (const path of this.#files.keys()) if (PARTIAL_TILE.test(path)) this.#files.delete(path);
      for (const path of filesUnder(join(this.#dir, 'ledger/tree/tile')).map((one) => `ledger/tree/tile/${one}`))
        if (PARTIAL_TILE.test(path) || !this.#files.has(path)) this.add(path);
      if (before !== '') this.add(CHECKPOINT);
      if (read() === before) return before;
    }
    throw new BackupError('unreadable', 'the tree was published again and again while it was read', {
      advice: 'try again when there is less traffic',
    });
  }

  /** A database in use is copied by SQLite itself. */
  async addDatabase(name: string): Promise<void> {
    const path = join(this.#dir, name);
    if (!existsSync(path)) return;
    const folder = mkdtempSync(join(this.#dir, '.backup-'));
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const copy = join(folder, name);
      await copyDatabase(database, copy);
      this.addFile(name, copy);
    } finally {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  addFile(path: string, from: string): void {
    const fd = openSync(from, 'r');
    try {
      // What is appended from now on belongs to the next backup.
      const { size, mode, mtimeMs } = fstatSync(fd);
      const known = this.#before.get(path);
      const isKnown =
        known?.size === size && known.mtimeMs === mtimeMs && known.chunks.every((one) => this.#repository.has(one));
      const content = isKnown ? { sha256: known.sha256, chunks: known.chunks } : this.#store(fd, size);
      this.#files.set(path, { path, mode: mode & 0o777, size, mtimeMs, ...content });
      this.#done += size;
      this.#onProgress?.(Math.min(this.#done, this.#total), this.#total);
    } finally {
      closeSync(fd);
    }
  }

  #store(fd: number, size: number): Pick<BackedUpFile, 'sha256' | 'chunks'> {
    const hash = createHash('sha256');
    const chunks: string[] = [];
    const piece = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(size, 1)));
    for (let at = 0; at < size;) {
      const length = readFully(fd, piece.subarray(0, Math.min(piece.length, size - at)), at);
      if (length === 0)
        throw new BackupError('unreadable', 'a file became shorter while it was read', { advice: 'try again' });
      const content = piece.subarray(0, length);
      hash.update(content);
      const name = this.#repository.nameOf(content);
      if (!this.#repository.has(name)) {
        this.#newBytes += this.#repository.put(name, content);
        this.#fresh.add(name);
      }
      chunks.push(name);
      at += length;
    }
    return { sha256: hash.digest('hex'), chunks };
  }

  /** Reads back what was written, and looks whether all the rest is there. */
  finish(snapshot: Snapshot): BackupSummary {
    for (const name of this.#fresh) this.#repository.get(name);
    const files = this.#repository.snapshot(snapshot.id).files;
    const missing = files.flatMap(({ chunks }) => chunks).find((name) => !this.#repository.has(name));
    if (missing !== undefined)
      throw new BackupError('damaged', `piece ${missing.slice(0, 12)} of the backup is missing after it was written`);
    return {
      snapshot: snapshot.id,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      newChunks: this.#fresh.size,
      newBytes: this.#newBytes,
      checkedChunks: this.#fresh.size,
    };
  }
}

function readFully(fd: number, into: Buffer, position: number): number {
  let at = 0;
  while (at < into.length) {
    const read = readSync(fd, into, at, into.length - at, position + at);
    if (read === 0) break;
    at += read;
  }
  return at;
}

function sizeOf(path: string): number {
  const fd = openSync(path, 'r');
  try {
    return fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
}
