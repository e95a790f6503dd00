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
  /** Width of the terminal in columns; where there is none 120, which has room for every column of a table. */
  columns: number;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/** The exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * JSON escapes no C1 control character and no mark that turns the direction of text, but terminals act on them. What
 * goes to a program stays as it is.
 */
function withoutHidden(text: string): string {
  return text.replaceAll(/[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, '·');
}

/** The real process. */
export function processIo(): CliIo {
  return {
    stdout: (text) => void process.stdout.write(isatty(1) ? withoutHidden(text) : text),
    stderr: (text) => void process.stderr.write(isatty(2) ? withoutHidden(text) : text),
    stdin: () => process.stdin,
    interactive: isatty(2),
    color: isatty(1) && (process.env['NO_COLOR'] ?? '') === '',
    columns: process.stdout.columns ?? 120,
    env: process.env,
    cwd: process.cwd(),
  };
}
