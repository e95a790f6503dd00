import { parseArgs } from 'node:util';
import { systemClock } from '#kernel';
import { Repository, backUp } from '#recover/backups';
import { type CliIo, EXIT } from '../io.ts';
import { bytes, count, plural, time } from '../output/numbers.ts';
import { ProgressLine } from '../output/progress.ts';
import { type Column, table } from '../output/table.ts';
import { SECRET_HELP, SECRET_OPTIONS, repositorySecret } from '../repository-secret.ts';
import { onlyOne, requireData, wholeNumber } from '../usage.ts';

const HELP = `Usage: wardkeep backup --data DIR REPOSITORY [OPTIONS]
       wardkeep backup --list REPOSITORY [OPTIONS]

Takes a snapshot of a data directory, also while its server runs. REPOSITORY is
a folder (another disk, a share), made at the first time; what did not change
since the last snapshot is not written again. Everything in it is sealed. Each
new piece is read back and compared.

  --data DIR               the data directory
${SECRET_HELP}
  --with-key               put the ledger's master key into the snapshot, too;
                           without it, keep a copy of the key elsewhere
  --keep N                 keep the newest N snapshots, remove older ones
  --list                   the snapshots of the repository
  --key-file FILE          the master key, where it does not lie in its default
                           place
  --json                   the summary as JSON

Exit code: 0 done; 1 it could not be done; 2 wrong usage.

Example:
  wardkeep backup --data /var/lib/wardkeep /mnt/usb/wardkeep --keep 30 \\
    --passphrase-file /root/backup-passphrase
`;

const LIST_COLUMNS: readonly Column[] = [
  { title: 'snapshot', width: 24 },
  { title: 'taken', width: 20 },
  { title: 'entries', width: 13, align: 'right' },
  { title: 'size', width: 10, align: 'right' },
  { title: 'master key', width: 10 },
];

export async function backupCommand(argv: string[], io: CliIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      ...SECRET_OPTIONS,
      'with-key': { type: 'boolean' },
      keep: { type: 'string' },
      list: { type: 'boolean' },
      'key-file': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const folder = onlyOne('REPOSITORY', positionals);
  const json = values.json === true;
  if (values.list === true)
    return list(Repository.open(folder, repositorySecret(values, io), { create: false }), io, json);
  const dir = requireData(values.data);
  const keep = wholeNumber('--keep', values.keep, 1);
  const repository = Repository.open(folder, repositorySecret(values, io), { create: true });
  const withKey = values['with-key'] === true;
  const summary = await withProgress(io, (onProgress) =>
    backUp({ dir, keyFile: values['key-file'], repository, withKey, clock: systemClock, onProgress }),
  );
  const pruned = keep === undefined ? 0 : repository.prune(keep);
  if (json) io.stdout(`${JSON.stringify({ ...summary, pruned })}\n`);
  else
    io.stdout(
      `Snapshot ${summary.snapshot}: ${plural(summary.files, 'file')}, ${bytes(summary.bytes)}; ` +
        `${bytes(summary.newBytes)} new in the repository, read back and good.\n` +
        (pruned > 0 ? `${plural(pruned, 'piece')} of removed snapshots deleted.\n` : ''),
    );
  if (!withKey && !json)
    io.stderr('The master key is not in it: keep a copy of that file elsewhere, or use --with-key.\n');
  return EXIT.ok;
}

async function withProgress<Result>(
  io: CliIo,
  work: (onProgress: (done: number, total: number) => void) => Promise<Result>,
): Promise<Result> {
  using progress = new ProgressLine(io);
  return await work((done, total) => progress.bytes(done, total));
}

function list(repository: Repository, io: CliIo, json: boolean): number {
  const snapshots = repository.snapshots().map((id) => repository.snapshot(id));
  if (json) {
    const rows = snapshots.map(({ files, ...head }) => ({ ...head, files: files.length }));
    io.stdout(`${JSON.stringify(rows)}\n`);
    return EXIT.ok;
  }
  if (snapshots.length === 0) io.stdout('No snapshot yet.\n');
  else
    io.stdout(
      table(
        LIST_COLUMNS,
        snapshots.map(({ id, createdMs, treeSize, files, hasKey }) => [
          id,
          time(createdMs),
          count(treeSize),
          bytes(files.reduce((sum, { size }) => sum + size, 0)),
          hasKey ? 'inside' : 'apart',
        ]),
      ),
    );
  return EXIT.ok;
}
