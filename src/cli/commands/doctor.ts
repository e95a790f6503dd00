import { parseArgs } from 'node:util';
import { systemClock } from '#kernel';
import { type Diagnosis, diagnose } from '#server';
import { type CliIo, EXIT } from '../io.ts';
import { plural } from '../output/numbers.ts';
import { paint } from '../output/style.ts';
import { wrap } from '../output/wrap.ts';
import { requireData } from '../usage.ts';

const HELP = `Usage: wardkeep doctor --data DIR [OPTIONS]

Looks at what Wardkeep rests on: machine, clock, disk and its encryption, keys,
ledger, ports, watched files, rules. Changes nothing, and says what to do about
each finding.

  --data DIR        the data directory
  --key-file FILE   the master key, where it does not lie in its default place
  --json            as JSON

Exit code: 0 nothing fails (there may be warnings); 1 something fails; 2 wrong
usage.
`;

const MARKS: Readonly<Record<Diagnosis['state'], { word: string; colour: 'green' | 'yellow' | 'red' }>> = {
  good: { word: 'good', colour: 'green' },
  warn: { word: 'note', colour: 'yellow' },
  fail: { word: 'FAIL', colour: 'red' },
};

export async function doctorCommand(argv: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: argv,
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
  const found = await diagnose({ dir, keyFile: values['key-file'], clock: systemClock, env: io.env });
  const failed = found.filter(({ state }) => state === 'fail').length;
  if (values.json === true) io.stdout(`${JSON.stringify({ ok: failed === 0, checks: found })}\n`);
  else {
    for (const one of found) io.stdout(lineOf(one, io));
    const notes = found.filter(({ state }) => state === 'warn').length;
    io.stdout(
      failed === 0
        ? `\n${notes === 0 ? 'All is well.' : `Wardkeep can run; ${plural(notes, 'note')} to look at.`}\n`
        : `\n${plural(failed, 'check')} failed: begin with the first.\n`,
    );
  }
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function lineOf({ state, text, advice }: Diagnosis, io: CliIo): string {
  const { word, colour } = MARKS[state];
  const line = `${paint(io, word, colour)}  ${text}\n`;
  return advice === null ? line : `${line}${wrap(advice, Math.min(io.columns, 100), '      ')}\n`;
}
