import type { Text } from './en.ts';
import { common } from './es/common.ts';
import { detection } from './es/detection.ts';
import { evidence } from './es/evidence.ts';
import { hunt } from './es/hunt.ts';
import { incidents } from './es/incidents.ts';
import { ledger } from './es/ledger.ts';
import { overview } from './es/overview.ts';
import { people } from './es/people.ts';
import { settings } from './es/settings.ts';
import { shell } from './es/shell.ts';
import { sources } from './es/sources.ts';

/** The console in Spanish. */
export const es: Text = {
  common,
  shell,
  people,
  overview,
  incidents,
  detection,
  evidence,
  hunt,
  sources,
  ledger,
  settings,
};
