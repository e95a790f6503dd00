import { existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type LoadOptions, importRules, loadRules } from '#detect/sigma';
import { messageOf } from '#kernel';
import type { LoadAnswer } from './load-in-worker.ts';

/** What the thread is asked to do: import an archive, where there is one, then load all rules. */
export interface LoadRequest {
  importing: { source: string; target: string; nowMs: number } | null;
  dirs: readonly string[];
  options: LoadOptions;
}

const { importing, dirs, options } = workerData as LoadRequest;

async function load(): Promise<LoadAnswer> {
  const imported =
    importing === null ? null : await importRules(importing.source, importing.target, new Date(importing.nowMs));
  // An archive of which nothing was copied leaves no folder of imports where there was none.
  const there = dirs.filter((dir) => dir !== importing?.target || existsSync(dir));
  return { imported, ruleSet: await loadRules(there, options) };
}

try {
  parentPort?.postMessage(await load());
} catch (error) {
  parentPort?.postMessage({ problem: messageOf(error) } satisfies LoadAnswer);
}
