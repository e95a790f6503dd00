import { argon2Sync, createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MIB, deriveKey, makeDirectory, messageOf, replaceFile } from '#kernel';
import { BackupError } from './errors.ts';
import type { Secret, Snapshot } from './types.ts';

/** Version of the repository's form; a newer one is refused. */
const FORMAT = 1;
export const CHUNK_BYTES = 4 * MIB;
/** A sealed piece: little more than a chunk, since what does not shrink is kept as it is by zstd. */
const OBJECT_BYTES_MAX = CHUNK_BYTES + MIB;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** argon2id: 64 MiB, 3 passes (RFC 9106, second recommendation). */
const ARGON2 = { memory: 64 * 1024, passes: 3, parallelism: 4 } as const;
const PASSPHRASE_CHARS_MIN = 12;
const SNAPSHOT_SUFFIX = '.snapshot';

interface Head {
  format: number;
  salt: string;
  /** The repository's key, sealed under the passphrase or key file. */
  key: string;
}

/**
 * A folder that keeps snapshots as sealed pieces: `objects/ab/abcd…` (named by a keyed hash of their content, so that what
 * did not change is kept once) and `snapshots/TIME.snapshot`. It may lie on a disk or share that others can read.
 */
export class Repository {
  readonly dir: string;
  readonly #sealKey: Buffer;
  readonly #nameKey: Buffer;

  private constructor(dir: string, key: Buffer) {
    this.dir = dir;
    this.#sealKey = deriveKey(key, 'backup/seal');
    this.#nameKey = deriveKey(key, 'backup/name');
  }

  /**
   * Opens the repository in `dir`, which is made where there is none.
   * @throws {BackupError} `wrong_key`, `newer_format`, `unreadable`, `not_empty` (another folder than a repository).
   */
  static open(dir: string, secret: Secret, options: { create: boolean }): Repository {
    const file = join(dir, 'repository.json');
    if (existsSync(file)) return new Repository(dir, openKey(readHead(file), secret));
    if (!options.create)
      throw new BackupError('unreadable', `there is no backup repository in ${dir}`, { advice: 'check the path' });
    if (existsSync(dir) && readdirSync(dir).length > 0)
      throw new BackupError('not_empty', `${dir} holds other files and no backup repository`, {
        advice: 'name a new or empty folder',
      });
    const key = randomBytes(KEY_BYTES);
    const salt = randomBytes(16);
    for (const folder of ['objects', 'snapshots']) makeDirectory(join(dir, folder));
    const sealed = sealWith(wrappingKey(secret, salt, true), key, 'repository key');
    const head: Head = { format: FORMAT, salt: salt.toString('hex'), key: sealed.toString('hex') };
    replaceFile(file, JSON.stringify(head));
    return new Repository(dir, key);
  }

  /** Name of a piece: a keyed hash, which says nothing to those without the key. */
  nameOf(content: Uint8Array): string {
    return createHmac('sha256', this.#nameKey).update(content).digest('hex');
  }

  has(name: string): boolean {
    return existsSync(this.#objectPath(name));
  }

  /** Bytes that the piece takes in the repository. */
  put(name: string, content: Uint8Array): number {
    const path = this.#objectPath(name);
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    const sealed = sealWith(this.#sealKey, zstdCompressSync(content), `object ${name}`);
    replaceFile(path, sealed);
    return sealed.length;
  }

  /** @throws {BackupError} `damaged` when it is missing, was changed, or is not what its name says. */
  get(name: string): Buffer {
    const sealed = this.#read(this.#objectPath(name), `piece ${name.slice(0, 12)}`);
    const packed = openWith(this.#sealKey, sealed, `object ${name}`);
    const content = packed === null ? null : unpack(packed);
    if (content === null || this.nameOf(content) !== name)
      throw new BackupError('damaged', `piece ${name.slice(0, 12)} of the backup was changed`, {
        advice: 'use an earlier snapshot, or make a new backup to a new folder',
      });
    return content;
  }

  /** Ids of all snapshots, oldest first. */
  snapshots(): string[] {
    const names = readdirSync(join(this.dir, 'snapshots')).filter((name) => name.endsWith(SNAPSHOT_SUFFIX));
    return names.map((name) => name.slice(0, -SNAPSHOT_SUFFIX.length)).toSorted();
  }

  putSnapshot(snapshot: Snapshot): void {
    const packed = zstdCompressSync(JSON.stringify(snapshot));
    replaceFile(this.#snapshotPath(snapshot.id), sealWith(this.#sealKey, packed, `snapshot ${snapshot.id}`));
  }

  /** @throws {BackupError} `damaged`, `unreadable` */
  snapshot(id: string): Snapshot {
    const sealed = this.#read(this.#snapshotPath(id), `snapshot ${id}`);
    const packed = openWith(this.#sealKey, sealed, `snapshot ${id}`);
    if (packed === null) throw new BackupError('damaged', `snapshot ${id} was changed`);
    return JSON.parse(zstdDecompressSync(packed).toString('utf8')) as Snapshot;
  }

  /** Removes all snapshots but the newest `keep`, and the pieces that no snapshot names. Gives the number of pieces. */
  prune(keep: number): number {
    const ids = this.snapshots();
    const kept = ids.slice(-keep);
    const named = new Set(kept.flatMap((id) => this.snapshot(id).files.flatMap(({ chunks }) => chunks)));
    for (const id of ids.slice(0, -keep)) rmSync(this.#snapshotPath(id));
    let removed = 0;
    for (const folder of readdirSync(join(this.dir, 'objects')))
      for (const name of readdirSync(join(this.dir, 'objects', folder)))
        if (!named.has(name)) {
          rmSync(join(this.dir, 'objects', folder, name));
          removed += 1;
        }
    return removed;
  }

  #read(path: string, what: string): Buffer {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new BackupError('damaged', `${what} cannot be read (${messageOf(error)})`, { cause: error });
    }
  }

  #objectPath(name: string): string {
    return join(this.dir, 'objects', name.slice(0, 2), name);
  }

  #snapshotPath(id: string): string {
    // An id comes from a command line, too.
    if (!/^[\w-]{1,64}$/.test(id))
      throw new BackupError('unreadable', 'a snapshot is named by letters, digits and dashes');
    return join(this.dir, 'snapshots', id + SNAPSHOT_SUFFIX);
  }
}

function readHead(file: string): Head {
  let head: Partial<Head>;
  try {
    head = JSON.parse(readFileSync(file, 'utf8')) as Partial<Head>;
  } catch (error) {
    throw new BackupError('unreadable', `${file} cannot be read (${messageOf(error)})`, { cause: error });
  }
  if ((head.format ?? 0) > FORMAT)
    throw new BackupError('newer_format', `${file} was written by a newer Wardkeep`, { advice: 'use that version' });
  if (typeof head.salt !== 'string' || typeof head.key !== 'string')
    throw new BackupError('damaged', `${file} is not the head of a backup repository`);
  return { format: FORMAT, salt: head.salt, key: head.key };
}

function openKey(head: Head, secret: Secret): Buffer {
  const key = openWith(
    wrappingKey(secret, Buffer.from(head.salt, 'hex'), false),
    Buffer.from(head.key, 'hex'),
    'repository key',
  );
  if (key !== null) return key;
  throw new BackupError('wrong_key', 'the backup does not open with this passphrase or key', {
    advice: 'use the one that was given when the repository was made',
  });
}

function wrappingKey(secret: Secret, salt: Buffer, isNew: boolean): Buffer {
  if ('keyFile' in secret) return deriveKey(readKeyFile(secret.keyFile), 'backup/wrap');
  if (isNew && secret.passphrase.length < PASSPHRASE_CHARS_MIN)
    throw new BackupError('wrong_key', `a passphrase takes at least ${PASSPHRASE_CHARS_MIN} characters`, {
      advice: 'five words that nobody would guess are good',
    });
  const message = Buffer.from(secret.passphrase.normalize('NFKC'), 'utf8');
  return argon2Sync('argon2id', { ...ARGON2, message, nonce: salt, tagLength: KEY_BYTES });
}

function readKeyFile(path: string): Buffer {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new BackupError('unreadable', `the key file ${path} cannot be read (${messageOf(error)})`, { cause: error });
  }
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new BackupError('wrong_key', `${path} is no key: 64 hexadecimal digits are wanted`, {
      advice: 'make one with: openssl rand -hex 32',
    });
  return Buffer.from(text, 'hex');
}

/** Nonce ‖ ciphertext ‖ tag. Random nonces: at 4 MiB a piece, 2³² pieces are 16 PiB. */
function sealWith(key: Buffer, plain: Uint8Array, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function openWith(key: Buffer, sealed: Buffer, place: string): Buffer | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}

function unpack(packed: Buffer): Buffer | null {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: OBJECT_BYTES_MAX });
  } catch {
    return null;
  }
}
