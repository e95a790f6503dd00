import { parseArgs } from 'node:util';
import { auditLedger } from '#ledger';
import { Repository, restore } from '#recover/backups';
import { type CliIo, EXIT } from '../io.ts';
import { count, plural, time } from '../output/numbers.ts';
import { ProgressLine } from '../output/progress.ts';
import { SECRET_HELP, SECRET_OPTIONS, repositorySecret } from '../repository-secret.ts';
import { UsageError, onlyOne } from '../usage.ts';

const HELP = `Usage: wardkeep restore REPOSITORY --to DIR [OPTIONS]

Writes a snapshot to a new folder, checks every file, then recomputes the whole
ledger in it. The old data directory is not touched: look at the new one, then
put it in its place.

  --to DIR                 a new or empty folder
  --snapshot ID            which one (default: the newest); see backup --list
${SECRET_HELP}
  --key-file FILE          the ledger's master key: where it lies, or, when the
                           snapshot has it, where to put it
  --no-verify              leave the ledger unverified (it can take minutes)
  --json                   the summary as JSON

A ledger that was restored from an old backup lags behind its anchor; then it
cannot be written any more, and \`wardkeep ledger --help\` says how to go on.

Exit code: 0 restored and good; 1 not; 2 wrong usage.

Example:
  wardkeep restore /mnt/usb/wardkeep --to /var/lib/wardkeep.restored \\
    --passphrase-file /root/backup-passphrase
`;

export async function restoreCommand(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      snapshot: { type: 'string' },
      ...SECRET_OPTIONS,
      'key-file': { type: 'string' },
      'no-verify': { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const folder = onlyOne('REPOSITORY', positionals);
  const dir = values.to;
  if (dir === undefined) throw new UsageError('--to DIR is missing: a new or empty folder');
  const repository = Repository.open(folder, repositorySecret(values, io), { create: false });
  const keyFile = values['key-file'];
  const snapshot = withProgress(io, (onProgress) =>
    restore({ repository, snapshot: values.snapshot, dir, keyFile, onProgress }),
  );
  const report =
    values['no-verify'] === true ? null : await auditLedger({ dir, ...(keyFile === undefined ? {} : { keyFile }) });
  const good = report === null ? null : report.good;
  if (values.json === true) {
    const { id, createdMs, treeSize, origin } = snapshot;
    io.stdout(
      `${JSON.stringify({ snapshot: id, taken: createdMs, origin, tree_size: treeSize, files: snapshot.files.length, good })}\n`,
    );
  } else {
    io.stdout(`Restored ${plural(snapshot.files.length, 'file')} of ${time(snapshot.createdMs)} to ${dir}.\n`);
    if (report !== null)
      io.stdout(
        report.good
          ? `The ledger is good: ${count(report.size)} entries recomputed.\n`
          : `The ledger is BAD. wardkeep ledger verify --data ${dir} says where.\n`,
      );
    io.stdout(`The archive is derived: wardkeep rebuild --data ${dir} makes it anew.\n`);
  }
  return good === false ? EXIT.failed : EXIT.ok;
}

function withProgress<Result>(io: CliIo, work: (onProgress: (done: number, total: number) => void) => Result): Result {
  using progress = new ProgressLine(io);
  return work((done, total) => progress.bytes(done, total));
}
