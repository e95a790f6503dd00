/** The file of results of the long tests: a block a test file, the last run of each. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const TITLE =
  '# The last run of each test file in its long form (npm run test:long); a file that is missing here has not run so yet';
const NOMINAL =
  '# "nominally" marks rows from before each loop was counted: its dear loops took a tenth of that number or less';

/** What one run of a test file's long form came to. */
export interface LongResult {
  readonly file: string;
  readonly isGood: boolean;
  /** Counts and minutes; then when, at which commit, on what; then what the tests tell of what they saw. */
  readonly lines: readonly string[];
}

/** Puts a result into the place of the former one of the same test file; failures are kept as such. */
export function keepResult(path: URL | string, { file, isGood, lines }: LongResult): void {
  const blocks = existsSync(path) ? blocksOf(readFileSync(path, 'utf8')) : new Map<string, string>();
  blocks.set(file, [isGood ? file : `${file} FAILED`, ...lines.map((line) => `  ${line}`)].join('\n'));
  const sorted = [...blocks].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, block]) => block);
  const next = `${path instanceof URL ? path.pathname : path}.next`;
  writeFileSync(next, `${[`${TITLE}\n${NOMINAL}`, ...sorted].join('\n\n')}\n`);
  renameSync(next, path);
}

/** How many fuzz loops ran and how many inputs they were fed, e.g. `, 5 fuzz loops of 10,000 to 1,000,000 inputs`. */
export function fuzzWords(counts: readonly number[]): string {
  if (counts.length === 0) return '';
  const [least = '', most = ''] = [Math.min(...counts), Math.max(...counts)].map((one) => one.toLocaleString('en-US'));
  const loops = counts.length === 1 ? '1 fuzz loop' : `${counts.length} fuzz loops`;
  return `, ${loops} of ${least === most ? most : `${least} to ${most}`} inputs`;
}

function blocksOf(text: string): Map<string, string> {
  const blocks = text
    .trim()
    .split(/\n\n+/)
    .filter((block) => !block.startsWith('#'));
  return new Map(blocks.map((block) => [/^\S+/.exec(block)?.[0] ?? '', block]));
}
