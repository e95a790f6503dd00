import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { syncPath } from '#kernel';
import { BlockStream, SALTS_BYTES, blockAad, sealBlock } from './block.ts';
import { nameOf } from './day-keys.ts';
import { LedgerError, writeError } from './errors.ts';
import { removeFile } from './files.ts';
import type { Frame, FrameBlock } from './frame.ts';
import { encodeFrame, hashesAt, positionsIn } from './frame.ts';
import { segmentName } from './layout.ts';
import { SegmentScanner, encodeSegmentHead, partsOf } from './segment.ts';
import type { Store } from './store.ts';

/** Gives a frame without some bodies, or null when it stays as it is. */
export type FrameChange = (frame: Frame) => Frame | null;

/**
 * Rewrites a segment whose frames `change` alters: a new file, synced, takes the place of the old one,
 * which is deleted by that. A segment without a change is left alone.
 * @throws {LedgerError} `corrupt` when it cannot be read to its end; `disk_full`, `write_failed`; the segment is then as
 * before.
 */
export function rewriteSegment(store: Store, segment: number, change: FrameChange): boolean {
  const path = join(store.layout.journal, segmentName(segment));
  const temporary = `${path}.tmp`;
  let changed = false;
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      changed = copyFrames(store, { segment, fd, change });
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (!changed) return false;
    renameSync(temporary, path);
    syncPath(store.layout.journal);
  } catch (error) {
    throw error instanceof LedgerError ? error : writeError(error, 'a journal segment');
  } finally {
    removeFile(temporary);
  }
  store.reader.forget(segment);
  return true;
}

function copyFrames(store: Store, target: { segment: number; fd: number; change: FrameChange }): boolean {
  using scanner = new SegmentScanner(store.layout.journal, target.segment);
  if (scanner.head === null) refuseDamaged(scanner);
  if (scanner.head === null) return false;
  let changed = false;
  writeAll(target.fd, encodeSegmentHead(scanner.head));
  for (let scanned = scanner.next(); scanned !== null; scanned = scanner.next()) {
    const frame = scanned.head.count === 0 ? null : target.change(partsOf(scanned));
    if (frame !== null) changed = true;
    writeAll(target.fd, frame === null ? scanned.bytes : encodeFrame(frame, store.macKey));
  }
  if (changed) refuseDamaged(scanner);
  return changed;
}

/**
 * Reads a segment to its end: what is damaged cannot be rewritten.
 * @throws {LedgerError} `corrupt`.
 */
export function refuseUnreadable(store: Store, segment: number): void {
  using scanner = new SegmentScanner(store.layout.journal, segment, store.limitOf(segment));
  while (scanner.next() !== null);
  refuseDamaged(scanner);
}

function refuseDamaged({ end, path }: SegmentScanner): void {
  if (end.kind === 'clean') return;
  throw new LedgerError('corrupt', `the journal segment ${path} is damaged: ${end.reason}`, {
    advice: 'see what is affected with: wardkeep ledger verify; restore the segment, then try again',
  });
}

/** The change that takes out the bodies of `indexes`: their blocks are sealed anew under a fresh id. */
export function withoutBodies(store: Store, indexes: ReadonlySet<number>): FrameChange {
  return (frame) => {
    let changed = false;
    const blocks = frame.blocks.map((block, slot) => {
      const rewritten = blockWithout(store, frame, { slot, indexes });
      if (rewritten !== null) changed = true;
      return rewritten ?? block;
    });
    return changed ? { ...frame, blocks } : null;
  };
}

/** The change that drops the blocks of destroyed day keys. */
export function withoutKeys(keys: ReadonlySet<string>): FrameChange {
  return (frame) => {
    if (!frame.blocks.some((block) => isDoomed(block, keys))) return null;
    const empty = Buffer.alloc(0);
    const blocks = frame.blocks.map((block): FrameBlock =>
      isDoomed(block, keys) ? { ...block, state: 'dropped', bytes: empty } : block,
    );
    return { ...frame, blocks };
  };
}

function isDoomed(block: FrameBlock, keys: ReadonlySet<string>): boolean {
  return block.state === 'sealed' && keys.has(nameOf(block));
}

function blockWithout(
  store: Store,
  frame: Frame,
  what: { slot: number; indexes: ReadonlySet<number> },
): FrameBlock | null {
  const block = frame.blocks[what.slot];
  const positions = positionsIn(frame, what.slot);
  const doomed = (position: number): boolean => what.indexes.has(frame.firstIndex + position);
  if (block === undefined || !positions.some(doomed)) return null;
  const opened = store.opener.open(frame, what.slot, positions);
  if (typeof opened === 'string') return null;
  const stream = new BlockStream();
  const salts = Buffer.from(opened.salts);
  let removed = false;
  stream.start(positions.length);
  positions.forEach((position, inBlock) => {
    const body = opened.body(inBlock);
    if (body !== null && !doomed(position)) {
      stream.add(body.normal, body.raw, body.patient);
      return;
    }
    removed ||= body !== null;
    salts.fill(0, inBlock * SALTS_BYTES, (inBlock + 1) * SALTS_BYTES);
    stream.addErased();
  });
  if (!removed) return null;
  const aad = blockAad(store.origin, frame.firstIndex + (positions[0] ?? 0), hashesAt(frame, positions));
  const dayKey = store.dayKeys.forSealing(block);
  return { ...block, ...sealBlock(stream.finish(salts), { dayKey, aad, random: store.world.random }) };
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
