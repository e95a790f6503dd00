import type { BatchAreas, MemberBatch, MemberOptions, Observed } from '#ingest';
import type { Clock } from '#kernel';
import type { FollowedMarks } from './followed-marks.ts';
import type { Timing } from './limits.ts';
import type { TrackedFile } from './tracked-file.ts';
import type { Turns } from './turns.ts';

export type Batch = Exclude<MemberBatch, 'known'>;

/** What all files of the thread share. */
export interface SharedReading {
  clock: Clock;
  timing: Timing;
  marks: FollowedMarks;
  /** Files that are read at the same moment. */
  turns: Turns;
  /** Files that may still be opened. */
  room: { files: number };
  areas: BatchAreas;
  raw: MemberOptions['raw'];
  /** What the tap says of a record; null when nothing. */
  observe: (record: Observed) => unknown;
  /** Sends a batch on as soon as there is room for it; in the order of the calls. */
  send: (sourceId: string, batch: Batch, tapped: [number, unknown][]) => Promise<void>;
}

/** What the files of one watched path share. */
export interface Reading extends SharedReading {
  options: Pick<MemberOptions, 'sources' | 'zone' | 'labels'>;
  sourceId: string;
  /** When the path became a source, ms since the epoch. */
  sinceMs: number;
  /** Whether the file of this path is there and about to say which mark it goes on from; `other` is who asks. */
  isAboutToStart: (path: string, other: TrackedFile) => boolean;
  /** Whether a file that this path may be a rotated copy of is being read and has no mark yet. */
  isUnmarked: (path: string, other: TrackedFile) => boolean;
  /** Whether files of any path may be there that have not said yet which mark they go on from. */
  isAnyToStart: (other: TrackedFile) => boolean;
  onReplaced: (file: TrackedFile) => void;
}

/** How a member's records become batches; what the tap says of them is gathered in `tapped`. */
export function memberOptions(reading: Reading, tapped: [number, unknown][]): MemberOptions {
  const { options, raw, clock, areas, observe } = reading;
  return {
    ...options,
    year: undefined,
    raw,
    clock,
    areas,
    observe: (record, place) => {
      const said = observe(record);
      if (said !== null) tapped.push([place, said]);
    },
  };
}
