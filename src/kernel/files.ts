import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemErrorCode } from './errors.ts';

/** Makes a file, or the entries of a directory, durable. Where the platform cannot sync a directory, nothing is done. */
export function syncPath(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Creates a directory with its parents, durably; by default for its owner alone. One that is there stays as it is.
 * @throws what the system says.
 */
export function makeDirectory(path: string, mode = 0o700): void {
  const missing: string[] = [];
  // Not Node's `recursive`: it tries for ever where a file system takes no folder, as `/proc`.
  let at = resolve(path);
  for (; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  if (missing.length === 0) makeOne(at, mode);
  for (const folder of missing.toReversed()) makeOne(folder, mode);
  if (missing.length > 0) syncPath(at);
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Made by another process meanwhile, or there before.
    if (systemErrorCode(error) !== 'EEXIST' || !isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Replaces a file whole or not at all: temporary name (`.tmp` behind it), fsync, rename, fsync of the directory. By
 * default for its owner alone.
 * @throws what the system says; the temporary file is gone then.
 */
export function replaceFile(path: string, bytes: Uint8Array | string, mode = 0o600): void {
  const temporary = `${path}.tmp`;
  try {
    const fd = openSync(temporary, 'w', mode);
    try {
      const data = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
      for (let at = 0; at < data.length;) at += writeSync(fd, data, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    syncPath(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
