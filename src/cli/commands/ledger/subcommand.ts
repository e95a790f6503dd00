import { resolve } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type CliIo } from '../../io.ts';
import { printableLines } from '../../output/style.ts';
import { UsageError, requireData } from '../../usage.ts';

export type LedgerSubcommand = (argv: string[], io: CliIo) => Promise<number>;

/** What every sub-command takes, and its own options as given. */
export interface LedgerArgs {
  dir: string;
  /** For `openLedger` and `createLedger`; empty when the option was not given. */
  key: { keyFile?: string };
  json: boolean;
  positionals: string[];
  text: (name: string) => string | undefined;
  texts: (name: string) => string[];
  flag: (name: string) => boolean;
}

const COMMON: ParseArgsOptionsConfig = {
  data: { type: 'string' },
  'key-file': { type: 'string' },
  json: { type: 'boolean' },
};

const WORDS_TAKEN = ['this takes options alone, no further word', 'this takes one word besides its options'];

/**
 * Reads the arguments of a sub-command.
 * @throws {UsageError} when `--data` is missing or there are more or fewer words than `words`.
 */
export function readArgs(
  argv: string[],
  io: CliIo,
  own: { options?: ParseArgsOptionsConfig; words?: number },
): LedgerArgs {
  const options = { ...COMMON, ...own.options };
  const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  const words = own.words ?? 0;
  if (positionals.length !== words)
    throw new UsageError(WORDS_TAKEN[words] ?? `this takes ${words} words besides its options`);
  const texts = (name: string): string[] => {
    const value = values[name];
    return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  };
  const text = (name: string): string | undefined => texts(name).at(-1);
  const keyFile = text('key-file');
  return {
    dir: resolve(io.cwd, requireData(text('data'))),
    key: keyFile === undefined ? {} : { keyFile: resolve(io.cwd, keyFile) },
    json: values['json'] === true,
    positionals,
    text,
    texts,
    flag: (name) => values[name] === true,
  };
}

/** Prints a result: as one JSON object, or in words. */
export function print(io: CliIo, args: LedgerArgs, result: { json: unknown; words: string }): void {
  io.stdout(args.json ? `${JSON.stringify(result.json)}\n` : `${printableLines(result.words)}\n`);
}
