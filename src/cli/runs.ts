/** Entries that lie so near to each other are read at once. */
const NEAR = 512;

/** Indexes, newest first, in groups that lie near to each other. */
export function runsOf(indexes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const index of indexes) {
    const run = runs.at(-1);
    if (run !== undefined && (run[0] ?? 0) - index < NEAR) run.push(index);
    else runs.push([index]);
  }
  return runs;
}
