import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto';
import type { RandomFill } from '#kernel';
import { AccountsError } from './errors.ts';
import { HASHES_AT_ONCE, HASHES_WAITING_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from './limits.ts';

/** Cost of argon2id. */
export interface HashCost {
  /** KiB. */
  memory: number;
  passes: number;
  parallelism: number;
}

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane. */
export const OWASP_COST: HashCost = { memory: 19_456, passes: 2, parallelism: 1 };

const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** A stored hash that asks for more is not computed: a changed database must not stop the machine. */
const COST_MAX: HashCost = { memory: 262_144, passes: 10, parallelism: 4 };

export interface Passwords {
  /** In PHC string form: `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`. @throws {AccountsError} `busy` */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one of this hash. Null as hash (no such account) takes as long and is false.
   * @throws {AccountsError} `busy`
   */
  verify(hash: string | null, password: string): Promise<boolean>;
}

/** Hashes and checks passwords off the main thread, at most `HASHES_AT_ONCE` at a time. */
export function createPasswords(random: RandomFill, cost: HashCost = OWASP_COST): Passwords {
  const inTurn = createTurns();
  const fresh = (): Buffer => {
    const bytes = Buffer.alloc(SALT_BYTES);
    random(bytes);
    return bytes;
  };
  const nobody: Phc = { cost, salt: fresh(), tag: Buffer.alloc(TAG_BYTES) };
  return {
    async hash(password) {
      const salt = fresh();
      return formatPhc({ cost, salt, tag: await inTurn(() => derive(password, { cost, salt, bytes: TAG_BYTES })) });
    },
    async verify(hash, password) {
      const known = hash === null ? null : parsePhc(hash);
      const { cost, salt, tag } = known ?? nobody;
      const found = await inTurn(() => derive(password, { cost, salt, bytes: tag.length }));
      return timingSafeEqual(found, tag) && known !== null;
    },
  };
}

/**
 * Refuses a password that is short, or plainly the account's own name over again.
 * @throws {AccountsError} `weak_password`
 */
export function refuseWeakPassword(password: string, name: string): void {
  const { length } = password;
  if (length < PASSWORD_CHARS_MIN || length > PASSWORD_CHARS_MAX)
    throw new AccountsError(
      'weak_password',
      `a password has ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters`,
      { advice: 'take four or five words that do not belong together' },
    );
  const folded = password.normalize('NFKC').toLowerCase();
  const rest = folded.replaceAll(name.normalize('NFKC').toLowerCase(), '');
  if (new Set(rest).size < 5)
    throw new AccountsError('weak_password', 'this password is too easy to guess', {
      advice: 'take four or five words that do not belong together',
    });
}

interface Phc {
  cost: HashCost;
  salt: Buffer;
  tag: Buffer;
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function formatPhc({ cost: { memory, passes, parallelism }, salt, tag }: Phc): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Null when it is no hash of ours, or one that costs more than this machine should spend. */
export function parsePhc(text: string): Phc | null {
  const match = PHC.exec(text);
  if (match === null) return null;
  const [memory = 0, passes = 0, parallelism = 0] = match.slice(1, 4).map(Number);
  const isCheap = memory <= COST_MAX.memory && passes <= COST_MAX.passes && parallelism <= COST_MAX.parallelism;
  if (!isCheap || passes < 1 || parallelism < 1 || memory < 8 * parallelism) return null;
  const [salt, tag] = match.slice(4).map((part) => Buffer.from(part, 'base64'));
  return salt === undefined || tag === undefined ? null : { cost: { memory, passes, parallelism }, salt, tag };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function derive(password: string, options: { cost: HashCost; salt: Buffer; bytes: number }): Promise<Buffer> {
  const { cost, salt, bytes } = options;
  // Two keyboards may write the same letter in two ways.
  const message = Buffer.from(password.normalize('NFKC'), 'utf8');
  const parameters: Argon2Parameters = { message, nonce: salt, tagLength: bytes, ...cost };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(Buffer.from(tag)) : reject(error)));
  });
}

/** Runs work at most `HASHES_AT_ONCE` at a time, first come, first served; refuses when too many wait. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= HASHES_AT_ONCE) {
      if (waiting.length >= HASHES_WAITING_MAX)
        throw new AccountsError('busy', 'too many sign-ins at once', { advice: 'try again in a few seconds' });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The turn goes on to the next without a gap in which a newcomer could take it.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
