import { RuleFault } from './errors.ts';

const BLOCK = 512;

export interface ArchiveMember {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * The regular files of a tar archive held in memory (POSIX ustar and pax, GNU long names). Links and devices are
 * passed over. The bytes are views of the archive.
 * @throws {RuleFault} where the archive is cut or broken.
 */
export function* tarMembers(archive: Buffer): Generator<ArchiveMember> {
  let at = 0;
  let longName: string | null = null;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    if (header[0] === 0) return;
    const size = octal(header, 124, 12);
    const start = at + BLOCK;
    if (size === null || !checksumHolds(header)) throw new RuleFault('tar archive is broken');
    if (start + size > archive.length) throw new RuleFault('tar archive is cut short');
    const bytes = archive.subarray(start, start + size);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = text(bytes, 0, size);
    else if (type === 'x') longName = paxPath(bytes) ?? longName;
    else {
      if (type === '0' || type === '\0') yield { name: longName ?? shortName(header), bytes };
      longName = null;
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new RuleFault('tar archive is cut short');
}

function text(bytes: Buffer, start: number, length: number): string {
  const end = bytes.indexOf(0, start);
  return bytes.toString('utf8', start, end < 0 || end > start + length ? start + length : end);
}

function octal(header: Buffer, start: number, length: number): number | null {
  const digits = text(header, start, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

function checksumHolds(header: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] ?? 0);
  return sum === octal(header, 148, 8);
}

function shortName(header: Buffer): string {
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records of the form `<length> <key>=<value>\n`. */
function paxPath(bytes: Buffer): string | null {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(bytes.toString('utf8'))?.[1] ?? null;
}
