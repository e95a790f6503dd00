import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceMark } from '#ledger';
import { type Holder, baseOf } from './followed-marks.ts';
import type { Reading } from './reading.ts';
import type { Found } from './scan.ts';
import type { TrackedFile } from './tracked-file.ts';

/** Pause while a file waits for another one that holds its mark, ms. */
const WAIT_MS = 100;

/** Another file goes on with what this one held: it ends here, and its last bytes come from there. */
export class Superseded extends Error {}

/** A file as another one that begins alike sees it. */
export interface FileView extends Holder {
  readonly found: Found;
  readonly isGone: boolean;
  /** Whether it has said which mark it goes on from. */
  isStarted: boolean;
  /** All of it was read that is there. */
  readonly isAtEnd: boolean;
  readonly offset: number;
  /** For how long it has not changed, ms. */
  readonly quietMs: number;
}

/** Where reading begins, and under which name its progress is kept. */
export interface Start {
  sourceId: string;
  from: SourceMark | null;
}

/** A file, or a member of an archive, that is about to be read. */
export interface Newcomer {
  /** Path, or path and member. */
  base: string;
  /** Its first 64 KiB, as they are now. */
  head: () => Promise<Buffer>;
  /** Bytes of a plain file; 0 where they are not known. */
  size: number;
  /** Marks that turned out not to fit. */
  refuted: ReadonlySet<string>;
}

/**
 * Where a file's reading begins; null when it is not to be read: it is no rotated log of the watched file, or a mere copy of
 * one that is followed. While another file is still read up to where this one would go on, it waits.
 */
export async function startOf(file: TrackedFile, reading: Reading, newcomer: Newcomer): Promise<Start | null> {
  const { marks, timing, clock, isAboutToStart, isUnmarked, isAnyToStart } = reading;
  const { base, head, size, refuted } = newcomer;
  const begunMs = clock.nowMs();
  const held = (start: Start): Start => {
    marks.hold(start.sourceId, file);
    file.isStarted = true;
    return start;
  };
  // The mark of a file that has not been looked into yet is not given to another one.
  const slot = (): string => marks.slotFor(base, { mayReuse: !isAnyToStart(file) });
  for (;;) {
    const from = marks.find({ base, head: await head(), refuted });
    const isPatient = clock.nowMs() - begunMs < timing.settleMs;
    if (from === null) {
      // What stands in it may be on its way already, from the file that it is a copy of.
      if (!isPatient || !isUnmarked(base, file))
        return isOldNews(file, reading) ? null : held({ sourceId: slot(), from });
      await sleep(WAIT_MS);
      continue;
    }
    const holder = marks.holderOf(from.sourceId);
    const own = { sourceId: from.sourceId, from };
    if (holder === file || holder?.isDone === true) return held(own);
    if (holder === null) {
      // The file that the mark was made for comes first.
      if (!isPatient || !isAboutToStart(baseOf(from.sourceId), file)) return held(own);
    } else if (isView(holder) && holder.isAtEnd && !holder.isGone && file.quietMs >= timing.settleMs) {
      // Neither changes any more: this one is a copy of the other, or goes on where that one ended.
      if (size <= holder.offset) return null;
      return held({ sourceId: slot(), from });
    }
    await sleep(WAIT_MS);
  }
}

/** Whether it is a rotated log of a watched file from before that one was watched: what came later is read, whenever it is found. */
function isOldNews({ found }: TrackedFile, { sinceMs }: Reading): boolean {
  return found.isSibling && found.modifiedMs < sinceMs;
}

function isView(holder: Holder): holder is FileView {
  return 'quietMs' in holder;
}
