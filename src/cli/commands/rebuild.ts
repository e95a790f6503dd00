import { parseArgs } from 'node:util';
import { clearArchive, openArchive } from '#archive';
import { silentLog, systemClock, systemRandom } from '#kernel';
import { readConfig } from '#kernel/config';
import { openLedger } from '#ledger';
import { rebuildState } from '#server';
import { type CliIo, EXIT } from '../io.ts';
import { caughtUp } from '../open-archive.ts';
import { bytes, count, plural } from '../output/numbers.ts';
import { ProgressLine } from '../output/progress.ts';
import { rebuiltText } from '../output/rebuilt.ts';
import { oneOf, requireData } from '../usage.ts';

const HELP = `Usage: wardkeep rebuild --data DIR [WHAT]

Makes what is derived anew from the ledger, which stays as it is. The server
must not run on the same directory.

  WHAT             archive (default): the Parquet files for hunts and look-ups,
                   with their indexes
                   state: detection's place and open correlations, incidents with
                   what people decided, patients' numbers. Accounts, tokens,
                   sources, settings and the text of notes are in no ledger: they
                   are carried over from the old state.sqlite, which is kept.
  --data DIR       the data directory
  --key-file FILE  the master key, where it does not lie in its default place
  --json           what was made, as JSON (state)

Interrupted it has changed nothing; run it again.

Exit code: 0 done; 1 it could not be done; 2 wrong usage.
`;

export async function rebuildCommand(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      'key-file': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const dir = requireData(values.data);
  const words = positionals.map((what) => oneOf('rebuild', what, ['archive', 'state'] as const));
  const { 'key-file': keyFile, json = false } = values;
  if (words.includes('state')) await state({ dir, keyFile, json }, io);
  if (words.length === 0 || words.includes('archive')) await archive({ dir, keyFile }, io);
  return EXIT.ok;
}

async function state(
  { dir, keyFile, json }: { dir: string; keyFile: string | undefined; json: boolean },
  io: CliIo,
): Promise<void> {
  using progress = new ProgressLine(io);
  const summary = await rebuildState({
    dir,
    keyFile,
    config: readConfig(dir),
    env: io.env,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    onProgress: (what, done, total) => progress.say(`${what}: ${count(done)} of ${count(total)} entries`),
  });
  progress[Symbol.dispose]();
  io.stdout(json ? `${JSON.stringify(summary)}\n` : rebuiltText(summary));
}

async function archive({ dir, keyFile }: { dir: string; keyFile: string | undefined }, io: CliIo): Promise<void> {
  // The write lock comes first: nothing is deleted beside a running server.
  await using ledger = await openLedger({ dir, ...(keyFile === undefined ? {} : { keyFile }) });
  clearArchive(dir);
  await using made = await openArchive({
    dir,
    origin: ledger.origin,
    readFrom: (from, to) => ledger.read({ from, to }),
    ledgerSize: () => ledger.size,
  });
  await caughtUp(made, ledger, io);
  await made.seal({ all: true });
  const { sealedTo, files, bytes: size } = made.status();
  io.stdout(
    `The archive was made anew: ${plural(sealedTo, 'entry', 'entries')} in ${plural(files, 'file', 'files')}, ${bytes(size)}.\n`,
  );
}
