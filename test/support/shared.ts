import { appendFileSync, existsSync } from 'node:fs';
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

/** How many inputs a fuzz loop feeds that takes them all: 10,000 in the ordinary run, others through WARDKEEP_FUZZ. */
const FUZZ_INPUTS = Number(process.env['WARDKEEP_FUZZ'] ?? '10000');

/**
 * How many inputs a fuzz loop feeds. Called once a loop, where it begins. A loop whose inputs are dear takes one in `oneIn`
 * of them, at most `atMost`, at least `atLeast`. Where WARDKEEP_FUZZ_COUNTS names a file, the count becomes a line of it,
 * so that the results of the long form state what each loop was fed.
 */
export function fuzzInputs({
  oneIn = 1,
  atMost = Infinity,
  atLeast = 1,
}: { oneIn?: number; atMost?: number; atLeast?: number } = {}): number {
  const count = Math.max(atLeast, Math.min(atMost, Math.ceil(FUZZ_INPUTS / oneIn)));
  const counts = process.env['WARDKEEP_FUZZ_COUNTS'];
  if (counts !== undefined) appendFileSync(counts, `${count}\n`);
  return count;
}

/** Whether the long forms of tests run (`npm run test:long`). */
export const LONG = process.env['WARDKEEP_LONG'] === '1';

/** Whether the quick forms run (`npm run check`): every test, with few of its cases. */
const QUICK = !LONG && process.env['WARDKEEP_QUICK'] === '1';

/** One of three amounts: few cases before each commit, a fair sample in `npm test`, all that there is in the long form. */
export function byForm<T>(amounts: { quick: T; ordinary: T; long: T }): T {
  return amounts[LONG ? 'long' : QUICK ? 'quick' : 'ordinary'];
}
