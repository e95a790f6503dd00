import type { Level } from './common.ts';
import type { Trouble } from './overview.ts';

export interface SettingsValues {
  hospital: string;
  zone: string;
  notifications: {
    email: { host: string; port: number; secure: boolean; user: string; from: string; to: string[] } | null;
    webhook: { url: string } | null;
    /** Incidents from this severity are told at once; the rest come in the digest. */
    from: Level;
    /** Local hours `HH:MM`; critical ones are told all the same. */
    quiet: { from: string; to: string } | null;
    /** Local hour of the daily digest; null = none. */
    digestAt: string | null;
  };
  forwarding: { kind: 'syslog-cef' | 'ocsf-http'; target: string; what: 'findings' | 'events' } | null;
}

/** Secrets that settings need; they are taken and never given back. */
export type SecretName = 'email.password' | 'webhook.secret' | 'forwarding.token';

/** What is left out stays; a secret is set by its text and removed by null. */
export interface SettingsChange extends Partial<SettingsValues> {
  secrets?: Partial<Record<SecretName, string | null>>;
}

export interface Settings {
  values: SettingsValues;
  /** Names of secrets that are set. */
  secrets: SecretName[];
  version: string;
  dataDirectory: string;
}

export type StreamEvent =
  | { kind: 'incident'; id: string; number: string; title: string; severity: Level; isNew: boolean }
  | { kind: 'finding'; index: number; level: Level; title: string }
  | { kind: 'sources'; changed: string[] }
  | { kind: 'ledger'; size: number }
  | { kind: 'trouble'; troubles: Trouble[] };
