import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, systemErrorCode } from '#kernel';
import type { RetentionClass } from '#ledger';
import { SCHEMA_VERSION } from '../columns/columns.ts';
import { ArchiveError } from '../errors.ts';

/** One Parquet file with the entries of one receive day and retention class within [first, last]. */
export interface ArchiveFile {
  /** Path below the archive, with `/`: `day=2026-11-24/record-000000000000-7.parquet`. */
  name: string;
  day: string;
  retention: RetentionClass;
  /** Smallest and largest index in it. */
  first: number;
  last: number;
  rows: number;
  bytes: number;
  sha256: string;
  /** Event time, ms; null where no event has one. */
  minMs: number | null;
  maxMs: number | null;
}

/** What the archive holds; a file that does not stand here does not count. */
export interface Manifest {
  format: 1;
  schema: number;
  /** Whose entries these are. */
  origin: string;
  /** Every present entry with a smaller index is in the files. */
  sealedTo: number;
  /** The last number given to a file. */
  serial: number;
  files: readonly ArchiveFile[];
  /** Indexes that an erasure event named and that may still be in a file. */
  erasures: readonly { index: number; sinceMs: number }[];
}

export function emptyManifest(origin: string): Manifest {
  return { format: 1, schema: SCHEMA_VERSION, origin, sealedTo: 0, serial: 0, files: [], erasures: [] };
}

export function manifestPath(root: string): string {
  return join(root, 'manifest.json');
}

/**
 * The manifest, or null where there is none.
 * @throws {ArchiveError} `corrupt`, `newer_format`
 */
export function readManifest(root: string): Manifest | null {
  let text: string;
  try {
    text = readFileSync(manifestPath(root), 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const manifest = parse(text);
  if (manifest === null)
    throw new ArchiveError('corrupt', 'the manifest of the archive cannot be read', {
      advice: 'run wardkeep rebuild: the archive is made again from the ledger',
    });
  if (manifest.format !== 1 || manifest.schema > SCHEMA_VERSION)
    throw new ArchiveError('newer_format', 'the archive was written by a newer Wardkeep', {
      advice: 'run that version, or wardkeep rebuild to make it anew in this version’s form',
    });
  return manifest;
}

export function writeManifest(root: string, manifest: Manifest): void {
  replaceFile(manifestPath(root), JSON.stringify(manifest));
}

function parse(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text);
    return isManifest(value) ? value : null;
  } catch {
    return null;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { format, schema, origin, sealedTo, serial, files, erasures } = value as Record<string, unknown>;
  const numbers = [format, schema, sealedTo, serial].every((one) => Number.isSafeInteger(one));
  return (
    numbers && typeof origin === 'string' && Array.isArray(erasures) && Array.isArray(files) && files.every(isFile)
  );
}

/** Names are paths and go into SQL: nothing but what we write ourselves is one. */
export const FILE_NAME = /^day=\d{4}-\d\d-\d\d\/(?:record|telemetry)-\d{12,16}-\d+\.parquet$/;

function isFile(value: unknown): value is ArchiveFile {
  if (typeof value !== 'object' || value === null) return false;
  const { name, day, first, last, rows, bytes, sha256 } = value as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    FILE_NAME.test(name) &&
    name.startsWith(`day=${String(day)}/`) &&
    [first, last, rows, bytes].every((one) => Number.isSafeInteger(one)) &&
    typeof sha256 === 'string'
  );
}
