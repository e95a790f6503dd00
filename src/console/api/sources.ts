export type SourceHealth = 'ok' | 'silent' | 'troubled' | 'new';

export interface SourceStatus {
  id: string;
  name: string;
  kind: string;
  format: string;
  health: SourceHealth;
  /** Why, when it is not ok. */
  problem: string | null;
  lastEventMs: number | null;
  events: number;
  rejected: number;
  /** Events a second over the last minute. */
  rate: number;
  /** Share of records that parsed, 0 to 1; null without any. */
  parseShare: number | null;
  /** Records that the sender's own numbering says are missing. */
  gaps: number;
  /** Datagrams that the system dropped before we could read them. */
  lost: number;
}

export interface SourceDetail extends SourceStatus {
  zone: string | null;
  silentAfterMs: number | null;
  createdMs: number;
  /** Seconds that its clock is apart from ours, median; null when unknown. */
  clockOffsetS: number | null;
  rejects: { code: string; count: number }[];
  rates: { minuteMs: number; events: number; rejected: number }[];
  /** Ready to paste, for the usual senders of this kind; the token's place is marked. */
  snippets: { title: string; text: string }[];
}

export interface SourceCreate {
  name: string;
  kind: string;
  format?: string;
  zone?: string | null;
  silentAfterMs?: number | null;
}

export type SourceChange = Partial<Omit<SourceCreate, 'kind'>>;

/** The token, shown once; null for kinds that need none (syslog by address). */
export interface SourceSecret {
  source: SourceDetail;
  token: string | null;
}
