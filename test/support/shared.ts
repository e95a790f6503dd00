import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SHARED_DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** The real logs, rules and vectors that lie beside the project on the machines that have them. */
const present = existsSync(SHARED_DATA);

/** The absolute path of a file or folder of the shared data, e.g. `sharedPath('tlog/golden/tlog-golden.json')`. */
export function sharedPath(relative: string): string {
  return SHARED_DATA + relative;
}

/** For `test(name, skipWithoutShared, …)`: skips, with the reason printed, where the data is not beside the project. */
export const skipWithoutShared: { skip: false | string } = {
  skip: present ? false : 'the shared data (../shared/data) does not lie beside the project',
};

/** How many inputs a fuzz loop feeds: 10,000 in the ordinary run, more through WARDKEEP_FUZZ. */
export const FUZZ_INPUTS = Number(process.env['WARDKEEP_FUZZ'] ?? '10000');

/** Whether the long forms of tests run (`npm run test:long`). */
export const LONG = process.env['WARDKEEP_LONG'] === '1';

/** Whether the quick forms run (`npm run check`): every test, with few of its cases. */
const QUICK = !LONG && process.env['WARDKEEP_QUICK'] === '1';

/** One of three amounts: few cases before each commit, a fair sample in `npm test`, all that there is in the long form. */
export function byForm(amounts: { quick: number; ordinary: number; long: number }): number {
  return amounts[LONG ? 'long' : QUICK ? 'quick' : 'ordinary'];
}
