/** Which of the tests beside the code `npm run check` runs, and which of them share a process. `npm test` runs all of them. */
import { globSync, readFileSync } from 'node:fs';

/** Left to `npm test` alone: what they watch takes processes, threads or data that no quick form makes small. */
export const LEFT_OUT: readonly { readonly why: string; readonly files: readonly string[] }[] = [
  {
    why: 'kill processes or threads',
    files: [
      'src/archive/kill.test.ts',
      'src/cli/scan/pool.test.ts',
      'src/ledger/kill.test.ts',
      'src/respond/incidents/kill.test.ts',
    ],
  },
  {
    why: 'read whole collections of real logs and public rules',
    files: [
      'src/detect/sigma/oracle.test.ts',
      'src/detect/sigma/regression.test.ts',
      'src/ingest/formats-manifest.test.ts',
      'src/ingest/sources/windows/corpus.test.ts',
    ],
  },
  {
    why: 'open the whole intake for each test: sockets, threads, a ledger',
    files: [
      'src/ingest/live/files/files.test.ts',
      'src/ingest/live/http/routes.test.ts',
      'src/ingest/live/intake.test.ts',
      'src/ingest/live/listeners/listeners.test.ts',
    ],
  },
  { why: 'open a ledger again after a crash at each step', files: ['src/ledger/crash-steps.test.ts'] },
];

/** Folders of `src` whose test files share a process; all other folders share one more. */
const SHARES: readonly (readonly string[])[] = [['ledger'], ['ingest'], ['archive', 'console'], ['detect', 'cli']];

const OTHERS: readonly string[] = ['others'];

/** A file that starts processes or threads has one of its own, so that it cannot end or slow down those beside it. */
const STARTS_PROCESSES = /\b(?:spawn|fork|execFile)(?:Sync)?\(|\bnew Worker\(|\bprocess\.kill\(/;

/** A run of `scripts/test.ts`. */
export interface TestRun {
  readonly name: string;
  readonly files: readonly string[];
  /** Whether the files share one process. */
  readonly isTogether: boolean;
}

/**
 * The runs that `npm run check` makes of the test files under `src`.
 * @throws Error where LEFT_OUT names a file that is not there.
 */
export function testRuns(): TestRun[] {
  const all = globSync('src/**/*.test.ts').toSorted();
  const left = new Set(LEFT_OUT.flatMap(({ files }) => files));
  const gone = [...left].find((file) => !all.includes(file));
  if (gone !== undefined) throw new Error(`${gone} is left out, but there is no such file`);
  const parts = Map.groupBy(
    all.filter((file) => !left.has(file)),
    (file) => (STARTS_PROCESSES.test(readFileSync(file, 'utf8')) ? null : (shareOf(file) ?? OTHERS)),
  );
  return [...parts].map(([share, files]) => ({
    name: `tests: ${share === null ? 'a process each' : share.join(', ')}`,
    files,
    isTogether: share !== null,
  }));
}

function shareOf(file: string): readonly string[] | undefined {
  return SHARES.find((folders) => folders.some((folder) => file.startsWith(`src/${folder}/`)));
}
