import type { FindingSummary } from './incidents.ts';

export interface EventSummary {
  index: number;
  atMs: number;
  receivedMs: number;
  classUid: number;
  className: string;
  severity: number;
  /** One line for people. */
  text: string;
  user: string | null;
  device: string | null;
  address: string | null;
  patient: string | null;
  sourceId: string | null;
}

export interface EventDetail extends EventSummary {
  state: 'present' | 'erased' | 'expired' | 'sealed';
  /** OCSF JSON; null when the body is gone or may not be seen. */
  event: unknown;
  /** As received; null when not kept. Text where it is UTF-8, else base64. */
  raw: { text: string | null; base64: string | null } | null;
  findings: FindingSummary[];
}

export interface HuntView {
  name: string;
  description: string;
  columns: { name: string; type: string; description: string }[];
  example: string;
}

export interface HuntRequest {
  sql: string;
  /** Rows; at most 10,000. */
  limit?: number;
}

export interface HuntResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  isTruncated: boolean;
  elapsedMs: number;
  /** Archive files that were damaged and passed over. */
  skipped: string[];
}

export interface SavedHunt {
  id: string;
  name: string;
  sql: string;
  picture: 'table' | 'bar' | 'line' | 'heat';
  author: string;
  changedMs: number;
}
