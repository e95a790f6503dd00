import { type Stats, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { IngestError, tarMembers, zipMembers } from '#ingest';
import { messageOf } from '#kernel';
import { RuleFault, SigmaError } from './errors.ts';
import { RULE_FILES_MAX, RULE_FILE_BYTES_MAX, RULE_FOLDER_DEPTH_MAX, RULE_SOURCE_BYTES_MAX } from './limits.ts';

/** One rule file as text, or the reason why there is none. */
export type RuleFile = { readonly file: string } & ({ readonly text: string } | { readonly reason: string });

export interface ReadOptions {
  /** Which files, by name; default: those that end in `.yml` or `.yaml`. */
  readonly wanted?: Wanted;
}

type Wanted = (name: string) => boolean;

const RULE_NAME = /\.ya?ml$/i;
/** Git and macOS leave files of their own in folders and archives. */
const FOREIGN = /(?:^|\/)(?:\.(?!\.?\/)|__MACOSX(?:\/|$))/;

/**
 * The rule files (`.yml`, `.yaml`) of a file, folder (recursively), `.tgz`/`.tar.gz`/`.tar` or `.zip`, sorted by name.
 * Other files are no rules and are passed over; a rule file that cannot be read comes with its reason.
 * @throws {SigmaError} `unreadable_rules` when the source itself cannot be read.
 */
export async function readRuleFiles(source: string, options: ReadOptions = {}): Promise<RuleFile[]> {
  const wanted = options.wanted ?? ((name) => RULE_NAME.test(name));
  let stats: Stats;
  try {
    stats = statSync(source);
  } catch (cause) {
    throw new SigmaError('unreadable_rules', `cannot read the rules at ${source}`, {
      cause,
      advice: 'name a rule file, a folder, a .tgz or a .zip that exists and that you may read',
    });
  }
  if (stats.isDirectory()) return readFolder(source, wanted);
  if (RULE_NAME.test(source)) return wanted(source) ? [readPlain(source)] : [];
  if (/\.(?:tgz|tar\.gz|tar|zip)$/i.test(source)) return readArchive(source, stats.size, wanted);
  return [{ file: source, reason: 'neither a rule (.yml) nor an archive of rules (.tgz, .tar, .zip)' }];
}

function readFolder(root: string, wanted: Wanted): RuleFile[] {
  const files: RuleFile[] = [];
  const visit = (folder: string, depth: number): void => {
    if (depth > RULE_FOLDER_DEPTH_MAX) {
      files.push({ file: folder, reason: `folder nests more than ${RULE_FOLDER_DEPTH_MAX} deep` });
      return;
    }
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted(byName)) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) tryVisit(path, depth + 1);
      else if (wanted(entry.name)) files.push(files.length < RULE_FILES_MAX ? readEntry(entry, path) : tooMany(path));
    }
  };
  const tryVisit = (folder: string, depth: number): void => {
    try {
      visit(folder, depth);
    } catch (error) {
      files.push({ file: folder, reason: `folder cannot be read: ${messageOf(error)}` });
    }
  };
  tryVisit(root, 0);
  return files;
}

/** Rules come from others: a link must not lead out of their folder, nor a pipe or device keep the reader for ever. */
function readEntry(entry: { isFile: () => boolean }, path: string): RuleFile {
  return entry.isFile() ? readPlain(path) : { file: path, reason: 'no regular file; links are not followed' };
}

function tooMany(file: string): RuleFile {
  return { file, reason: `more than ${RULE_FILES_MAX} rule files` };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function readPlain(path: string): RuleFile {
  try {
    if (statSync(path).size > RULE_FILE_BYTES_MAX) return tooLarge(path);
    return decode(path, readFileSync(path));
  } catch (error) {
    return { file: path, reason: `file cannot be read: ${messageOf(error)}` };
  }
}

function tooLarge(file: string): RuleFile {
  return { file, reason: `file is larger than ${RULE_FILE_BYTES_MAX} bytes` };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decode(file: string, bytes: Buffer): RuleFile {
  try {
    return { file, text: UTF8.decode(bytes) };
  } catch {
    return { file, reason: 'file is not UTF-8' };
  }
}

async function readArchive(path: string, size: number, wanted: Wanted): Promise<RuleFile[]> {
  const files: RuleFile[] = [];
  try {
    if (size > RULE_SOURCE_BYTES_MAX) throw new RuleFault(`archive is larger than ${RULE_SOURCE_BYTES_MAX} bytes`);
    let total = 0;
    const refused = (error: IngestError, name: string | null): void => {
      files.push({ file: `${path}:${name ?? ''}`, reason: error.message });
    };
    for await (const { name, bytes } of membersOf(path, wanted, refused)) {
      total += bytes.length;
      if (total > RULE_SOURCE_BYTES_MAX)
        throw new RuleFault(`rules expand to more than ${RULE_SOURCE_BYTES_MAX} bytes`);
      if (files.length >= RULE_FILES_MAX) throw new RuleFault(`archive holds more than ${RULE_FILES_MAX} rule files`);
      const file = `${path}:${name}`;
      files.push(bytes.length > RULE_FILE_BYTES_MAX ? tooLarge(file) : decode(file, bytes));
    }
  } catch (error) {
    files.push({
      file: path,
      reason:
        error instanceof RuleFault || error instanceof IngestError
          ? error.message
          : `archive is broken: ${messageOf(error)}`,
    });
  }
  return files.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}

interface ArchiveMember {
  readonly name: string;
  readonly bytes: Buffer;
}

async function* membersOf(
  path: string,
  wanted: Wanted,
  refused: (error: IngestError, name: string | null) => void,
): AsyncGenerator<ArchiveMember> {
  const isWanted: Wanted = (name) => wanted(name) && !FOREIGN.test(name.replace(/^\.\//, ''));
  const members = /\.zip$/i.test(path) ? zipMembers(path, refused) : tarMembers(tarBytes(path));
  for await (const { name, bytes } of members)
    if (isWanted(name)) yield { name, bytes: await wholeOf(typeof bytes === 'function' ? bytes() : bytes) };
}

async function* tarBytes(path: string): AsyncGenerator<Buffer> {
  const archive = readFileSync(path);
  yield /\.tar$/i.test(path) ? archive : gunzipSync(archive, { maxOutputLength: RULE_SOURCE_BYTES_MAX });
}

/** All bytes of a member; of one that is too large only so many that this can be seen. */
async function wholeOf(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    size += piece.length;
    if (size > RULE_FILE_BYTES_MAX) break;
  }
  return Buffer.concat(pieces);
}
