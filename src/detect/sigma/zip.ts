import { inflateRawSync } from 'node:zlib';
import { RuleFault } from './errors.ts';
import type { ArchiveMember } from './tar.ts';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;

/**
 * The files of a ZIP archive held in memory that `wanted` asks for by name (APPNOTE 6.3: stored and deflated, no
 * encryption, no ZIP64). Each expands to `memberBytesMax` at most.
 * @throws {RuleFault} where the archive is broken or a wanted file cannot be read.
 */
export function* zipMembers(
  archive: Buffer,
  options: { wanted: (name: string) => boolean; memberBytesMax: number },
): Generator<ArchiveMember> {
  const end = findEnd(archive);
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY_SIGNATURE)
      throw new RuleFault('zip archive is broken');
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (!name.endsWith('/') && options.wanted(name))
      yield { name, bytes: readMember(archive, at, options.memberBytesMax) };
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
}

function findEnd(archive: Buffer): number {
  for (let at = archive.length - END_BYTES; at >= 0 && at >= archive.length - END_BYTES - COMMENT_BYTES_MAX; at--) {
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  throw new RuleFault('zip archive has no directory: it is cut short or no zip archive');
}

function readMember(archive: Buffer, entry: number, bytesMax: number): Buffer {
  if ((archive.readUInt16LE(entry + 8) & 1) !== 0) throw new RuleFault('zip archive holds an encrypted rule');
  const method = archive.readUInt16LE(entry + 10);
  const packed = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  if (local + 30 > archive.length) throw new RuleFault('zip archive is broken');
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(start, start + packed);
  if (method === 0) return bytes;
  if (method !== 8) throw new RuleFault('zip archive uses a compression that is not supported');
  try {
    return inflateRawSync(bytes, { maxOutputLength: bytesMax });
  } catch {
    throw new RuleFault(`zip archive holds a rule that is broken or larger than ${bytesMax} bytes`);
  }
}
