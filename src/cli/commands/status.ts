import { accessSync, constants, existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '#kernel';
import { type ServerStatus, readStatus } from '#server';
import { type CliIo, EXIT } from '../io.ts';
import { bytes, count, duration, plural, time } from '../output/numbers.ts';
import { paint } from '../output/style.ts';
import { requireData } from '../usage.ts';

const HELP = `Usage: wardkeep status --data DIR [--json]

What a running Wardkeep says of itself: where it is reached, how much comes in,
what is open, what troubles it.

Exit code: 0 it runs and is ready; 1 it does not run, hangs, or is troubled;
2 wrong usage.
`;

export async function statusCommand(argv: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: { data: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const dir = requireData(values.data);
  // Of a folder that cannot be looked into nobody can say that nothing runs on it.
  if (existsSync(dir)) accessSync(dir, constants.R_OK | constants.X_OK);
  const reading = readStatus(dir, systemClock);
  const isWell = reading.kind === 'running' && reading.status.ready && reading.status.troubles.length === 0;
  if (values.json === true) io.stdout(`${JSON.stringify(reading)}\n`);
  else if (reading.kind === 'none')
    io.stdout(`Wardkeep does not run on ${dir}.\nStart it with: wardkeep up --data ${dir}\n`);
  else if (reading.kind === 'stale')
    io.stdout(
      reading.alive
        ? `Wardkeep (process ${reading.status.pid}) has said nothing since ${time(reading.status.writtenMs)}: it hangs, or the clock was set.\n`
        : `Wardkeep ended without a word after ${time(reading.status.writtenMs)}; nothing acknowledged is lost.\nStart it with: wardkeep up --data ${dir}\n`,
    );
  else io.stdout(text(reading.status, io));
  return isWell ? EXIT.ok : EXIT.failed;
}

function text(status: ServerStatus, io: CliIo): string {
  const { ledger, events, sources, incidents } = status;
  const state = status.ready ? paint(io, 'running', 'green') : paint(io, 'not ready', 'red');
  const up = duration((status.writtenMs - status.startedMs) / 1_000);
  const rows: [string, string][] = [
    [
      'Wardkeep',
      `${state} for ${up}, version ${status.version}, process ${status.pid}, ${bytes(status.memoryBytes)} of memory`,
    ],
    ['Console', status.consoleUrl],
    ...Object.entries(status.intake).map(([name, url], at): [string, string] => [
      at === 0 ? 'Intake' : '',
      `${url}  (${name})`,
    ]),
    [
      'Events',
      `${count(events.total)} taken, ${count(events.rejected)} not understood, ${events.perSecond.toFixed(1)} a second, ${count(events.queued)} waiting, ${count(events.lost)} lost`,
    ],
    ...turnedAway(status.listenersLost),
    ['Sources', `${count(sources.total)}, ${count(sources.silent)} silent, ${count(sources.troubled)} troubled`],
    ['Archive', status.archive === 'up' ? 'up' : paint(io, status.archive, 'red')],
    ['Ledger', `${ledger.origin}, ${plural(ledger.size, 'entry', 'entries')}`],
    [
      'Incidents',
      `${count(incidents.open)} open, ${count(incidents.critical)} critical, ${count(incidents.high)} high`,
    ],
  ];
  const troubles = status.troubles.map(
    ({ text, advice }) => `${paint(io, 'Trouble', 'red')}    ${text}\n           ${advice}\n`,
  );
  return rows.map(([name, value]) => `${name.padEnd(9)}  ${value}\n`).join('') + troubles.join('');
}

/** A row where a listener could not take something; none where all was taken. */
function turnedAway(lost: ServerStatus['listenersLost']): [string, string][] {
  const found = Object.entries(lost).filter(([, value]) => value > 0);
  if (found.length === 0) return [];
  return [['Not taken', found.map(([name, value]) => `${name} ${count(value)}`).join(', ')]];
}
