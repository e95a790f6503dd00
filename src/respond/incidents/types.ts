import type { Level } from '#detect/sigma';

export type IncidentState = 'new' | 'open' | 'contained' | 'closed';
export type Verdict = 'true-positive' | 'false-positive' | 'benign';
export type EntityKind = 'user' | 'device' | 'address' | 'patient' | 'process' | 'file' | 'service';

/** Somebody or something that takes part, as a finding's events name it. */
export interface Entity {
  kind: EntityKind;
  name: string;
}

export interface CountedEntity extends Entity {
  /** Findings of the incident in which it stands. */
  count: number;
}

/** A finding as incidents keep it. */
export interface Finding {
  /** Its index in the ledger. */
  index: number;
  uid: string;
  rule: { id: string; title: string; level: Level; tags: string[]; author: string | null };
  firstMs: number;
  /** Event time of its last event. */
  atMs: number;
  /** Indexes of its events, oldest first. */
  events: number[];
  eventsTotal: number;
  match: Record<string, string>;
  entities: Entity[];
  /** How many different patients it concerns, where that was counted. */
  patients: number;
}

export interface KeptFinding extends Finding {
  incident: string | null;
  suppressedBy: string | null;
}

export interface IncidentSummary {
  id: string;
  /** `INC-14` */
  number: string;
  title: string;
  severity: Level;
  state: IncidentState;
  verdict: Verdict | null;
  assignee: string | null;
  firstMs: number;
  lastMs: number;
  createdMs: number;
  findings: number;
  /** ATT&CK tactics in the order of the chain. */
  tactics: string[];
  entities: CountedEntity[];
}

export interface Incident extends IncidentSummary {
  story: string[];
  actions: Action[];
  confidence: { level: 'low' | 'medium' | 'high'; why: string };
  severityWhy: string;
  /** A person set the severity: findings do not change it. */
  isSeverityFixed: boolean;
  timeline: TimelineItem[];
  notes: { id: string; author: string; atMs: number; text: string }[];
  history: { atMs: number; author: string; text: string }[];
  mergedFrom: string[];
}

export interface Action {
  text: string;
  why: string;
}

export interface TimelineItem {
  atMs: number;
  text: string;
  level: Level;
  rule: { id: string; title: string };
  techniques: string[];
  tactic: string | null;
  finding: number;
  events: number[];
  eventsTotal: number;
}

export interface IncidentChange {
  state?: IncidentState;
  verdict?: Verdict | null;
  assignee?: string | null;
  /** Null: it follows the findings again. */
  severity?: Level | null;
  title?: string;
}

export interface SuppressRequest {
  ruleId: string;
  entities: Entity[];
  reason: string;
  expiresMs: number;
}

export interface Suppression extends SuppressRequest {
  id: string;
  author: string;
  createdMs: number;
  hiddenSoFar: number;
}
