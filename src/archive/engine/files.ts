import { createHash } from 'node:crypto';
import { chmodSync, closeSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { MIB, makeDirectory, messageOf, syncPath, systemErrorCode } from '#kernel';
import { ArchiveError } from '../errors.ts';

/** Bytes that a hash reads at once. */
const HASH_BYTES = MIB;

/** Puts a finished file in its place: private, durable, then under its name. */
export function placeFile(temporary: string, path: string): void {
  chmodSync(temporary, 0o600);
  syncPath(temporary);
  makeDirectory(dirname(path));
  renameSync(temporary, path);
  syncPath(dirname(path));
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** SHA-256 of a file, hex; null when it cannot be read. */
export function hashOf(path: string): string | null {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(HASH_BYTES);
  try {
    const fd = openSync(path, 'r');
    try {
      for (;;) {
        const read = readSync(fd, buffer);
        if (read === 0) return hash.digest('hex');
        hash.update(buffer.subarray(0, read));
      }
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}

/** What a failed write is for the operator. */
export function writeFailure(error: unknown): ArchiveError {
  if (error instanceof ArchiveError) return error;
  const isFull = systemErrorCode(error) === 'ENOSPC' || /no space left|disk (?:is )?full/i.test(messageOf(error));
  if (/^(?:Error: )?Out of Memory/i.test(messageOf(error)))
    return new ArchiveError('write_failed', 'the archive has too little memory for a file', {
      cause: error,
      advice: 'nothing is lost: the ledger has it all; tell us how many events a day come in',
    });
  return new ArchiveError(
    'write_failed',
    isFull ? 'the disk is full: the archive waits' : 'a file of the archive cannot be written',
    {
      cause: error,
      advice: isFull
        ? 'free space; nothing is lost, the ledger has it all'
        : 'check the volume and the rights on the data directory',
    },
  );
}
