import { join } from 'node:path';
import { closeSync, fsyncSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import type { RandomFill } from '#kernel';
import { systemErrorCode } from '#kernel';
import { LedgerError } from './errors.ts';
import { readOptional, replaceFile } from './files.ts';
import { isRecord, parseJson } from './json.ts';
import { FORMAT_VERSION } from './layout.ts';
import { newerFormat } from './manifest.ts';
import type { MasterKey } from './master-key.ts';
import type { RetentionClass } from './types.ts';

export const DAY_MS = 86_400_000;
const KEY_BYTES = 32;
const FILE_NAME = /^(\d{4,6}-\d{2}-\d{2})-(record|telemetry)\.json$/;

/** A receive day (days since the epoch, UTC) and a retention class: what has a key of its own. */
export interface DayClass {
  day: number;
  retention: RetentionClass;
}

/** `lost` is a key whose file is not there although nothing destroyed it. */
export type DayKeyState = 'present' | 'destroyed' | 'lost';

interface KeyFile {
  format: number;
  sealed: string | null;
  destroyedMs: number | null;
}

export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** `YYYY-MM-DD` of days since the epoch. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The day keys of a ledger, wrapped in `keys/<day>-<class>.json`, unwrapped in memory when first used. */
export class DayKeys {
  readonly #dir: string;
  readonly #master: MasterKey;
  readonly #random: RandomFill;
  readonly #cache = new Map<string, Buffer>();

  constructor(options: { dir: string; master: MasterKey; random: RandomFill }) {
    this.#dir = options.dir;
    this.#master = options.master;
    this.#random = options.random;
  }

  /**
   * The key for sealing; a new one is durable before it is given out.
   * @throws {LedgerError} `corrupt` when the key of that day has been destroyed: a day is not opened again.
   */
  forSealing(id: DayClass): Buffer {
    const found = this.find(id);
    if (found !== null) return found;
    if (this.state(id) === 'destroyed') {
      throw new LedgerError('corrupt', `the key of ${nameOf(id)} was destroyed: nothing can be stored under that day`, {
        advice: 'the clock of this machine stands in a day whose retention has ended: set it right',
      });
    }
    const key = Buffer.alloc(KEY_BYTES);
    this.#random(key);
    const sealed = this.#master.wrap(`day/${nameOf(id)}`, key, this.#random).toString('base64');
    this.#write(id, { format: FORMAT_VERSION, sealed, destroyedMs: null });
    this.#cache.set(nameOf(id), key);
    return key;
  }

  /**
   * The key for opening, or null when it is destroyed or lost.
   * @throws {LedgerError} `corrupt` when the file is there but does not open under the master key.
   */
  find(id: DayClass): Buffer | null {
    const cached = this.#cache.get(nameOf(id));
    if (cached !== undefined) return cached;
    const sealed = this.#read(id)?.sealed ?? null;
    if (sealed === null) return null;
    const key = this.#master.unwrap(`day/${nameOf(id)}`, Buffer.from(sealed, 'base64'));
    if (key === null)
      throw new LedgerError('corrupt', `the key file of ${nameOf(id)} does not open under the master key`);
    this.#cache.set(nameOf(id), key);
    return key;
  }

  state(id: DayClass): DayKeyState {
    const file = this.#read(id);
    if (file === null) return 'lost';
    return file.sealed === null ? 'destroyed' : 'present';
  }

  /** Destroys a key for good: its file is overwritten in place, then replaced by a note of when. */
  destroy(id: DayClass, nowMs: number): void {
    overwrite(this.#path(id));
    this.#write(id, { format: FORMAT_VERSION, sealed: null, destroyedMs: nowMs });
    this.#cache.delete(nameOf(id));
  }

  /** Every day and class that has a key file, oldest first. */
  list(): DayClass[] {
    const found: DayClass[] = [];
    for (const name of readdirSync(this.#dir)) {
      const match = FILE_NAME.exec(name);
      const retention = match?.[2];
      if (retention !== 'record' && retention !== 'telemetry') continue;
      const day = dayOf(Date.parse(`${match?.[1] ?? ''}T00:00:00Z`));
      // A name with a month 13 is none of ours.
      if (Number.isSafeInteger(day)) found.push({ day, retention });
    }
    return found.toSorted((a, b) => a.day - b.day || a.retention.localeCompare(b.retention));
  }

  #path(id: DayClass): string {
    return join(this.#dir, `${nameOf(id)}.json`);
  }

  #write(id: DayClass, file: KeyFile): void {
    replaceFile(this.#path(id), `${JSON.stringify(file)}\n`);
  }

  #read(id: DayClass): KeyFile | null {
    const path = this.#path(id);
    const bytes = readOptional(path);
    if (bytes === null) return null;
    const file = parseKeyFile(bytes);
    if (file === null) throw new LedgerError('corrupt', `the key file ${path} cannot be read`);
    if (file.format > FORMAT_VERSION) throw newerFormat(path, file.format);
    return file;
  }
}

export function nameOf(id: DayClass): string {
  return `${dayText(id.day)}-${id.retention}`;
}

function parseKeyFile(bytes: Buffer): KeyFile | null {
  const value = parseJson(bytes);
  if (!isRecord(value)) return null;
  const { format, sealed, destroyedMs } = value;
  if (typeof format !== 'number') return null;
  if (typeof sealed === 'string') return { format, sealed, destroyedMs: null };
  return typeof destroyedMs === 'number' ? { format, sealed: null, destroyedMs } : null;
}

/** Overwrites in place, so that on disks that do so the wrapped key is gone from its blocks. */
function overwrite(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    writeSync(fd, Buffer.alloc(statSync(path).size), 0, undefined, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
