import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type LogLevel, createLog } from '#kernel';
import { type Config, readConfig } from '#kernel/config';
import { type RunningServer, startServer } from '#server';
import { type CliIo, EXIT } from '../io.ts';
import { count } from '../output/numbers.ts';
import { ProgressLine } from '../output/progress.ts';
import { paint } from '../output/style.ts';
import { stopSignal } from '../stop-signal.ts';
import { oneOf, wholeNumber } from '../usage.ts';
import { version } from '../version.ts';

const HELP = `Usage: wardkeep up [--data DIR] [OPTIONS]

Starts Wardkeep: the console in the browser, the ports that systems send to,
the ledger, detection. One process; Ctrl+C or SIGTERM stops it in good order.

The first start makes the data directory and a ledger, and prints one link for
making the first administrator. There is no default password.

  --data DIR        the data directory (default: $XDG_DATA_HOME/wardkeep/data)
  --key-file FILE   the ledger's master key, where it does not lie in its
                    default place; never inside DIR
  --port N          port of the console (default 8480)
  --bind ADDRESS    listen there instead of 127.0.0.1, console and intake; other
                    machines can then reach both, and the console speaks TLS
  --log LEVEL       debug, info, warn or error (default info): JSON lines on
                    standard error

Everything else stands in DIR/wardkeep.json (ports, TLS, files and folders to be
read as they grow: intake.files); docs/configuration.md lists it.

Exit code: 0 stopped in good order; 1 it could not start; 2 wrong usage.

Examples:
  wardkeep up
  wardkeep up --data /var/lib/wardkeep/data --bind 0.0.0.0
  wardkeep status --data /var/lib/wardkeep/data      how it is doing
`;

export async function upCommand(argv: string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      data: { type: 'string' },
      'key-file': { type: 'string' },
      port: { type: 'string' },
      bind: { type: 'string' },
      log: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    io.stdout(HELP);
    return EXIT.ok;
  }
  const dir = resolve(io.cwd, values.data ?? defaultData(io));
  const level = oneOf<LogLevel>('--log', values.log, ['debug', 'info', 'warn', 'error']) ?? 'info';
  const config = withOptions(readConfig(dir), { port: wholeNumber('--port', values.port, 1), bind: values.bind });
  const log = createLog({ level });
  const stopped = stopSignal();
  const own = await version();
  await using server = await started(io, (onProgress) =>
    startServer({ dir, keyFile: values['key-file'], config, version: own, env: io.env, log, onProgress }),
  );
  io.stdout(greeting(server, dir, io));
  await stopped;
  io.stderr('Stopping: what came in is brought to its end …\n');
  return EXIT.ok;
}

function defaultData({ env }: CliIo): string {
  const home = env['XDG_DATA_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'share');
  return join(home, 'wardkeep', 'data');
}

/** What the command line says goes before the file. */
function withOptions(config: Config, { port, bind }: { port: number | undefined; bind: string | undefined }): Config {
  const { http, intake } = config;
  return {
    ...config,
    http: { ...http, ...(port === undefined ? {} : { port }), ...(bind === undefined ? {} : { bind }) },
    intake: { ...intake, ...(bind === undefined ? {} : { bind }) },
  };
}

async function started(
  io: CliIo,
  start: (onProgress: (what: string, done: number, total: number) => void) => Promise<RunningServer>,
): Promise<RunningServer> {
  using progress = new ProgressLine(io);
  return await start((what, done, total) => progress.say(`${what}: ${count(done)} of ${count(total)} entries`));
}

function greeting(
  { consoleUrl, setup, places, madeLedger, migrated, authorityFile }: RunningServer,
  dir: string,
  io: CliIo,
): string {
  const lines = [`${paint(io, 'Wardkeep is running', 'bold')} on ${dir}`, ''];
  if (madeLedger !== null)
    lines.push(
      `A new ledger was made: ${madeLedger.origin}`,
      `Its master key lies in ${madeLedger.keyFile}`,
      'Keep a copy of that file elsewhere: without it nothing in the ledger can be read.',
      '',
    );
  if (migrated !== null)
    lines.push(
      `The state of an older version was brought up to date (${migrated.steps.join(', ')}).`,
      `It is kept as it was: ${migrated.kept}. To go back: wardkeep upgrade --help`,
      '',
    );
  if (setup === null) lines.push(`Console   ${consoleUrl}`);
  else
    lines.push(
      'Open this link once to make the first administrator (good for '.concat(
        `${Math.round((setup.expiresMs - Date.now()) / 60_000)} minutes):`,
      ),
      `  ${paint(io, setup.url, 'bold')}`,
    );
  if (authorityFile !== null)
    lines.push(
      '',
      'The console speaks TLS with a certificate of its own authority. Browsers warn until you',
      `trust this file on the computers that open it: ${authorityFile}`,
    );
  const rows = Object.entries(places);
  if (rows.length > 0) lines.push('', 'Systems send to');
  for (const [name, url] of rows) lines.push(`  ${url.padEnd(28)}  ${name}`);
  return `${lines.join('\n')}\n`;
}
