import { COMPACT_FILES_MIN, RECORD_FILE_ROWS_MAX, TELEMETRY_FILE_ROWS_MAX } from '../limits.ts';
import type { ArchiveFile } from './manifest.ts';

/**
 * Files to be merged, a run of them at a time: neighbours of one day and class. All of a day that has ended; of a day that
 * still grows those that are many, or that fill a file. A day has ended when it is over and files of a later one are there:
 * an archive that is made anew fills old days one seal after the other, and would write each day's files again at each.
 * Only neighbours, so that the ranges of the files of one day and class never overlap.
 */
export function runsToMerge(
  files: readonly ArchiveFile[],
  { today, damaged }: { today: string; damaged: ReadonlySet<string> },
): ArchiveFile[][] {
  const newest = files.reduce((latest, { day }) => (day > latest ? day : latest), '');
  const groups = Map.groupBy(files, ({ day, retention }) => `${day} ${retention}`);
  return [...groups.values()].flatMap((group) => {
    const day = group[0]?.day ?? '';
    const least = day < today && day < newest ? 2 : COMPACT_FILES_MIN;
    return runsOf(group, damaged)
      .filter(({ run, isFull }) => run.length >= (isFull ? 2 : least))
      .map(({ run }) => run);
  });
}

interface Run {
  run: ArchiveFile[];
  rows: number;
  /** The next file has no room in it. */
  isFull: boolean;
}

function emptyRun(): Run {
  return { run: [], rows: 0, isFull: false };
}

function runsOf(group: readonly ArchiveFile[], damaged: ReadonlySet<string>): Run[] {
  let last = emptyRun();
  const runs = [last];
  for (const file of group.toSorted((a, b) => a.first - b.first)) {
    const most = file.retention === 'record' ? RECORD_FILE_ROWS_MAX : TELEMETRY_FILE_ROWS_MAX;
    const canJoin = !damaged.has(file.name) && file.rows < most;
    if (!canJoin || last.rows + file.rows > most) {
      last.isFull = !damaged.has(file.name);
      last = emptyRun();
      runs.push(last);
    }
    if (!canJoin) continue;
    last.run.push(file);
    last.rows += file.rows;
  }
  return runs;
}
