import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { SourceMark } from '#ledger';
import type { Member } from './containers/open.ts';
import { HEAD_BYTES } from './containers/open.ts';

/** How a member is to be read: from its beginning, or on from where an earlier run stopped. */
export interface Resumption {
  sourceId: string;
  headHash: string;
  /** Null = from the beginning. */
  from: SourceMark | null;
}

/**
 * Finds what is known of a member. Its own path comes first; a file that was renamed (a rotated log) or copied is known by
 * the hash of its first 64 KiB. Whether all bytes in front of the mark are still the same, the reader finds out on its way.
 */
export function resumptionOf(
  member: Member,
  marks: ReadonlyMap<string, SourceMark>,
  changed: ReadonlySet<string>,
): Resumption {
  const base = member.member === null ? resolve(member.file) : `${resolve(member.file)}#${member.member}`;
  const headHash = sha256(member.head);
  const latest = latestGeneration(base, marks);
  const own = marks.get(latest.sourceId);
  if (own !== undefined && !changed.has(own.sourceId) && headAgrees(own, member.head, headHash))
    return { sourceId: own.sourceId, headHash: own.headHash, from: own };
  const known = own === undefined ? knownByContent(member, headHash, marks, changed) : null;
  if (known !== null) return { sourceId: known.sourceId, headHash: known.headHash, from: known };
  const sourceId = own === undefined ? latest.sourceId : `${base}@${latest.generation + 1}`;
  return { sourceId, headHash, from: null };
}

/** A path whose beginning changed is a new source: `path`, `path@2`, `path@3`, … */
function latestGeneration(
  base: string,
  marks: ReadonlyMap<string, SourceMark>,
): { sourceId: string; generation: number } {
  let generation = 1;
  while (marks.has(`${base}@${generation + 1}`)) generation += 1;
  return { sourceId: generation === 1 ? base : `${base}@${generation}`, generation };
}

function headAgrees(mark: SourceMark, head: Buffer, headHash: string): boolean {
  if (mark.offset >= HEAD_BYTES) return mark.headHash === headHash;
  if (mark.prefixHash === null || head.length < mark.offset) return mark.prefixHash === null;
  return sha256(head.subarray(0, mark.offset)) === mark.prefixHash;
}

function knownByContent(
  member: Member,
  headHash: string,
  marks: ReadonlyMap<string, SourceMark>,
  changed: ReadonlySet<string>,
): SourceMark | null {
  const isWhole = member.head.length < HEAD_BYTES;
  for (const mark of marks.values()) {
    if (mark.headHash !== headHash || changed.has(mark.sourceId)) continue;
    if (!isWhole && mark.offset >= HEAD_BYTES) return mark;
    // A short file is known only as a whole: many logs begin with the same few lines.
    if (isWhole && mark.offset === member.head.length && mark.prefixHash === headHash) return mark;
  }
  return null;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
