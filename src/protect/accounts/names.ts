import { AccountsError } from './errors.ts';
import { NAME_CHARS_MAX } from './limits.ts';

const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@'-]*$/u;

/**
 * A name as it is kept: one form of each letter, no spaces around it.
 * @throws {AccountsError} `bad_name`
 */
export function cleanName(name: string): string {
  const clean = name.normalize('NFC').trim().replaceAll(/\s+/g, ' ');
  if (clean.length <= NAME_CHARS_MAX && NAME.test(clean)) return clean;
  throw new AccountsError('bad_name', `a name has 1 to ${NAME_CHARS_MAX} letters, digits, spaces or . _ @ ' -`, {
    advice: 'use the name by which people sign in elsewhere, such as j.doe',
  });
}

/** What two names share that a person takes for the same. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
