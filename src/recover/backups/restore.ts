import { createHash } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { makeDirectory } from '#kernel';
import { BackupError } from './errors.ts';
import { KEY_PATH } from './backup.ts';
import type { Repository } from './repository.ts';
import type { BackedUpFile, Progress, Snapshot } from './types.ts';

export interface RestoreOptions {
  repository: Repository;
  /** Which snapshot; default the newest. */
  snapshot?: string | undefined;
  /** A new or empty folder. */
  dir: string;
  /** Where the master key goes, when the snapshot has it. */
  keyFile?: string | undefined;
  onProgress?: Progress | undefined;
}

/**
 * Writes a snapshot to a new folder; every piece and every file is checked against its hash.
 * @throws {BackupError} `not_empty`, `damaged`, `unreadable`
 */
export function restore({ repository, snapshot: wanted, dir, keyFile, onProgress }: RestoreOptions): Snapshot {
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new BackupError('not_empty', `${dir} is not empty`, {
      advice: 'restore to a new folder, look at it, then put it in the place of the old one',
    });
  const id = wanted ?? repository.snapshots().at(-1);
  if (id === undefined) throw new BackupError('unreadable', 'the repository holds no snapshot yet');
  const snapshot = repository.snapshot(id);
  const total = snapshot.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  makeDirectory(dir);
  for (const file of snapshot.files) {
    const to = placeOf(file, dir, keyFile);
    if (to !== null) write(repository, file, to);
    done += file.size;
    onProgress?.(done, total);
  }
  return snapshot;
}

/** Null for a master key that nobody asked for. */
function placeOf({ path }: BackedUpFile, dir: string, keyFile: string | undefined): string | null {
  if (path === KEY_PATH) return keyFile ?? null;
  const place = join(dir, normalize(path));
  if (path.startsWith('/') || !place.startsWith(join(dir, '/')))
    throw new BackupError('damaged', 'the snapshot names a place outside the folder');
  return place;
}

function write(repository: Repository, file: BackedUpFile, to: string): void {
  makeDirectory(dirname(to));
  const hash = createHash('sha256');
  const fd = openSync(to, 'wx', 0o600);
  try {
    for (const name of file.chunks) {
      const content = repository.get(name);
      hash.update(content);
      for (let at = 0; at < content.length;) at += writeSync(fd, content, at);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (hash.digest('hex') !== file.sha256)
    throw new BackupError('damaged', `${file.path} does not come out as it went in`);
  chmodSync(to, file.mode);
}
