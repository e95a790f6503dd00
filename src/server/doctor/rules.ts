import { existsSync, statSync } from 'node:fs';
import { importedRulesDir } from '#detect/sigma';
import type { Clock } from '#kernel';
import { type Diagnosis, good, warn } from './types.ts';

/** Public rules change weekly; after so many days they are worth another import. */
const OLD_DAYS = 90;
const DAY_MS = 86_400_000;

export interface RuleFacts {
  dir: string;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
}

/** Whether public rules were imported, and how long ago. */
export function checkRules({ dir, env, clock }: RuleFacts): Diagnosis {
  const code = 'rules';
  const advice = 'download a release of github.com/SigmaHQ/sigma and run: wardkeep rules import sigma_all_rules.zip';
  const imported = importedRulesDir(env, dir);
  if (!existsSync(imported))
    return warn(code, 'only the shipped hospital rules run; no public rules were imported', advice);
  const days = Math.floor((clock.nowMs() - statSync(imported).mtimeMs) / DAY_MS);
  if (days > OLD_DAYS) return warn(code, `the imported rules are ${days} days old`, advice);
  return good(code, `public rules were imported ${days === 0 ? 'today' : `${days} days ago`}`);
}
