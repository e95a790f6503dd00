import { parseArgs } from 'node:util';
import { clearArchive, openArchive } from '#archive';
import { openLedger } from '#ledger';
import { type CliIo, EXIT } from '../io.ts';
import { caughtUp } from '../open-archive.ts';
import { bytes, plural } from '../output/numbers.ts';
import { oneOf, requireData } from '../usage.ts';

const HELP = `Usage: wardkeep rebuild --data DIR [WHAT]

Makes what is derived anew from the ledger, which stays as it is. The server
must not run on the same directory.

  WHAT             archive (default): the Parquet files for hunts and look-ups,
                   with their indexes
  --data DIR       the data directory
  --key-file FILE  the master key, where it does not lie in its default place

Exit code: 0 done; 1 it could not be done; 2 wrong usage.
`;

export async function rebuildCommand(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { data: { type: 'string' }, 'key-file': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const dir = requireData(values.data);
  for (const what of positionals) oneOf('rebuild', what, ['archive'] as const);
  const key = values['key-file'] === undefined ? {} : { keyFile: values['key-file'] };
  // The write lock comes first: nothing is deleted beside a running server.
  await using ledger = await openLedger({ dir, ...key });
  clearArchive(dir);
  await using archive = await openArchive({
    dir,
    origin: ledger.origin,
    readFrom: (from, to) => ledger.read({ from, to }),
    ledgerSize: () => ledger.size,
  });
  await caughtUp(archive, ledger, io);
  await archive.seal({ all: true });
  const { sealedTo, files, bytes: size } = archive.status();
  io.stdout(
    `The archive was made anew: ${plural(sealedTo, 'entry', 'entries')} in ${plural(files, 'file', 'files')}, ${bytes(size)}.\n`,
  );
  return EXIT.ok;
}
