import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ImportSummary, RuleSet } from '#detect/sigma';
import { ConsoleError } from '../errors.ts';
import type { LoadRequest } from './load-worker.ts';

export type LoadAnswer = { imported: ImportSummary | null; ruleSet: RuleSet } | { problem: string };

/** Old space of the thread, MB: the public rules need a fifth of it. */
const HEAP_MB_MAX = 512;

/**
 * Imports and loads rules in a thread of its own: thousands of them take seconds, in which everybody else would wait.
 * @throws {ConsoleError} `invalid` when the archive or a folder cannot be read
 */
export async function loadInWorker(
  request: LoadRequest,
): Promise<{ imported: ImportSummary | null; ruleSet: RuleSet }> {
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  });
  try {
    const [answer] = (await once(worker, 'message')) as [LoadAnswer];
    if (!('problem' in answer)) return answer;
    throw new ConsoleError('invalid', `the rules cannot be read: ${answer.problem}`, {
      advice: 'send a .tgz or .zip that holds Sigma rules',
    });
  } finally {
    await worker.terminate();
  }
}
