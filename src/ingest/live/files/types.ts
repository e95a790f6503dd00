import type { PackedBatch, RawPolicies } from '#ingest';
import type { SourceMark } from '#ledger';
import type { Timing } from './limits.ts';

/** A path that is watched, as the configuration names it. */
export interface WatchedPath {
  /** Absolute: a file, a folder, or a pattern of `*` and `?` in its last part. */
  path: string;
  /** For people; null = the path. */
  name: string | null;
  /** Name of the format, or `auto`. */
  format: string;
  /** IANA zone of times that state none; null = the hospital's. */
  zone: string | null;
}

/** How one watched path fares. */
export interface WatchedState {
  sourceId: string;
  path: string;
  /** Files that are followed or were read to their end. */
  files: number;
  /** Files that could not be read. */
  unreadable: number;
  /** Bytes of followed files that were not read yet. */
  behindBytes: number;
  /** A sentence, where something of it is not read. */
  problem: string | null;
}

/** A watched path in the reading thread. */
export interface ThreadPath extends Omit<WatchedPath, 'name'> {
  sourceId: string;
  /** When the path became a source, ms since the epoch. */
  sinceMs: number;
}

export interface FilesThreadData {
  paths: readonly ThreadPath[];
  raw: RawPolicies;
  tap: { module: string; options: unknown } | null;
  marks: ReadonlyMap<string, SourceMark>;
  timing: Timing;
}

/** A batch on its way to the ledger: its mark and its records become durable together. */
export interface FilesBatch {
  sourceId: string;
  batch: PackedBatch;
  /** What the tap said: place of the entry within the batch, and the value. */
  tapped: [number, unknown][];
}

export type FromFiles =
  | { kind: 'ready' }
  | ({ kind: 'batch' } & FilesBatch)
  | { kind: 'state'; states: WatchedState[] };

export type ToFiles =
  /** One more batch may be sent. */
  | { kind: 'credit' }
  | { kind: 'tap'; options: unknown }
  /** The source was removed: its path is not read any more. */
  | { kind: 'stop'; sourceId: string };
