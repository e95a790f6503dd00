import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RandomFill, remembering, replaceFile, systemErrorCode } from '#kernel';

const KEY_BYTES = 32;
/** Hex digits of a stand-in: 48 bits keep a million patients apart. */
const DIGITS = 12;
const REMEMBERED_MAX = 10_000;

/**
 * Stand-ins of patients: the same patient has the same one in every hunt of this installation, and without the key nobody
 * can work out whose it is.
 */
export function standInMaker(
  root: string,
  { random, isReadOnly }: { random: RandomFill; isReadOnly: boolean },
): (patient: string) => string {
  const key = keyOf(join(root, 'stand-in.key'), { random, isReadOnly });
  return remembering(
    REMEMBERED_MAX,
    (patient) => `patient-${createHmac('sha256', key).update(patient).digest('hex').slice(0, DIGITS)}`,
  );
}

function keyOf(path: string, { random, isReadOnly }: { random: RandomFill; isReadOnly: boolean }): Buffer {
  const found = readKey(path);
  if (found !== null) return found;
  const key = Buffer.alloc(KEY_BYTES);
  random(key);
  if (!isReadOnly) replaceFile(path, key.toString('hex'));
  return key;
}

function readKey(path: string): Buffer | null {
  try {
    const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
    return key.length === KEY_BYTES ? key : null;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
