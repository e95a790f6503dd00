import { parseArgs } from 'node:util';
import { systemClock } from '#kernel';
import { type UpgradeCheck, type UpgradeSummary, checkUpgrade, upgradeData } from '#server';
import { type CliIo, EXIT } from '../io.ts';
import { bytes, plural } from '../output/numbers.ts';
import { requireData } from '../usage.ts';

const HELP = `Usage: wardkeep upgrade --data DIR [--check] [OPTIONS]

Brings a data directory that an older Wardkeep wrote up to this version: takes a
copy of the state, migrates it, looks whether all is there, puts it in place and
says how to go back. The ledger is opened and stays as it is. The server must
not run meanwhile. \`wardkeep up\` does the same by itself when it starts.

  --data DIR       the data directory
  --check          only say what would change: formats, free disk, last backup
  --key-file FILE  the master key, where it does not lie in its default place
  --json           as JSON

What a newer Wardkeep wrote is refused, and not changed.

Exit code: 0 done, or it could be (--check); 1 it could not; 2 wrong usage.
`;

const DAY_MS = 86_400_000;
/** A backup that is older is worth a word. */
const BACKUP_DAYS = 7;

export async function upgradeCommand(argv: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      data: { type: 'string' },
      check: { type: 'boolean' },
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
  if (values.check === true) {
    const check = checkUpgrade(dir, systemClock);
    io.stdout(values.json === true ? `${JSON.stringify(check)}\n` : checkText(check));
    return check.hindrances.length === 0 ? EXIT.ok : EXIT.failed;
  }
  const summary = await upgradeData({ dir, keyFile: values['key-file'], clock: systemClock });
  io.stdout(values.json === true ? `${JSON.stringify(summary)}\n` : upgradeText(summary, dir));
  return EXIT.ok;
}

function checkText({ parts, steps, freeBytes, neededBytes, backupMs, hindrances }: UpgradeCheck): string {
  const lines = parts.map(({ part, text }) => `${part.padEnd(14)} ${text}`);
  lines.push(`${'disk'.padEnd(14)} ${bytes(freeBytes)} are free, ${bytes(neededBytes)} are needed`);
  lines.push(`${'backup'.padEnd(14)} ${backupText(backupMs)}`, '');
  if (hindrances.length > 0) lines.push('It cannot be upgraded as it stands:', ...hindrances.map((one) => `  ${one}`));
  else if (steps.length === 0) lines.push('Nothing is to be changed.');
  else lines.push(`wardkeep upgrade makes ${plural(steps.length, 'step')}; the state as it was is kept.`);
  return `${lines.join('\n')}\n`;
}

function backupText(backupMs: number | null): string {
  if (backupMs === null) return 'no backup of this directory is known: take one before (wardkeep backup)';
  const days = Math.floor((Date.now() - backupMs) / DAY_MS);
  const age = days === 0 ? 'today' : `${plural(days, 'day')} ago`;
  return days > BACKUP_DAYS
    ? `the last was taken ${age}: take one before (wardkeep backup)`
    : `the last was taken ${age}`;
}

function upgradeText({ steps, kept, rows, entries, check }: UpgradeSummary, dir: string): string {
  if (kept === null)
    return `Nothing was to be changed: the formats are those of this version (${plural(entries, 'entry', 'entries')}).\n`;
  const total = Object.values(rows).reduce((sum, { after }) => sum + after, 0);
  return [
    `The state was brought up to date: ${steps.join(', ')}.`,
    `All ${plural(total, 'row')} of what people set are there; the ledger (${plural(entries, 'entry', 'entries')}) was not changed.`,
    ...check.parts.filter(({ part, state }) => part === 'archive' && state !== 'current').map(({ text }) => text),
    `The state as it was is kept: ${kept}`,
    'To go back: stop Wardkeep, then',
    `  mv ${dir}/${kept} ${dir}/state.sqlite && rm -f ${dir}/state.sqlite-wal ${dir}/state.sqlite-shm`,
    'and start the version of before. What was decided since is then in the ledger alone.',
    '',
  ].join('\n');
}
