import type { Kysely } from 'kysely';
import type { Archive } from '#archive';
import type { LiveDetector } from '#detect/live';
import type { Intake, LiveSource } from '#ingest/live';
import type { Clock, Log, RandomFill } from '#kernel';
import type { Ledger } from '#ledger';
import type { Accounts } from '#protect/accounts';
import type {
  FindingSummary,
  Incident,
  IncidentChange,
  IncidentState,
  IncidentSummary,
  Level,
  Page,
  RuleChange,
  RuleDetail,
  RuleImport,
  RulePreview,
  RuleSummary,
  SecretName,
  SettingsValues,
  SuppressPreview,
  SuppressRequest,
  Suppression,
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
  clock: Clock;
  random: RandomFill;
  log: Log;
}

export interface IncidentQuery {
  state?: IncidentState | 'unclosed';
  severity?: Level;
  assignee?: string;
  q?: string;
  /** `next` of the page before. */
  before?: string;
  limit: number;
}

export interface FindingQuery {
  rule?: string;
  level?: Level;
  sinceMs?: number;
  untilMs?: number;
  incident?: string;
  /** Index in the ledger of one of the events that it rests on. */
  event?: number;
  before?: string;
  limit: number;
}

/** Incidents and findings, as the console needs them; `by` is the name of who acts. Names of patients are in clear. */
export interface IncidentDesk {
  list(query: IncidentQuery): Promise<Page<IncidentSummary>>;
  /** Incidents that are not closed. */
  counts(): Promise<{ open: number; bySeverity: Record<Level, number> }>;
  /** Null when there is none. */
  get(id: string): Promise<Incident | null>;
  change(id: string, change: IncidentChange, by: string): Promise<Incident>;
  note(id: string, text: string, by: string): Promise<Incident>;
  merge(id: string, ids: readonly string[], by: string): Promise<Incident>;
  split(id: string, findings: readonly number[], by: string): Promise<Incident>;
  suppress(id: string, request: SuppressRequest, by: string): Promise<Suppression>;
  suppressPreview(
    id: string,
    request: SuppressRequest,
  ): Promise<Omit<SuppressPreview, 'examples'> & { examples: ConcerningFinding[] }>;
  suppressions(): Promise<Suppression[]>;
  unsuppress(id: string, by: string): Promise<void>;
  findings(query: FindingQuery): Promise<Page<ConcerningFinding>>;
  onChange(listener: (change: { incident: IncidentSummary; isNew: boolean }) => void): void;
}

/** A finding and the patients that it concerns, in clear. */
export interface ConcerningFinding extends FindingSummary {
  patients: readonly string[];
}

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
