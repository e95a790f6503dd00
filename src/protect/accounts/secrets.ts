import { createHash } from 'node:crypto';
import type { RandomFill } from '#kernel';

const SECRET_BYTES = 32;
const ID_BYTES = 12;

/** A random secret of 256 bits, in characters that a URL and a header take as they are. */
export function newSecret(random: RandomFill): string {
  return randomText(random, SECRET_BYTES);
}

/** A random name for a row: no secret. */
export function newId(random: RandomFill): string {
  return randomText(random, ID_BYTES);
}

function randomText(random: RandomFill, length: number): string {
  const bytes = Buffer.alloc(length);
  random(bytes);
  return bytes.toString('base64url');
}

/** What is stored of a random secret. It has 256 bits of chance, so one round of SHA-256 is enough. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Syllables that are read aloud and typed without doubt. */
const CONSONANTS = 'bdfghjkmnprstvz';
const VOWELS = 'aeiou';
const GROUPS = 5;
const SYLLABLES_PER_GROUP = 2;

/** A first password to be read out over a telephone: `tovak-…`, 62 bits; it must be changed at the first sign-in. */
export function newFirstPassword(random: RandomFill): string {
  const pick = (letters: string): string => {
    const byte = Buffer.alloc(1);
    // Bytes beyond a multiple are drawn again, so that no letter is likelier than another.
    do random(byte);
    while (byte.readUInt8(0) >= 256 - (256 % letters.length));
    return letters[byte.readUInt8(0) % letters.length] ?? '';
  };
  const group = (): string =>
    Array.from({ length: SYLLABLES_PER_GROUP }, () => pick(CONSONANTS) + pick(VOWELS)).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
