import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemErrorCode } from '#kernel';
import { FOLDERS_MAX, FOLDER_DEPTH_MAX, LISTED_FILES_MAX } from './limits.ts';
import { isRotatedName } from './rotated-names.ts';

/** A file as it was found. */
export interface Found {
  path: string;
  /** The file itself, whatever its name: device and number. */
  key: string;
  size: number;
  modifiedMs: number;
  /** Beside a watched file, with the name of a rotated log of it. */
  isSibling: boolean;
}

export interface Scan {
  files: Found[];
  /** Folders in which files may come and go. */
  folders: string[];
  /** It could not be looked at, so that nothing is known of what was there. */
  isBlind: boolean;
  /** Why something of it cannot be seen, each in one sentence; names nothing below the watched path. */
  problems: string[];
}

const NOT_ALLOWED: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);
/** Looked at together. */
const LOOKS_AT_ONCE = 64;

/** What a watched path holds now. Never throws: what cannot be seen is a problem. Links inside a folder are not followed. */
export async function scanPath(path: string): Promise<Scan> {
  const scan = emptyScan();
  if (isPattern(path)) {
    const pattern = basename(path);
    await listFolder(dirname(path), scan, { matches: (name) => matchesPattern(name, pattern), depth: null });
    return scan;
  }
  try {
    // The operator named it, so that a link is followed here.
    const info = await stat(path, { bigint: true });
    if (info.isDirectory()) {
      await listFolder(path, scan, { matches: () => true, depth: 0 });
      return scan;
    }
    if (info.isFile()) scan.files.push(foundOf(path, info, false));
    else scan.problems.push('it is neither a file nor a folder');
  } catch (error) {
    scan.problems.push(`it ${reasonOf(error)}`);
    scan.isBlind = systemErrorCode(error) !== 'ENOENT';
  }
  await addSiblings(path, scan);
  return scan;
}

function emptyScan(): Scan {
  return { files: [], folders: [], isBlind: false, problems: [] };
}

/** Whether the last part of a path is a pattern. */
export function isPattern(path: string): boolean {
  return /[*?]/.test(basename(path));
}

/** `*` is any characters, `?` is one; in time that grows with the name's length times the pattern's. */
export function matchesPattern(name: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let mark = 0;
  while (place < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      mark = place;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[place])) {
      at += 1;
      place += 1;
    } else if (star !== -1) {
      at = star + 1;
      place = ++mark;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** The files beside a watched one that its rotation may have made of it: `app.log.1`, `app.log-20261124.gz`. */
async function addSiblings(path: string, scan: Scan): Promise<void> {
  const name = basename(path);
  const beside = emptyScan();
  await listFolder(dirname(path), beside, {
    matches: (one) => isRotatedName(one, name),
    depth: null,
  });
  scan.folders.push(...beside.folders);
  const known = new Set(scan.files.map(({ key }) => key));
  for (const found of beside.files) if (!known.has(found.key)) scan.files.push({ ...found, isSibling: true });
}

interface Listing {
  matches: (name: string) => boolean;
  /** Folders further down; null leaves them out. */
  depth: number | null;
}

async function listFolder(folder: string, scan: Scan, { matches, depth }: Listing): Promise<void> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const isBelow = depth !== null && depth > 0;
    scan.isBlind ||= !isBelow;
    say(scan, isBelow ? `a folder in it ${reasonOf(error)}` : `its folder ${reasonOf(error)}`);
    return;
  }
  scan.folders.push(folder);
  const names = entries.filter((one) => one.isFile() && matches(one.name)).map(({ name }) => join(folder, name));
  for (let at = 0; at < names.length; at += LOOKS_AT_ONCE) {
    if (scan.files.length >= LISTED_FILES_MAX) {
      say(scan, `it holds more than ${LISTED_FILES_MAX} files, and the rest is not read`);
      return;
    }
    const infos = await Promise.all(names.slice(at, at + LOOKS_AT_ONCE).map(lookAt));
    scan.files.push(...infos.filter((found) => found !== null));
  }
  if (depth === null) return;
  for (const one of entries) {
    if (!one.isDirectory()) continue;
    if (depth >= FOLDER_DEPTH_MAX) say(scan, `folders more than ${FOLDER_DEPTH_MAX} deep in it are not read`);
    else if (scan.folders.length >= FOLDERS_MAX)
      say(scan, `it holds more than ${FOLDERS_MAX} folders, and the rest is not read`);
    else await listFolder(join(folder, one.name), scan, { matches, depth: depth + 1 });
  }
}

function say(scan: Scan, problem: string): void {
  if (!scan.problems.includes(problem)) scan.problems.push(problem);
}

/** Null for what went away in between, or is a link by now. */
async function lookAt(path: string): Promise<Found | null> {
  try {
    const info = await lstat(path, { bigint: true });
    return info.isFile() ? foundOf(path, info, false) : null;
  } catch {
    return null;
  }
}

function foundOf(path: string, info: BigIntStats, isSibling: boolean): Found {
  return { path, key: keyOf(info), size: Number(info.size), modifiedMs: Number(info.mtimeMs), isSibling };
}

export function keyOf({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/** Why something cannot be read, as the end of a sentence; without a path. */
export function reasonOf(error: unknown): string {
  const code = systemErrorCode(error) ?? 'unknown fault';
  if (code === 'ENOENT') return 'does not exist';
  if (NOT_ALLOWED.has(code)) return 'may not be read by the user that Wardkeep runs as';
  return `cannot be read (${code})`;
}
