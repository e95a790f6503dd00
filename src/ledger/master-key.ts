import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { RandomFill } from '#kernel';
import { makeDirectory, systemErrorCode } from '#kernel';
import { LedgerError } from './errors.ts';
import { placeFile } from './files.ts';

const KEY_BYTES = 32;
const SALT_BYTES = 32;
const TAG_BYTES = 16;
const NONCE = Buffer.alloc(12);
const HEADER = 'wardkeep master key v1';
const FILE_FORM = /^wardkeep master key v1\n([A-Za-z0-9+/]{43}=)\n$/;

/** The key of keys. It wraps the day keys and the signing keys and never leaves its process. */
export class MasterKey {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** A 32-byte key for one purpose (RFC 5869, SHA-256). */
  derive(purpose: string, salt: Uint8Array = new Uint8Array(0)): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, salt, `wardkeep/${purpose}`, KEY_BYTES));
  }

  /** Seals `bytes` as `salt[32] ‖ AES-256-GCM ‖ tag[16]`; each call has its own key, so the nonce is zero. */
  wrap(purpose: string, bytes: Uint8Array, random: RandomFill): Buffer {
    const salt = Buffer.alloc(SALT_BYTES);
    random(salt);
    return Buffer.concat([salt, seal(this.derive(purpose, salt), bytes, Buffer.from(purpose))]);
  }

  /** The bytes that `wrap` sealed for the same purpose, or null when key, purpose or bytes differ. */
  unwrap(purpose: string, sealed: Uint8Array): Buffer | null {
    if (sealed.length < SALT_BYTES + TAG_BYTES) return null;
    const key = this.derive(purpose, sealed.subarray(0, SALT_BYTES));
    return unseal(key, sealed.subarray(SALT_BYTES), Buffer.from(purpose));
  }

  /** A 32-byte authentication code under a key of its own for `purpose`. */
  mac(purpose: string, bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.derive(purpose)).update(bytes).digest();
  }

  macMatches(purpose: string, bytes: Uint8Array, mac: Uint8Array): boolean {
    return mac.length === 32 && timingSafeEqual(this.mac(purpose, bytes), mac);
  }
}

/**
 * AES-256-GCM with a zero nonce: only under a key that seals once. Gives `ciphertext ‖ tag[16]`.
 * Node takes a key object several times faster than bytes, here and wherever a frame is keyed.
 */
export function seal(key: Uint8Array, bytes: Uint8Array, aad: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), NONCE);
  cipher.setAAD(aad);
  const head = cipher.update(bytes);
  cipher.final();
  return Buffer.concat([head, cipher.getAuthTag()]);
}

/** What `seal` sealed, or null when anything differs. */
export function unseal(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer | null {
  if (sealed.length < TAG_BYTES) return null;
  const cut = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), NONCE, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(cut));
  const bytes = decipher.update(sealed.subarray(0, cut));
  try {
    decipher.final();
    return bytes;
  } catch {
    return null;
  }
}

/** Where a key file lies when none is named: `$XDG_CONFIG_HOME/wardkeep/<name>.key`. */
export function defaultKeyFile(name: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  const configured = env['XDG_CONFIG_HOME'];
  const base = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.config');
  return join(base, 'wardkeep', `${name}.key`);
}

/**
 * Refuses a key file inside the data directory, also through links: whoever copies the directory must not get the key.
 * @throws {LedgerError} `key_inside`.
 */
export function refuseKeyInside(keyFile: string, dir: string): void {
  const inside = relative(realPathOf(dir), realPathOf(keyFile));
  const leadsOut = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  if (!leadsOut) {
    throw new LedgerError('key_inside', `the key file ${keyFile} lies inside the data directory ${dir}`, {
      advice: 'name a key file outside it with --key-file: a copy of the data directory must not hold its key',
    });
  }
}

/** The real path, where the last parts need not exist yet. */
function realPathOf(path: string): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch (error) {
    const parent = dirname(full);
    const code = systemErrorCode(error);
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || parent === full) throw error;
    return join(realPathOf(parent), basename(full));
  }
}

/**
 * Creates the key file (mode 0600) with a fresh key, or takes the key of one that is there.
 * @throws {LedgerError} `key_open`, `key_wrong` when the file holds no key; `write_failed`.
 */
export function createMasterKey(keyFile: string, random: RandomFill): MasterKey {
  if (existsSync(keyFile)) return readMasterKey(keyFile);
  makeDirectory(dirname(resolve(keyFile)));
  const key = Buffer.alloc(KEY_BYTES);
  random(key);
  // Whoever makes the same file at the same time must not lose a key that is in use already.
  if (!placeFile(keyFile, `${HEADER}\n${key.toString('base64')}\n`)) return readMasterKey(keyFile);
  return new MasterKey(key);
}

/** Permission bits of group and others. */
const NOT_OWNER = 0o077;

/**
 * Reads the master key, of a file that its owner alone may use; Windows has no such bits, there nothing is asked.
 * @throws {LedgerError} `key_missing` when there is no readable file, `key_open` when group or others have any right to
 * it, `key_wrong` when it holds no key.
 */
export function readMasterKey(keyFile: string): MasterKey {
  let text: string;
  try {
    text = readFileSync(keyFile, 'utf8');
  } catch (cause) {
    throw new LedgerError('key_missing', `the master key ${keyFile} cannot be read`, {
      cause,
      advice:
        'name the key file with --key-file, or restore it from its backup; without it only the tree can be verified',
    });
  }
  const key = Buffer.from(FILE_FORM.exec(text)?.[1] ?? '', 'base64');
  if (key.length === KEY_BYTES) {
    refuseOpenToOthers(keyFile);
    return new MasterKey(key);
  }
  throw new LedgerError('key_wrong', `the file ${keyFile} holds no master key`, {
    advice: 'name the right key file with --key-file',
  });
}

function refuseOpenToOthers(keyFile: string): void {
  if (process.platform === 'win32') return;
  const mode = statSync(keyFile).mode & 0o777;
  if ((mode & NOT_OWNER) === 0) return;
  throw new LedgerError('key_open', `the master key ${keyFile} is open to others (mode ${mode.toString(8)})`, {
    advice: `run: chmod 600 ${keyFile}; and ask who could have copied it, since nothing shows that`,
  });
}
