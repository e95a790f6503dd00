import { common } from './en/common.ts';
import { detection } from './en/detection.ts';
import { evidence } from './en/evidence.ts';
import { hunt } from './en/hunt.ts';
import { incidents } from './en/incidents.ts';
import { ledger } from './en/ledger.ts';
import { overview } from './en/overview.ts';
import { people } from './en/people.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { sources } from './en/sources.ts';

/** Every sentence of the console. What is told of an incident comes from the server, in the reader's language. */
export const en = { common, shell, people, overview, incidents, detection, evidence, hunt, sources, ledger, settings };

/** What a catalogue must hold: a missing key fails the build. */
export type Text = typeof en;
