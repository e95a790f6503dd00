import { setTimeout as sleep } from 'node:timers/promises';
import { BatchAreas, type RawPolicies, unpackEntries } from '#ingest';
import type { Log } from '#kernel';
import type { EntryInput, SourceMark } from '#ledger';
import { LiveError } from '../errors.ts';
import { SUBMIT_AGAIN_MS } from '../limits.ts';
import type { LiveSource, Sender } from '../types.ts';
import { FilesThread } from './files-thread.ts';
import { TIMING, type Timing } from './limits.ts';
import type { FilesBatch, ThreadPath, WatchedPath, WatchedState } from './types.ts';

/** Records of a file that are mapped, and the mark that becomes durable with them. */
export interface MappedRecords {
  sourceId: string;
  entries: EntryInput[];
  tapped: ReadonlyMap<number, unknown>;
  mark: SourceMark;
  /** Bytes that they were read from. */
  bytes: number;
  rejects: Readonly<Record<string, number>>;
}

export interface WatchedFilesOptions {
  paths: readonly WatchedPath[];
  raw: RawPolicies;
  /** The hospital's zone. */
  zone: string;
  tap: { module: string; options: unknown } | null;
  marks: () => ReadonlyMap<string, SourceMark>;
  sourceOf: (sender: Sender) => Promise<LiveSource | null>;
  /** When a source was made, ms since the epoch. */
  sinceMs: (id: string) => number;
  change: (id: string, change: Partial<Omit<LiveSource, 'id' | 'kind'>>) => Promise<LiveSource>;
  /** @throws {LiveError} `no_such_source`, `unavailable`; then it may still be there, as its mark tells. */
  append: (records: MappedRecords) => Promise<void>;
  setTrouble: (sourceId: string, trouble: string | null) => void;
  timing?: Partial<Timing>;
  log: Log;
}

const NO_AREAS = new BatchAreas([]);
const DIED = 'reading its files failed and is tried again';

/** The files and folders that the configuration names, read as they grow; each path is a source. */
export class WatchedFiles implements AsyncDisposable {
  readonly #options: WatchedFilesOptions;
  readonly #paths: readonly ThreadPath[];
  readonly #thread: FilesThread;
  readonly #closing = new AbortController();
  #tap: WatchedFilesOptions['tap'];
  #states: readonly WatchedState[] = [];
  #removed = new Set<string>();

  private constructor(options: WatchedFilesOptions, paths: readonly ThreadPath[]) {
    this.#options = options;
    this.#paths = paths;
    this.#tap = options.tap;
    this.#thread = new FilesThread({
      data: () => ({
        paths: this.#paths.filter(({ sourceId }) => !this.#removed.has(sourceId)),
        raw: options.raw,
        tap: this.#tap,
        marks: options.marks(),
        timing: { ...TIMING, ...options.timing },
      }),
      onBatch: (batch) => this.#take(batch),
      onStates: (states) => this.#heard(states),
      onDied: () => this.#paths.forEach(({ sourceId }) => options.setTrouble(sourceId, DIED)),
      log: options.log,
    });
  }

  /**
   * Makes each path a source, or takes the one it had, and begins to read.
   * @throws {LiveError} `bad_option` for a format or zone that there is not; `too_many_sources`.
   */
  static async open(options: WatchedFilesOptions): Promise<WatchedFiles> {
    const paths: ThreadPath[] = [];
    for (const { path, name, format, zone } of options.paths) {
      const source = await options.sourceOf({ kind: 'file', address: path, name: name ?? path });
      if (source === null)
        throw new LiveError('too_many_sources', 'there are too many sources for one more watched path', {
          advice: 'remove those that are not used any more',
        });
      // What the configuration says goes before what was set in the console.
      await options.change(source.id, { format, zone, ...(name === null ? {} : { name }) });
      paths.push({
        path,
        format,
        zone: zone ?? options.zone,
        sourceId: source.id,
        sinceMs: options.sinceMs(source.id),
      });
    }
    const files = new WatchedFiles(options, paths);
    await files.#thread.start();
    return files;
  }

  states(): readonly WatchedState[] {
    return this.#states;
  }

  updateTap(options: unknown): void {
    if (this.#tap === null) return;
    this.#tap = { ...this.#tap, options };
    this.#thread.tell({ kind: 'tap', options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#thread[Symbol.asyncDispose]();
  }

  #heard(states: readonly WatchedState[]): void {
    this.#states = states;
    for (const { sourceId, problem } of states) this.#options.setTrouble(sourceId, problem);
  }

  /** Brings a batch into the ledger, however long that takes: until then nothing else of the files is taken. */
  async #take({ sourceId, batch, tapped }: FilesBatch): Promise<void> {
    const { counts, mark, bytes } = batch;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const entries = unpackEntries(batch, NO_AREAS);
        const records = { sourceId, entries, tapped: new Map(tapped), mark, bytes, rejects: counts.rejected };
        await this.#options.append(records);
        return;
      } catch (error) {
        if (error instanceof LiveError && error.code === 'no_such_source') {
          this.#removed.add(sourceId);
          this.#thread.tell({ kind: 'stop', sourceId });
          return;
        }
        this.#options.log.warn('records of a file wait until they can be taken', {
          code: error instanceof LiveError ? error.code : 'failed',
        });
        await sleep(SUBMIT_AGAIN_MS, null, { signal }).catch(() => undefined);
        // A write that failed may have come through all the same.
        if (isSame(this.#options.marks().get(mark.sourceId), mark)) return;
      }
    }
  }
}

function isSame(durable: SourceMark | undefined, mark: SourceMark): boolean {
  return durable !== undefined && JSON.stringify(sorted(durable)) === JSON.stringify(sorted(mark));
}

function sorted({ headHash, offset, records, prefixHash, state }: SourceMark): unknown[] {
  return [headHash, offset, records, prefixHash, state];
}
