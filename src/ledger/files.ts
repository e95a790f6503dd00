import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from '#kernel';
import { LedgerError, writeError } from './errors.ts';
import { STATE_FILE_BYTES_MAX } from './limits.ts';

/** Makes the entries of a directory durable. Where the platform cannot sync a directory, nothing is done. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Creates a directory with its parents, mode 0700, durably. */
export function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first !== undefined) syncDirectory(dirname(first));
}

/**
 * Replaces a file whole or not at all: temporary name, fsync, rename, fsync of the directory.
 * @throws {LedgerError} `disk_full`, `write_failed`.
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
    syncDirectory(dirname(path));
  } catch (error) {
    removeFile(temporary);
    throw writeError(error, `the file ${path}`);
  }
}

/**
 * Makes a file whole or not at all, mode 0600, and never in place of another one: then it gives false.
 * @throws {LedgerError} `disk_full`, `write_failed`.
 */
export function placeFile(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    replaceFile(temporary, text);
    linkSync(temporary, path);
    syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error instanceof LedgerError ? error : writeError(error, `the file ${path}`);
  } finally {
    removeFile(temporary);
  }
}

/** Removes a file if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/**
 * The bytes of a small state file, or null when there is none.
 * @throws {LedgerError} `corrupt` when it is larger than any such file can be.
 */
export function readOptional(path: string): Buffer | null {
  try {
    if (statSync(path).size > STATE_FILE_BYTES_MAX) throw new LedgerError('corrupt', `the file ${path} is too large`);
    return readFileSync(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
