import { type SystemErrorWords, WardkeepError, messageOf, systemErrorWords } from '#kernel';
import { type CliIo, EXIT } from './io.ts';
import { printable, printableLines } from './output/style.ts';
import { wrap } from './output/wrap.ts';
import { version } from './version.ts';
import { UsageError, usageSentence } from './usage.ts';

/** Longer lines are hard to read, however wide the terminal is. */
const MESSAGE_COLUMNS_MAX = 100;

type Command = (argv: string[], io: CliIo) => Promise<number>;

interface CommandEntry {
  summary: string;
  /** Loaded when it is run, so that one command does not wait for the code of all. */
  load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  demo: {
    summary: 'a made-up hospital under attack, living in your browser',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  up: {
    summary: 'start the server: console, intake, detection; everything in one process',
    load: async () => (await import('./commands/up.ts')).upCommand,
  },
  status: {
    summary: 'how the server on this machine is doing',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  doctor: {
    summary: 'machine, clock, disk, keys, ports, rules: what is wrong and what to do',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  scan: {
    summary: 'what happened in these logs? no set-up needed',
    load: async () => (await import('./commands/scan.ts')).scanCommand,
  },
  ingest: {
    summary: 'append logs to a ledger, each record exactly once',
    load: async () => (await import('./commands/ingest.ts')).ingestCommand,
  },
  detect: {
    summary: 'run the rules over what is new in the ledger',
    load: async () => (await import('./commands/detect.ts')).detectCommand,
  },
  events: {
    summary: 'look at events by time, class, person, patient, address or text',
    load: async () => (await import('./commands/events.ts')).eventsCommand,
  },
  hunt: {
    summary: 'ask SQL over everything that was taken in',
    load: async () => (await import('./commands/hunt.ts')).huntCommand,
  },
  rebuild: {
    summary: 'make the archive or the state anew from the ledger',
    load: async () => (await import('./commands/rebuild.ts')).rebuildCommand,
  },
  upgrade: {
    summary: 'bring a data directory up to this version, or say what that would change',
    load: async () => (await import('./commands/upgrade.ts')).upgradeCommand,
  },
  rules: {
    summary: 'check, import, list and explain Sigma rules',
    load: async () => (await import('./commands/rules.ts')).rulesCommand,
  },
  ledger: {
    summary: 'create, verify, prove, export and look after a ledger',
    load: async () => (await import('./commands/ledger.ts')).ledgerCommand,
  },
  backup: {
    summary: 'a sealed snapshot of a data directory, also while its server runs',
    load: async () => (await import('./commands/backup.ts')).backupCommand,
  },
  restore: {
    summary: 'a snapshot to a new data directory, checked',
    load: async () => (await import('./commands/restore.ts')).restoreCommand,
  },
  receipt: {
    summary: 'check a receipt offline, without the log and without its owner',
    load: async () => (await import('./commands/receipt.ts')).receiptCommand,
  },
};

/** Runs one command line; returns the exit code. Every error comes out as a sentence and what to do about it. */
export async function run(argv: string[], io: CliIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.stdout(overview());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version') {
    io.stdout(`${await version()}\n`);
    return EXIT.ok;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    io.stderr(`wardkeep: there is no command "${printable(name)}"\n\n${overview()}`);
    return EXIT.usage;
  }
  try {
    return await (
      await entry.load()
    )(rest, io);
  } catch (error) {
    return report(error, name, io);
  }
}

function report(thrown: unknown, command: string, io: CliIo): number {
  const error = firstOf(thrown);
  if (error instanceof UsageError || isParseArgsError(error)) {
    io.stderr(`${fold(`wardkeep ${command}: ${usageSentence(error)}`, io)}\nTry: wardkeep ${command} --help\n`);
    return EXIT.usage;
  }
  const { sentence, advice } = mendable(error) ?? { sentence: messageOf(error), advice: undefined };
  io.stderr(`${fold(`wardkeep ${command}: ${sentence}`, io)}\n`);
  if (advice !== undefined) io.stderr(`${fold(`What to do: ${advice}.`, io)}\n`);
  else if (!(error instanceof WardkeepError) && error instanceof Error && error.stack !== undefined) {
    io.stderr(
      `This is a fault of Wardkeep itself; please report it with these lines:\n${printableLines(error.stack)}\n`,
    );
  }
  return EXIT.failed;
}

/** The words for what the operator can mend: an error with advice of its own, or a refusal of the system. */
function mendable(error: unknown): SystemErrorWords | null {
  if (!(error instanceof WardkeepError)) return systemErrorWords(error);
  const advice = error.advice ?? systemErrorWords(error.cause)?.advice;
  return advice === undefined ? null : { sentence: error.message, advice };
}

/** What went wrong first: tidying up after it may have failed too, mostly for the same reason. */
function firstOf(thrown: unknown): unknown {
  let error = thrown;
  while (error instanceof SuppressedError) error = error.suppressed;
  return error;
}

/** In lines that a terminal of this width shows whole; a path is never cut. */
function fold(text: string, { columns }: CliIo): string {
  return printableLines(wrap(text, Math.min(columns, MESSAGE_COLUMNS_MAX)));
}

function isParseArgsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Wardkeep: a hospital's security in one process.

Usage: wardkeep COMMAND [OPTIONS]

${rows.join('\n')}

Begin with:
  wardkeep demo                     see what it does, in a minute
  wardkeep up                       start your own
  wardkeep scan FOLDER              find out what happened in a folder of logs
  wardkeep COMMAND --help           what a command takes, with examples
  wardkeep --version                the version
`;
}
