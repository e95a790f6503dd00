import type { Engine } from '../engine/engine.ts';
import { HUNT_ROWS_MAX, HUNT_TIME_MS_CEILING, HUNT_TIME_MS_MAX } from '../limits.ts';
import type { SqlOptions, SqlResult } from '../types.ts';
import { Collector } from './collect.ts';

/** @throws {ArchiveError} as `Hunter.run` */
export async function hunt(
  engine: Engine,
  sql: string,
  options: SqlOptions & { signal: AbortSignal },
): Promise<SqlResult> {
  const began = performance.now();
  const collector = new Collector(Math.max(1, Math.min(HUNT_ROWS_MAX, Math.trunc(options.limit))));
  const { seesPatients, signal } = options;
  await engine.hunter.run(sql, { timeMs: timeLimit(options), seesPatients, signal }, collector);
  const { columns, rows, isTruncated } = collector;
  return { columns, rows, isTruncated, elapsedMs: performance.now() - began, skipped: [...engine.damaged] };
}

export function timeLimit({ timeMs = HUNT_TIME_MS_MAX }: Pick<SqlOptions, 'timeMs'>): number {
  return Math.max(1, Math.min(HUNT_TIME_MS_CEILING, Math.trunc(timeMs)));
}
