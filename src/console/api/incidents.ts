import type { Level } from './common.ts';

export type IncidentState = 'new' | 'open' | 'contained' | 'closed';
export type Verdict = 'true-positive' | 'false-positive' | 'benign' | null;
export type EntityKind = 'user' | 'device' | 'address' | 'patient' | 'process' | 'file' | 'service';

export interface Entity {
  kind: EntityKind;
  /** Patients: a stand-in without the right to see them. */
  name: string;
  /** How often it stands in the incident's findings. */
  count: number;
}

export interface IncidentSummary {
  id: string;
  /** Short and for people: `INC-14`. */
  number: string;
  title: string;
  severity: Level;
  state: IncidentState;
  verdict: Verdict;
  assignee: string | null;
  firstMs: number;
  lastMs: number;
  createdMs: number;
  findings: number;
  /** ATT&CK tactics in the order of the chain: `credential-access`. */
  tactics: string[];
  entities: Entity[];
}

export interface Incident extends IncidentSummary {
  /** The account in plain words, one paragraph an element. */
  story: string[];
  /** What to do, in order. */
  actions: { text: string; why: string }[];
  /** How sure Wardkeep is, and why in one sentence. */
  confidence: { level: 'low' | 'medium' | 'high'; why: string };
  /** How the severity came about, in one sentence. */
  severityWhy: string;
  /** A person set the severity: findings do not change it. */
  isSeverityFixed: boolean;
  timeline: TimelineItem[];
  notes: { id: string; author: string; atMs: number; text: string }[];
  history: { atMs: number; author: string; text: string }[];
  mergedFrom: string[];
}

export interface TimelineItem {
  atMs: number;
  /** One sentence. */
  text: string;
  level: Level;
  rule: { id: string; title: string };
  /** ATT&CK technique ids: `T1003.001`. */
  techniques: string[];
  tactic: string | null;
  /** Index of the finding in the ledger. */
  finding: number;
  /** Indexes of the events that it rests on: each has a receipt. */
  events: number[];
  eventsTotal: number;
}

export interface IncidentChange {
  state?: IncidentState;
  verdict?: Verdict;
  assignee?: string | null;
  /** Null: it follows the findings again. */
  severity?: Level | null;
  title?: string;
}

export interface SuppressRequest {
  /** Rule whose findings are hidden. */
  ruleId: string;
  /** Only where these entities take part; at least one. */
  entities: { kind: EntityKind; name: string }[];
  reason: string;
  /** At most 90 days ahead. */
  expiresMs: number;
}

export interface SuppressPreview {
  /** Findings of the last 30 days that it would have hidden. */
  hidden: number;
  examples: FindingSummary[];
  /** Of them, findings that now belong to incidents judged true. */
  truePositives: number;
}

export interface Suppression extends SuppressRequest {
  id: string;
  author: string;
  createdMs: number;
  hiddenSoFar: number;
}

export interface FindingSummary {
  index: number;
  uid: string;
  atMs: number;
  rule: { id: string; title: string; level: Level; tags: string[]; author: string | null };
  incident: string | null;
  suppressedBy: string | null;
  events: number[];
  eventsTotal: number;
  /** What matched, in short texts; personal data only with the right to see it. */
  match: Record<string, string>;
}
