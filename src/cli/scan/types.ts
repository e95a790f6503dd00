import type { RuleSet } from '#detect/sigma';

/** Where the time of a match comes from; `none` when the source states no time. */
export type TimeSource = 'event' | 'zone-assumed' | 'year-assumed' | 'none';

/** Names one record among all that are scanned. */
export interface RecordRef {
  file: string;
  member: string | null;
  record: number;
}

/** One rule's match on one record. Plain data: it comes from another thread. */
export interface BaseMatch extends RecordRef {
  /** Place within the record, for bundles. */
  part: number;
  /** Index into `RuleSet.rules`. */
  rule: number;
  timeMs: number | null;
  timeSource: TimeSource;
  classUid: number;
  matched: Record<string, unknown>;
  /** The fields that correlations look at; only where a correlation refers to the rule. */
  fields?: Record<string, unknown>;
}

/** What one block of a member came to. `records` numbers in `matches` begin at 0 with the block. */
export interface BlockResult {
  matches: BaseMatch[];
  records: number;
  /** Rejected records by code. */
  rejected: Record<string, number>;
  /** The first few rejections, for the operator. */
  samples: { record: number; offset: number; code: string; reason: string }[];
  regexInputsCut: number;
}

export interface EvaluatorOptions {
  ruleSet: RuleSet;
  format: string | undefined;
  zone: string | undefined;
  year: number | undefined;
}

/** A member as the scanning thread knows it. */
export interface MemberInfo {
  file: string;
  member: string | null;
  modifiedMs: number;
  head: Uint8Array;
}

/** To a scanning thread. Blocks of one member go to one thread, unless they are whole lines. */
export type ToWorker =
  | { kind: 'chunk'; ticket: number; memberId: number; info: MemberInfo; bytes: Uint8Array<ArrayBuffer>; last: boolean }
  | {
      kind: 'lines';
      ticket: number;
      memberId: number;
      info: MemberInfo;
      bytes: Uint8Array<ArrayBuffer>;
      offset: number;
    };

export interface FromWorker {
  ticket: number;
  result: BlockResult;
}

export interface ScanProblem {
  file: string;
  member: string | null;
  text: string;
  advice: string | undefined;
}

export interface RejectSample {
  file: string;
  member: string | null;
  record: number;
  offset: number;
  code: string;
  reason: string;
}

export interface ScanTotals {
  files: number;
  members: number;
  records: number;
  /** Decompressed bytes read. */
  bytes: number;
  rejected: Record<string, number>;
  rejectSamples: RejectSample[];
  /** Files or members that could not be read to their end. */
  problems: ScanProblem[];
  /** What was passed over since it holds no records. */
  notices: Omit<ScanProblem, 'advice'>[];
  regexInputsCut: number;
}
