/** Severities, lowest first. */
export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

/** What notifications need of the settings. */
export interface NotificationSettings {
  hospital: string;
  /** IANA zone, in which quiet hours and the digest are meant. */
  zone: string;
  notifications: {
    email: { host: string; port: number; secure: boolean; user: string; from: string; to: string[] } | null;
    webhook: { url: string } | null;
    /** Incidents from this severity on are told at once; the rest come in the digest. */
    from: Level;
    /** Local hours `HH:MM`; critical ones are told all the same. Equal hours are none. */
    quiet: { from: string; to: string } | null;
    /** Local hour `HH:MM` of the daily digest; null = none. */
    digestAt: string | null;
  };
}

export type Channel = 'email' | 'webhook';
export type SecretLookup = (name: 'email.password' | 'webhook.secret') => string | null;

/** What leaves the house of an incident: no patient, no record, no event. */
export interface NotifiedIncident {
  id: string;
  number: string;
  title: string;
  severity: Level;
  state: string;
  firstMs: number;
  lastMs: number;
  findings: number;
  /** ATT&CK tactics in the order of the chain. */
  tactics: string[];
}

/** A change of an incident, as incidents tell it. */
export interface News {
  incident: NotifiedIncident;
  /** A person wrote the title: it may say anything, and so it does not leave the house. */
  isNamedByHand?: boolean;
}

/** What the daily digest says. */
export interface DigestFacts {
  /** Incidents that are not closed. */
  open: number;
  bySeverity: Readonly<Record<Level, number>>;
  /** Incidents that are new since the last digest, the newest first. */
  fresh: readonly NotifiedIncident[];
  /** What is wrong with Wardkeep itself, a sentence each. */
  troubles: readonly string[];
}

/** A message before it takes the form of its way. */
export type Message =
  | { kind: 'incidents'; id: string; incidents: NotifiedIncident[]; leftOut: number }
  | { kind: 'digest'; id: string; day: string; facts: DigestFacts }
  | { kind: 'test'; id: string };
