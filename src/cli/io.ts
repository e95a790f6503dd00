import { isatty } from 'node:tty';

/** What a command may touch of the world, passed in so that tests run commands without a process. */
export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Standard input as bytes; read at most once. */
  stdin(): AsyncIterable<Buffer>;
  /** Whether standard error is a terminal: progress lines and prompts only then. */
  interactive: boolean;
  /** Whether standard output takes ANSI colours (a terminal, and NO_COLOR is not set). */
  color: boolean;
  /** Width of the terminal in columns; 100 where there is none. */
  columns: number;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/** The exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The real process. */
export function processIo(): CliIo {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    stdin: () => process.stdin,
    interactive: isatty(2),
    color: isatty(1) && (process.env['NO_COLOR'] ?? '') === '',
    columns: process.stdout.columns ?? 100,
    env: process.env,
    cwd: process.cwd(),
  };
}
