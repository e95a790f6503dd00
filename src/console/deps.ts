import type { Kysely } from 'kysely';
import type { Archive } from '#archive';
import type { LiveDetector } from '#detect/live';
import type { Intake, LiveSource } from '#ingest/live';
import type { Clock, Log, RandomFill } from '#kernel';
import type { Ledger } from '#ledger';
import type { Accounts } from '#protect/accounts';
import type { Incidents } from '#respond/incidents';
import type {
  RuleChange,
  RuleDetail,
  RuleImport,
  RulePreview,
  RuleSummary,
  SecretName,
  SettingsValues,
  Trouble,
} from './api.ts';
import type { ConsoleTables } from './store.ts';

/** What the console is built from. */
export interface ConsoleDeps {
  /** Opened with `CONSOLE_MIGRATIONS`. */
  state: Kysely<ConsoleTables>;
  accounts: Accounts;
  ledger: Ledger;
  intake: Intake;
  archive: Archive;
  detector: Pick<LiveDetector, 'onFinding'>;
  rules: RuleDesk;
  incidents: IncidentDesk;
  notifier: Notifier;
  /** Ready to paste, for the usual senders of a source's kind. */
  snippets: (source: LiveSource) => { title: string; text: string }[];
  /** What disk, clock and process have to say; empty when all is well. */
  troubles: () => readonly Trouble[];
  /** 32 bytes that do not lie in the database: they seal the settings' secrets. */
  key: Uint8Array;
  /** Shown in the settings, and where the ledger's tree lies. */
  dataDirectory: string;
  version: string;
  /** The built pages (`dist/web`); null serves the API alone. */
  webDirectory: string | null;
  /** The console is reached by TLS: cookies are marked so, and browsers are told to stay with it. */
  isSecure: boolean;
  /** Proxies whose `X-Forwarded-For` is believed, addresses or networks; default none. */
  trustedProxies?: readonly string[];
  clock: Clock;
  random: RandomFill;
  log: Log;
}

/** Incidents and findings; names of patients are in clear. */
export type IncidentDesk = Pick<
  Incidents,
  | 'list'
  | 'counts'
  | 'get'
  | 'change'
  | 'note'
  | 'merge'
  | 'split'
  | 'suppress'
  | 'suppressPreview'
  | 'suppressions'
  | 'unsuppress'
  | 'findings'
  | 'onChange'
>;

/** The rules that run, as the console needs them. */
export interface RuleDesk {
  list(): Promise<RuleSummary[]>;
  /** Null when there is none. */
  get(id: string): Promise<RuleDetail | null>;
  change(id: string, change: RuleChange, by: string): Promise<RuleDetail>;
  preview(id: string, days: number): Promise<RulePreview>;
  /** An archive (tgz or zip) of rules. */
  importArchive(archive: Uint8Array, by: string): Promise<RuleImport>;
}

export interface Notifier {
  /** Sends a test by each way that is set up; `problem` is a sentence. */
  test(): Promise<{ ok: boolean; problem: string | null }>;
  /** New settings; `secret` gives a secret's text or null. */
  configure(values: SettingsValues, secret: (name: SecretName) => string | null): void;
}
