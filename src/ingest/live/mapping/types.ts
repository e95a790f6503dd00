import type { RecordNote, Submission } from '../types.ts';

/** One submission on its way to the mapping thread; its bytes are `bytes[start, end)` of the group. */
export interface MapJob {
  sourceId: string;
  format: string;
  zone: string | undefined;
  framing: Submission['framing'];
  start: number;
  end: number;
  lengths: Uint32Array | null;
  notes: readonly (RecordNote | null)[];
  receivedMs: number;
  labels: readonly string[];
}

export interface MapRequest {
  kind: 'map';
  ticket: number;
  bytes: Uint8Array<ArrayBuffer>;
  jobs: readonly MapJob[];
}

export interface TapRequest {
  kind: 'tap';
  ticket: number;
  options: unknown;
}

export type ToThread = MapRequest | TapRequest;

/** What one submission came to. */
export interface JobResult {
  /** Its entries stand behind those of the jobs before it. */
  entries: number;
  rejects: Record<string, number>;
  /** Records that the sender's numbering says are missing; less than 0 when some came late. */
  gaps: number;
  /** Samples of receive time less event time, ms. */
  offsets: number[];
  /** More than one append takes: nothing of it is to be appended. */
  isTooLarge: boolean;
}

export interface Mapped {
  heads: Uint32Array<ArrayBuffer>;
  own: Uint8Array<ArrayBuffer> | null;
  jobs: JobResult[];
  /** What the tap said: number of the entry within the group, and the value. */
  tapped: [number, unknown][];
}

export type FromThread =
  | { kind: 'ready' }
  | ({ kind: 'mapped'; ticket: number } & Mapped)
  /** The tap took its new options, or why not. */
  | { kind: 'tap'; ticket: number; problem: string | null };

export interface ThreadData {
  raw: Readonly<Record<string, 'full' | 'hash'>>;
  tap: { module: string; options: unknown } | null;
}
