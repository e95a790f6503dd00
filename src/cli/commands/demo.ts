import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { livingDemo } from '../demo/living.ts';
import { terminalDemo } from '../demo/terminal.ts';
import { type CliIo, EXIT } from '../io.ts';
import { wholeNumber } from '../usage.ts';

const HELP = `Usage: wardkeep demo [OPTIONS]

Starts Wardkeep with a living sample hospital under attack: a month of its
traffic is played over the real ports within a minute, with six attacks laid
into it, and goes on live. Prints where to look and how to sign in. Everything
lies in a temporary folder, which it names. Ctrl+C ends it.

  --port N      port of the console (default: any free one)
  --dir DIR     use this (new or empty) folder instead of a temporary one
  --terminal    one night on the terminal instead: from logs to a receipt,
                without server and browser
`;

export async function demoCommand(argv: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      dir: { type: 'string' },
      port: { type: 'string' },
      terminal: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const base = values.dir === undefined ? mkdtempSync(join(tmpdir(), 'wardkeep-demo-')) : resolve(io.cwd, values.dir);
  if (values.terminal === true) return terminalDemo(base, io);
  return livingDemo({ base, port: wholeNumber('--port', values.port, 1) ?? 0 }, io);
}
