import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Log, makeDirectory, messageOf, utcDay } from '#kernel';
import type { RetentionClass } from '#ledger';
import type { CellValue } from '../columns/columns.ts';
import { type RawEntry, type RowContext, rowOf } from '../columns/row.ts';
import { Hunter } from '../hunt/hunter.ts';
import {
  CHUNK_ROWS,
  ERASURES_MAX,
  READ_ONLY_ROWS_MAX,
  TAIL_AGE_MS_MAX,
  TAIL_BYTES_MAX,
  TAIL_ROWS_MAX,
} from '../limits.ts';
import { Merging } from './merging.ts';
import { indexPath } from './file-index.ts';
import { type ArchiveFile, type Manifest, writeManifest } from './manifest.ts';
import { removeOrphans, usableManifest } from './start.ts';
import { hashOf, removeFile } from './files.ts';
import { chunkOf } from './chunk.ts';
import { erasedBy } from './erasures.ts';
import type { Generation } from './tail.ts';
import { type FileContent, Writer } from './writer.ts';

export interface EngineOptions {
  /** The archive's folder. */
  root: string;
  origin: string;
  /** Entries in the ledger: an archive that has more is of another one. */
  ledgerSize: number;
  /** Beside the process whose archive it is: nothing is written, and the live tail has a limit. */
  isReadOnly: boolean;
  context: RowContext;
  clock: Clock;
  log: Log;
}

/** Consecutive entries; those without a body are left out, `to` counts them all the same. */
export interface EngineBatch {
  entries: readonly RawEntry[];
  /** Index behind the last entry. */
  to: number;
}

/**
 * Files and live tail. The manifest says which files count; all that it does not cover is read from the ledger again. One
 * call at a time, except hunts and look-ups.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #writer: Writer;
  readonly #hunter: Hunter;
  #manifest: Manifest;
  #live: Generation;
  /** Generations that are being sealed, oldest first. */
  #closed: Generation[] = [];
  #rows: CellValue[][] = [];
  #isFlushed = true;
  readonly #damaged = new Set<string>();
  readonly #erasures: Map<number, number>;
  readonly #tidying = new Set<Promise<void>>();
  readonly #lookUps = new Set<Promise<unknown>>();
  readonly #merging: Merging;
  #serial = 0;
  #isClosed = false;
  /** From then on what fails says nothing of the files. */
  #isBrokenOff = false;

  private constructor(
    options: EngineOptions,
    parts: { writer: Writer; hunter: Hunter; manifest: Manifest; live: Generation },
  ) {
    this.#options = options;
    this.#writer = parts.writer;
    this.#hunter = parts.hunter;
    this.#manifest = parts.manifest;
    this.#live = parts.live;
    this.#merging = new Merging(this, options);
    this.#erasures = new Map(parts.manifest.erasures.map(({ index, sinceMs }) => [index, sinceMs]));
  }

  /** @throws {ArchiveError} `corrupt`, `newer_format` */
  static async open(options: EngineOptions): Promise<Engine> {
    if (!options.isReadOnly) makeDirectory(options.root);
    const manifest = usableManifest(options);
    if (!options.isReadOnly) removeOrphans(options.root, manifest);
    const from = options.isReadOnly
      ? Math.max(manifest.sealedTo, options.ledgerSize - READ_ONLY_ROWS_MAX)
      : manifest.sealedTo;
    const live = newGeneration(0, from);
    const writer = await Writer.open(options.isReadOnly ? null : options.root);
    await writer.tail.create(live.table);
    const hunter = await Hunter.open(options.root, live.table);
    const engine = new Engine(options, { writer, hunter, manifest, live });
    engine.#findMissing();
    await engine.#show();
    return engine;
  }

  get writer(): Writer {
    return this.#writer;
  }

  get hunter(): Hunter {
    return this.#hunter;
  }

  /** Indexes that erasure events named and that have not been looked at yet. */
  get erasures(): readonly { index: number; sinceMs: number }[] {
    return [...this.#erasures].map(([index, sinceMs]) => ({ index, sinceMs }));
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /** Index behind the last entry that was taken in. */
  get seenTo(): number {
    return this.#live.to;
  }

  get damaged(): readonly string[] {
    return [...this.#damaged];
  }

  /** Files that can be read. */
  get files(): readonly ArchiveFile[] {
    return this.#manifest.files.filter(({ name }) => !this.#damaged.has(name));
  }

  /** Tables of the tail, oldest first. */
  get tables(): readonly string[] {
    return [...this.#closed, this.#live].map(({ table }) => table);
  }

  path(file: ArchiveFile): string {
    return join(this.#options.root, file.name);
  }

  /** The tail is to be sealed. */
  get isFull(): boolean {
    if (this.#options.isReadOnly) return false;
    return this.#live.rows >= TAIL_ROWS_MAX || this.#live.bytes >= TAIL_BYTES_MAX;
  }

  /** What failed to be sealed still lies in memory beside a full tail: nothing more is taken in. */
  get hasNoRoom(): boolean {
    return this.isFull && this.#closed.length > 0;
  }

  /** Takes a batch in. Who calls it seals when the tail is full. */
  accept(batch: EngineBatch): void {
    for (const entry of batch.entries) {
      if (entry.index < this.#live.to) continue;
      this.#add(entry);
      if (this.#rows.length >= CHUNK_ROWS) this.#append();
    }
    this.#live.to = Math.max(this.#live.to, batch.to);
  }

  #add(entry: RawEntry): void {
    this.#rows.push(rowOf(entry, this.#options.context));
    for (const index of erasedBy(entry)) this.#noteErasure(index);
    const live = this.#live;
    live.to = entry.index + 1;
    live.rows += 1;
    live.bytes += entry.normal.length;
    live.days.add(utcDay(entry.receivedMs));
    live.sinceMs ??= this.#options.clock.nowMs();
  }

  #noteErasure(index: number): void {
    if (this.#erasures.has(index)) return;
    if (this.#erasures.size < ERASURES_MAX) this.#erasures.set(index, this.#options.clock.nowMs());
    else this.#options.log.warn('too many erasures wait to be applied to the archive', { most: ERASURES_MAX });
  }

  /** Takes entries out of the live tail. */
  async forgetInTail(indexes: readonly number[]): Promise<void> {
    this.flush();
    if (indexes.length === 0) return;
    for (const table of this.tables) {
      await this.#writer.tail.remove(table, indexes);
      await this.#hunter.tail.remove(table, indexes);
    }
  }

  /** Puts rows of these entries into a table of the writer alone. */
  appendTo(table: string, entries: readonly RawEntry[]): void {
    for (let n = 0; n < entries.length; n += CHUNK_ROWS) {
      const rows = entries.slice(n, n + CHUNK_ROWS).map((entry) => rowOf(entry, this.#options.context));
      this.#writer.tail.append(table, chunkOf(rows));
    }
  }

  /** Makes all that was accepted visible. */
  flush(): void {
    this.#append();
    if (this.#isFlushed) return;
    this.#isFlushed = true;
    this.#writer.tail.flush(this.#live.table);
    this.#hunter.tail.flush(this.#live.table);
  }

  #append(): void {
    if (this.#rows.length === 0) return;
    const rows = chunkOf(this.#rows);
    this.#rows = [];
    this.#isFlushed = false;
    this.#writer.tail.append(this.#live.table, rows);
    this.#hunter.tail.append(this.#live.table, rows);
  }

  /** Seals the tail when a day in it has ended, or when it is old. */
  async sealEnded(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const today = utcDay(nowMs);
    const { rows, days, sinceMs } = this.#live;
    if (rows === 0 || this.#options.isReadOnly) return;
    const isOld = sinceMs !== null && Math.abs(nowMs - sinceMs) >= TAIL_AGE_MS_MAX;
    if (isOld || [...days].some((day) => day !== today)) await this.seal();
  }

  /** Writes the whole tail into files, one a day and class, and lets the manifest name them. */
  async seal(): Promise<void> {
    this.flush();
    if (this.#live.rows === 0 && this.#closed.length === 0) return;
    await this.#turnOver();
    const [oldest] = this.#closed;
    if (oldest === undefined) return;
    const made: ArchiveFile[] = [];
    for (const day of [...oldest.days].toSorted()) {
      for (const retention of ['record', 'telemetry'] satisfies RetentionClass[]) {
        const from = `base.${oldest.table}`;
        const file = await this.#writer.write({ day, retention, from, serial: this.nextNumber() });
        if (file !== null) made.push(file);
      }
    }
    await this.change({ add: made, remove: [], sealedTo: oldest.to }, async () => {
      this.#closed.shift();
    });
    this.#whenQuiet(async () => {
      await this.#writer.tail.drop(oldest.table);
      await this.#hunter.tail.drop(oldest.table);
    });
    await this.#merging.run();
  }

  /** From now on rows go into a new table. */
  async #turnOver(): Promise<void> {
    if (this.#closed.length > 0) return;
    const next = newGeneration(Number(this.#live.table.slice('tail_'.length)) + 1, this.#live.to);
    await this.#writer.tail.create(next.table);
    await this.#hunter.tail.create(next.table);
    this.#writer.tail.close(this.#live.table);
    this.#hunter.tail.close(this.#live.table);
    this.#closed.push(this.#live);
    this.#live = next;
    await this.#show();
  }

  /**
   * The one place where files begin and cease to count: the manifest is written first, then the views change, then what
   * does not count any more is deleted, when nobody reads it.
   */
  async change(
    change: {
      add: readonly ArchiveFile[];
      remove: readonly ArchiveFile[];
      sealedTo?: number;
      erasures?: Manifest['erasures'];
    },
    before: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    const gone = new Set(change.remove.map(({ name }) => name));
    const files = [...this.#manifest.files.filter(({ name }) => !gone.has(name)), ...change.add];
    this.#manifest = {
      ...this.#manifest,
      files: files.toSorted((a, b) => a.first - b.first || a.name.localeCompare(b.name)),
      serial: Math.max(this.#manifest.serial, this.#serial),
      sealedTo: change.sealedTo ?? this.#manifest.sealedTo,
      erasures: change.erasures ?? this.erasures,
    };
    if (change.erasures !== undefined) this.#keepErasures(change.erasures);
    writeManifest(this.#options.root, this.#manifest);
    await before();
    for (const name of gone) this.#damaged.delete(name);
    await this.#show();
    if (gone.size === 0) return;
    this.#whenQuiet(async () => {
      for (const name of gone) {
        removeFile(join(this.#options.root, name));
        removeFile(indexPath(join(this.#options.root, name)));
      }
    });
  }

  /** Tidies up when nobody reads any more what is to go; a long hunt must not hold up what comes in. */
  #whenQuiet(work: () => Promise<void>): void {
    const done = this.quiet()
      .then(work)
      .catch((error: unknown) => this.#options.log.error('the archive could not tidy up', error))
      .finally(() => this.#tidying.delete(done));
    this.#tidying.add(done);
  }

  /** A look-up that files and tables must not vanish under. */
  async reading<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#lookUps.add(running);
    try {
      return await running;
    } finally {
      this.#lookUps.delete(running);
    }
  }

  /** Resolves when no look-up and no hunt runs any more that began before. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.#lookUps);
    await this.#hunter.quiet();
  }

  /** Puts one file with this content in the place of others. */
  async replace(files: readonly ArchiveFile[], content: Omit<FileContent, 'serial'>): Promise<void> {
    const made = await this.#writer.write({ ...content, serial: this.nextNumber() });
    await this.change({ add: made === null ? [] : [made], remove: files });
  }

  #keepErasures(erasures: Manifest['erasures']): void {
    this.#erasures.clear();
    for (const { index, sinceMs } of erasures) this.#erasures.set(index, sinceMs);
  }

  /** A number that no file and no table of this run has. */
  nextNumber(): number {
    this.#serial = Math.max(this.#serial, this.#manifest.serial) + 1;
    return this.#serial;
  }

  async #show(): Promise<void> {
    const paths = this.files.map((file) => this.path(file));
    await this.#hunter.show(paths, this.tables);
  }

  /** A file that is gone or has another length is damaged before anybody reads it. */
  #findMissing(): void {
    for (const file of this.#manifest.files) {
      const size = statSync(this.path(file), { throwIfNoEntry: false })?.size;
      if (size !== file.bytes) this.#markDamaged(file);
    }
  }

  /**
   * After a query failed without a fault of its author: compares each file's hash with the manifest, and passes over
   * what is damaged. Gives whether any was found.
   */
  async findDamaged(error: unknown): Promise<boolean> {
    if (this.#isBrokenOff) return false;
    const before = this.#damaged.size;
    const text = messageOf(error);
    const named = this.files.filter(({ name }) => text.includes(name));
    for (const file of named.length > 0 ? named : this.files) {
      if (hashOf(this.path(file)) !== file.sha256) this.#markDamaged(file);
    }
    if (this.#damaged.size === before) return false;
    await this.#show();
    return true;
  }

  #markDamaged(file: ArchiveFile): void {
    this.#damaged.add(file.name);
    this.#options.log.warn('a file of the archive is damaged and passed over', { file: file.name });
  }

  /**
   * Breaks off all that DuckDB does: a seal leaves files that do not count, everything else is only read. What has just begun
   * may miss it, so that it is to be repeated.
   */
  interrupt(): void {
    if (this.#isClosed) return;
    this.#isBrokenOff = true;
    this.#hunter.interrupt();
    this.#writer.interrupt();
  }

  /** Waits for whatever still reads, and closes both instances. */
  async close(): Promise<void> {
    await this.quiet();
    await Promise.allSettled(this.#tidying);
    this.#isClosed = true;
    this.#hunter.close();
    this.#writer.close();
  }
}

function newGeneration(number: number, from: number): Generation {
  return { table: `tail_${number}`, from, to: from, rows: 0, bytes: 0, days: new Set(), sinceMs: null };
}
