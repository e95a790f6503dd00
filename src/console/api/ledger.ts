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

export interface ReceiptVerdict {
  verdict: 'good' | 'bad' | 'undecidable';
  sentence: string;
  index: number | null;
  classUid: number | null;
  minuteMs: number | null;
}
