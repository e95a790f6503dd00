import type { RawEntry } from '../columns/row.ts';
import type { Engine } from './engine.ts';
import type { ArchiveFile } from './manifest.ts';
import { readFiles } from './writer.ts';

/** What upkeep has to look at; the main thread asks the ledger about it. */
export interface UpkeepPlan {
  files: { name: string; day: string; retention: string; first: number; last: number }[];
  /** Files that have to be made again. */
  damaged: string[];
  /** Indexes that erasure events named, with the time at which that was seen. */
  erasures: readonly { index: number; sinceMs: number }[];
}

export function planOf(engine: Engine): UpkeepPlan {
  const files = engine.manifest.files.map(({ name, day, retention, first, last }) => ({
    name,
    day,
    retention,
    first,
    last,
  }));
  return { files, damaged: [...engine.damaged], erasures: engine.erasures };
}

/** Files whose class has expired cease to count. */
export async function drop(engine: Engine, names: readonly string[]): Promise<void> {
  const doomed = engine.manifest.files.filter(({ name }) => names.includes(name));
  if (doomed.length > 0) await engine.change({ add: [], remove: doomed });
}

/**
 * Takes entries out that the ledger has erased: out of the live tail, and out of the files, which are written anew.
 * `settled` are all indexes that need no further looking at.
 */
export async function forget(engine: Engine, gone: readonly number[], settled: readonly number[]): Promise<void> {
  await engine.forgetInTail(gone);
  for (const file of engine.files) {
    const within = gone.filter((index) => index >= file.first && index <= file.last);
    const held = await heldBy(engine, file, within);
    if (held.length === 0) continue;
    const { day, retention } = file;
    const from = readFiles([engine.path(file)]);
    await engine.replace([file], { day, retention, from, without: held, isSorted: true });
  }
  const done = new Set(settled);
  await engine.change({ add: [], remove: [], erasures: engine.erasures.filter(({ index }) => !done.has(index)) });
}

async function heldBy(engine: Engine, file: ArchiveFile, indexes: readonly number[]): Promise<number[]> {
  if (indexes.length === 0) return [];
  const sql = `SELECT "index" FROM ${readFiles([engine.path(file)])} WHERE "index" IN (${indexes.join(', ')})`;
  return (await engine.writer.rows(sql)).map(([index]) => Number(index));
}

/** Makes a file again, from entries of the ledger that are handed over in parts. */
export class Repair {
  readonly #engine: Engine;
  readonly #file: ArchiveFile;
  readonly #table: string;

  private constructor(engine: Engine, file: ArchiveFile, table: string) {
    this.#engine = engine;
    this.#file = file;
    this.#table = table;
  }

  /** Null when the file does not count any more. */
  static async begin(engine: Engine, name: string): Promise<Repair | null> {
    const file = engine.manifest.files.find((one) => one.name === name);
    if (file === undefined) return null;
    const table = `repair_${engine.nextNumber()}`;
    await engine.writer.tail.create(table);
    return new Repair(engine, file, table);
  }

  add(entries: readonly RawEntry[]): void {
    this.#engine.appendTo(this.#table, entries);
  }

  async finish(): Promise<void> {
    const { day, retention } = this.#file;
    this.#engine.writer.tail.close(this.#table);
    try {
      await this.#engine.replace([this.#file], {
        day,
        retention,
        from: `base.${this.#table}`,
        isSorted: retention === 'telemetry',
      });
    } finally {
      await this.#engine.writer.tail.drop(this.#table);
    }
  }
}
