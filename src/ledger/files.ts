import { linkSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile as replaceWhole, syncPath, systemErrorCode } from '#kernel';
import { LedgerError, writeError } from './errors.ts';
import { STATE_FILE_BYTES_MAX } from './limits.ts';

/**
 * Replaces a file whole or not at all, durably.
 * @throws {LedgerError} `disk_full`, `write_failed`.
 */
export function replaceFile(path: string, bytes: Uint8Array | string): void {
  try {
    replaceWhole(path, bytes);
  } catch (error) {
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
    syncPath(dirname(path));
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
