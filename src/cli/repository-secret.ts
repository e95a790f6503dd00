import { readFileSync } from 'node:fs';
import { messageOf } from '#kernel';
import type { Secret } from '#recover/backups';
import type { CliIo } from './io.ts';
import { UsageError } from './usage.ts';

export const PASSPHRASE_VARIABLE = 'WARDKEEP_BACKUP_PASSPHRASE';

/** Options of every command that opens a backup repository. */
export const SECRET_OPTIONS = {
  'passphrase-file': { type: 'string' },
  'backup-key-file': { type: 'string' },
} as const;

export const SECRET_HELP = `  --passphrase-file FILE   the passphrase of the repository, in a file of its own
                           (or in the variable ${PASSPHRASE_VARIABLE})
  --backup-key-file FILE   a key in place of a passphrase: openssl rand -hex 32`;

/** The secret that the options or the environment give; a command line itself would show it to other users. */
export function repositorySecret(
  values: { 'passphrase-file'?: string | undefined; 'backup-key-file'?: string | undefined },
  { env }: CliIo,
): Secret {
  const { 'passphrase-file': file, 'backup-key-file': keyFile } = values;
  if (keyFile !== undefined) return { keyFile };
  if (file !== undefined) return { passphrase: readPassphrase(file) };
  const passphrase = env[PASSPHRASE_VARIABLE];
  if (passphrase !== undefined && passphrase !== '') return { passphrase };
  throw new UsageError(
    `the repository's secret is missing: --passphrase-file, --backup-key-file or ${PASSPHRASE_VARIABLE}`,
  );
}

function readPassphrase(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${messageOf(error)})`);
  }
}
