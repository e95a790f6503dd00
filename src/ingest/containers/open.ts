import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, systemErrorCode } from '#kernel';
import { IngestError } from '../errors.ts';
import { ExpansionBudget } from './budget.ts';
import { type OnFault, isOfMemberAlone } from './faults.ts';
import { coalesce } from './coalesce.ts';
import { gunzip, isGzip } from './gzip.ts';
import { CONTAINER_DEPTH_MAX, READ_CHUNK_BYTES } from './limits.ts';
import { paced } from './paced.ts';
import { peek } from './peek.ts';
import { isTar, tarMembers } from './tar.ts';
import { isZip, zipMembers } from './zip.ts';

/** How much of a member is looked at to recognise its format. */
export const HEAD_BYTES = 64 * 1024;
const FILES_MAX = 1_000_000;
const FOLDER_DEPTH_MAX = 64;

/** One readable thing: a file, or a member of an archive, decompressed. */
export interface Member {
  /** The path as given, or `-` for standard input. */
  file: string;
  /** Path within the archive (`a.tgz` → `logs/b.json`); null when the file itself is read. */
  member: string | null;
  modifiedMs: number;
  head: Buffer;
  bytes: AsyncGenerator<Buffer>;
  /** Where it cannot be read to its end, those behind it can: a zip has a directory. */
  isIndependent?: boolean;
}

/** Told of a folder that could not be read, with its path. */
type OnSkipped = (error: IngestError, path: string) => void;

/**
 * All files under the given paths, each once whatever the ways to it are, sorted by path, so that the order of arguments
 * changes nothing.
 * @throws {IngestError} `unreadable` for the first path that does not exist or is no file or folder.
 */
export async function listFiles(paths: readonly string[], onSkipped: OnSkipped): Promise<string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    const info = await statOf(path);
    if (info.isDirectory()) await walk(path, files, onSkipped, 0);
    else files.add(path);
  }
  const byPlace = new Map<string, string>();
  for (const file of [...files].toSorted()) {
    const place = resolve(file);
    if (!byPlace.has(place)) byPlace.set(place, file);
  }
  return [...byPlace.values()];
}

/**
 * Tells before any work is begun whether there is something under each path.
 * @throws {IngestError} `unreadable` for the first path that does not exist or is no file or folder.
 */
export async function requirePaths(paths: readonly string[]): Promise<void> {
  for (const path of paths) await statOf(path);
}

async function walk(folder: string, files: Set<string>, onSkipped: OnSkipped, depth: number) {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    onSkipped(unreadable(folder, error), folder);
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Links are not followed: a folder of logs must not lead out of itself.
    if (entry.isDirectory()) {
      if (depth < FOLDER_DEPTH_MAX) await walk(path, files, onSkipped, depth + 1);
      else onSkipped(beyond(`${path} lies more than ${FOLDER_DEPTH_MAX} folders deep`), path);
    } else if (entry.isFile()) {
      if (files.size < FILES_MAX) files.add(path);
      else {
        onSkipped(beyond(`${folder} and its like hold more than ${FILES_MAX} files; the rest was left out`), folder);
        return;
      }
    }
  }
}

/**
 * The members of one file, read through gz, zip and tar (also within each other, to a depth of three). Each member's bytes
 * must be consumed before the next is asked for. What of a zip is passed over is told to `onFault`; without it, it is thrown.
 * @throws {IngestError} `unreadable`, `bad_archive`, `archive_bomb`, `unsupported_archive`; what came before was given.
 */
export async function* openFile(file: string, onFault: OnFault = thrown): AsyncGenerator<Member> {
  const info = await statOf(file);
  const budget = new ExpansionBudget(info.size);
  const origin = { file, member: null, modifiedMs: info.mtimeMs };
  const opened = await peek(fileBytes(file), HEAD_BYTES);
  try {
    if (!isZip(opened.head)) {
      yield* expand(origin, opened, budget, 0);
      return;
    }
  } finally {
    await opened.close();
  }
  for await (const entry of zipMembers(file, onFault)) {
    const named = { file, member: entry.name, modifiedMs: entry.modifiedMs, isIndependent: true };
    try {
      yield* openLayer(named, coalesce(budget.meter(entry.bytes())), budget, 1);
    } catch (error) {
      if (!isOfMemberAlone(error, named)) throw error;
      onFault(error, entry.name);
    }
  }
}

function thrown(error: IngestError): never {
  throw error;
}

/** Whether these first bytes are those of a gz, zip or tar file. */
export function isArchive(head: Buffer): boolean {
  return isGzip(head) || isZip(head) || isTar(head);
}

/**
 * Standard input as members, as it comes; gz and tar are read through, zip needs a file. Its head is what came within
 * a second, from the first whole line on, unless `isUndecided` asks for more to know the stream by.
 */
export async function* openStream(
  stream: AsyncIterable<Buffer>,
  { receivedMs, isUndecided, waitMs }: StreamOptions,
): AsyncGenerator<Member> {
  const isEnough = (head: Buffer): boolean => head.includes(LINE_FEED) && !isUndecided(head);
  const opened = await peek(paced(stream, waitMs), HEAD_BYTES, isEnough);
  try {
    if (isZip(opened.head))
      throw new IngestError('unsupported_archive', 'a zip archive cannot be read from standard input', {
        advice: 'save it and name the file',
      });
    yield* expand({ file: '-', member: null, modifiedMs: receivedMs }, opened, new ExpansionBudget(Infinity), 0);
  } finally {
    await opened.close();
  }
}

export interface StreamOptions {
  receivedMs: number;
  isUndecided: (head: Buffer) => boolean;
  /** How long bytes wait for others; a second where it is left out. */
  waitMs?: number | undefined;
}

const LINE_FEED = 0x0a;

type Named = Pick<Member, 'file' | 'member' | 'modifiedMs' | 'isIndependent'>;

/** Looks at the beginning of a layer, reads through it, and lets go of it in every case. */
async function* openLayer(
  named: Named,
  bytes: AsyncIterable<Buffer>,
  budget: ExpansionBudget,
  depth: number,
): AsyncGenerator<Member> {
  const opened = await peek(bytes, HEAD_BYTES);
  try {
    yield* expand(named, opened, budget, depth);
  } finally {
    await opened.close();
  }
}

async function* expand(
  named: Named,
  { head, bytes }: Pick<Member, 'head' | 'bytes'>,
  budget: ExpansionBudget,
  depth: number,
): AsyncGenerator<Member> {
  if (depth < CONTAINER_DEPTH_MAX && isGzip(head)) {
    yield* openLayer(named, coalesce(budget.meter(gunzip(bytes))), budget, depth + 1);
  } else if (depth < CONTAINER_DEPTH_MAX && isTar(head)) {
    for await (const entry of tarMembers(bytes)) {
      const member = named.member === null ? entry.name : `${named.member}/${entry.name}`;
      yield* openLayer({ file: named.file, member, modifiedMs: entry.modifiedMs }, entry.bytes, budget, depth + 1);
    }
  } else {
    yield { ...named, head, bytes };
  }
}

async function* fileBytes(path: string): AsyncGenerator<Buffer> {
  let handle;
  try {
    handle = await open(path, constants.O_RDONLY);
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(READ_CHUNK_BYTES);
      const { bytesRead } = await handle.read(chunk, 0, READ_CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await handle.close();
  }
}

async function statOf(path: string) {
  try {
    const info = await stat(path);
    if (info.isFile() || info.isDirectory() || info.isFIFO() || info.isCharacterDevice()) return info;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new IngestError('unreadable', `${path} is neither a file nor a folder`);
}

function beyond(message: string): IngestError {
  return new IngestError('unreadable', message, { advice: 'name that folder itself' });
}

const REASONS: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder',
};

function unreadable(path: string, error: unknown): IngestError {
  if (error instanceof IngestError) return error;
  const reason = REASONS[systemErrorCode(error) ?? ''] ?? `cannot be read (${messageOf(error)})`;
  return new IngestError('unreadable', `${path} ${reason}`, {
    cause: error,
    advice: 'check the path and its permissions',
  });
}
