export interface LedgerStatus {
  origin: string;
  size: number;
  root: string;
  checkpoint: string | null;
  checkpointMs: number | null;
  vkeys: { name: string; algorithm: 'Ed25519' | 'ML-DSA-44'; vkey: string }[];
  policy: string;
  retention: { recordDays: number; telemetryDays: number };
  /** First and last receive day (their first moment, UTC); null is open. */
  holds: { id: string; reason: string; fromMs: number | null; toMs: number | null }[];
  erased: number;
  bytes: number;
}

/** What is left out stays. */
export interface RetentionChange {
  recordDays?: number;
  telemetryDays?: number;
}

/** Receive days, `YYYY-MM-DD`, both inclusive; null is open. The name stands in clear: it names no patient. */
export interface HoldCreate {
  name: string;
  fromDay: string | null;
  toDay: string | null;
}

export interface ReceiptVerdict {
  verdict: 'good' | 'bad' | 'undecidable';
  sentence: string;
  index: number | null;
  classUid: number | null;
  minuteMs: number | null;
}
