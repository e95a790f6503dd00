import { COMPACT_FILES_MIN, RECORD_FILE_ROWS_MAX, TELEMETRY_FILE_ROWS_MAX } from '../limits.ts';
import type { ArchiveFile } from './manifest.ts';

/**
 * Files to be merged, a run of them at a time: neighbours of one day and class, all of a day that has ended, else when
 * they are many. Only neighbours, so that the ranges of the files of one day and class never overlap.
 */
export function runsToMerge(
  files: readonly ArchiveFile[],
  { today, damaged }: { today: string; damaged: ReadonlySet<string> },
): ArchiveFile[][] {
  const groups = Map.groupBy(files, ({ day, retention }) => `${day} ${retention}`);
  const runs: ArchiveFile[][] = [];
  for (const group of groups.values()) {
    const least = (group[0]?.day ?? '') < today ? 2 : COMPACT_FILES_MIN;
    runs.push(...runsOf(group, damaged).filter((run) => run.length >= least));
  }
  return runs;
}

function runsOf(group: readonly ArchiveFile[], damaged: ReadonlySet<string>): ArchiveFile[][] {
  const runs: ArchiveFile[][] = [];
  let run: ArchiveFile[] = [];
  let rows = 0;
  for (const file of group.toSorted((a, b) => a.first - b.first)) {
    const most = file.retention === 'record' ? RECORD_FILE_ROWS_MAX : TELEMETRY_FILE_ROWS_MAX;
    const canJoin = !damaged.has(file.name) && file.rows < most;
    if (!canJoin || rows + file.rows > most) {
      runs.push(run);
      run = [];
      rows = 0;
    }
    if (!canJoin) continue;
    run.push(file);
    rows += file.rows;
  }
  return [...runs, run];
}
