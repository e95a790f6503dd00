import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WardkeepError, messageOf, systemErrorCode, systemErrorWords } from '#kernel';
import { HttpConfig, IntakeConfig, TlsConfig } from './listeners.ts';

export class ConfigError extends WardkeepError<'unreadable' | 'invalid'> {}

const CONFIG_FILE = 'wardkeep.json';
const CONFIG_BYTES_MAX = 1024 * 1024;

/** What is kept of a record as received: all of it, or its SHA-256 alone. */
const RawPolicy = z.enum(['full', 'hash']);
export type RawPolicy = z.infer<typeof RawPolicy>;

const Config = z.strictObject({
  /** Time zone of logs that state none, an IANA name. */
  zone: z.string().min(1).max(64).optional(),
  /** Source name (as `--format` takes it) or `default` → what is kept of its records as received. */
  raw: z.record(z.string(), RawPolicy).default({}),
  rules: z
    .strictObject({
      /** Ids or names of rules that do not run. */
      exclude: z.array(z.string()).max(10_000).default([]),
      /** Placeholder of Sigma's `expand` modifier → values. */
      placeholders: z.record(z.string(), z.array(z.string()).max(10_000)).default({}),
    })
    .default({ exclude: [], placeholders: {} }),
  http: HttpConfig.default(HttpConfig.parse({})),
  tls: TlsConfig.default(TlsConfig.parse({})),
  intake: IntakeConfig.default(IntakeConfig.parse({})),
});

/** The configuration of a data directory, checked and frozen. */
export type Config = Readonly<z.infer<typeof Config>>;

/**
 * Reads `wardkeep.json` of a data directory; a missing file gives the defaults, an unknown key is an error.
 * @throws {ConfigError} `unreadable`, `invalid` (the message names the key)
 */
export function readConfig(dir: string): Config {
  const path = join(dir, CONFIG_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return Object.freeze(Config.parse({}));
    const words = systemErrorWords(error) ?? {
      sentence: `${path} cannot be read (${messageOf(error)})`,
      advice: 'check the file and its permissions',
    };
    throw new ConfigError('unreadable', words.sentence, { cause: error, advice: words.advice });
  }
  return parseConfig(text, path);
}

/**
 * A configuration out of its JSON text; `path` is named in errors.
 * @throws {ConfigError} `invalid`
 */
export function parseConfig(text: string, path: string): Config {
  if (text.length > CONFIG_BYTES_MAX)
    throw new ConfigError('invalid', `${path} is longer than ${CONFIG_BYTES_MAX} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError('invalid', `${path} is not JSON (${messageOf(error)})`, { cause: error });
  }
  const result = Config.safeParse(value);
  if (result.success) return Object.freeze(result.data);
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : `, ${issue.path.join('.')}`;
  throw new ConfigError('invalid', `${path}${where}: ${issue?.message ?? 'not a configuration'}`, {
    advice: 'mend the file; docs/configuration.md lists what it may hold',
  });
}
