import { promisify } from 'node:util';
import type { Readable } from 'node:stream';
import * as yauzl from 'yauzl';
import { messageOf } from '#kernel';
import { IngestError } from '../errors.ts';
import type { OnFault } from './faults.ts';
import { ARCHIVE_MEMBERS_MAX } from './limits.ts';
import { faultOfName, nameOf, shownName } from './zip-name.ts';
import { FileRanges, lengthWithoutTrailer } from './zip-trailer.ts';

export interface ZipMember {
  /** Name as stated, `/`-separated; not to be trusted as a path. */
  name: string;
  sizeBytes: number;
  modifiedMs: number;
  bytes: () => AsyncGenerator<Buffer>;
}

export function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === 0x04034b50;
}

/**
 * The regular files of a zip archive, in the order of its directory. Resource forks that macOS adds (`__MACOSX/`) are left out.
 * An entry whose name leads out of the archive is passed over and told to `onFault`.
 * @throws {IngestError} `bad_archive` when the directory cannot be read or a member is broken; `unsupported_archive` for an
 *   encrypted member, when it is read.
 */
export async function* zipMembers(path: string, onFault: OnFault): AsyncGenerator<ZipMember> {
  const zip = await openZip(path);
  try {
    let count = 0;
    for await (const entry of eachEntry(zip)) {
      count += 1;
      if (count > ARCHIVE_MEMBERS_MAX)
        throw new IngestError('archive_bomb', `the archive holds more than ${ARCHIVE_MEMBERS_MAX} members`);
      const name = nameOf(entry);
      const fault = faultOfName(name);
      if (fault !== null) onFault(fault, shownName(name));
      if (fault !== null || name.endsWith('/') || name.startsWith('__MACOSX/')) continue;
      yield {
        name,
        sizeBytes: entry.uncompressedSize,
        modifiedMs: entry.getLastModDate().getTime(),
        bytes: () => memberBytes(zip, entry),
      };
    }
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<yauzl.ZipFile> {
  try {
    // yauzl refuses bytes behind the archive, which other programs pass over.
    const length = await lengthWithoutTrailer(path);
    return length === null ? await promisify(openWithOptions)(path) : await promisify(openBeginning)(path, length);
  } catch (error) {
    throw broken(error);
  }
}

// Names are decoded here: yauzl would give up the whole archive for one that climbs out of it.
const OPTIONS = { lazyEntries: true, autoClose: false, decodeStrings: false };

function openWithOptions(path: string, done: (error: Error | null, zip: yauzl.ZipFile) => void): void {
  yauzl.open(path, OPTIONS, done);
}

function openBeginning(path: string, length: number, done: (error: Error | null, zip: yauzl.ZipFile) => void): void {
  yauzl.fromRandomAccessReader(new FileRanges(path), length, OPTIONS, done);
}

async function* eachEntry(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (;;) {
    const entry = await new Promise<yauzl.Entry | null>((resolve, reject) => {
      zip.removeAllListeners();
      zip.once('entry', resolve);
      zip.once('end', () => resolve(null));
      zip.once('error', (error: unknown) => reject(broken(error)));
      zip.readEntry();
    });
    if (entry === null) return;
    yield entry;
  }
}

async function* memberBytes(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  if (entry.isEncrypted())
    throw new IngestError('unsupported_archive', 'the archive member is encrypted', {
      advice: 'unpack it with its password and give Wardkeep the file',
    });
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error === null ? resolve(opened) : reject(error)));
    });
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw broken(error);
  }
}

function broken(error: unknown): IngestError {
  if (error instanceof IngestError) return error;
  return new IngestError('bad_archive', `the zip archive is broken (${messageOf(error)})`, {
    cause: error,
    advice: 'what came before was read; get a whole copy of the file for the rest',
  });
}
