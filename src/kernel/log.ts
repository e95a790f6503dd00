import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { WardkeepError, messageOf } from './errors.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Values are names, counts and codes; never the content of a record, a secret or patient data. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, error: unknown, fields?: LogFields): void;
}

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogOptions {
  level?: LogLevel;
  clock?: Clock;
  /** Receives one line without its line feed. Default: standard error. */
  write?: (line: string) => void;
}

/** A log of one JSON object a line: `time`, `level`, `message`, then the fields. */
export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', clock = systemClock, write = writeToStderr } = options;
  const emit = (at: LogLevel, message: string, fields: LogFields): void => {
    if (ORDER[at] < ORDER[level]) return;
    write(JSON.stringify({ time: new Date(clock.nowMs()).toISOString(), level: at, message, ...fields }));
  };
  return {
    debug: (message, fields = {}) => emit('debug', message, fields),
    info: (message, fields = {}) => emit('info', message, fields),
    warn: (message, fields = {}) => emit('warn', message, fields),
    error: (message, error, fields = {}) =>
      emit('error', message, {
        ...fields,
        error: messageOf(error),
        code: error instanceof WardkeepError ? error.code : undefined,
      }),
  };
}

/** A log that says nothing, for tests and for commands that print their own output. */
export const silentLog: Log = createLog({ write: () => undefined });

function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
