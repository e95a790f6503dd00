import type { Kysely, Selectable } from 'kysely';
import type { Level } from '#detect/sigma';
import type { EntityKind, IncidentState, Verdict } from './types.ts';

/** The tables of this module in the state database. */
export interface IncidentsTables {
  incidents_incident: {
    id: string;
    number: number;
    title: string;
    severity: Level;
    /** A person has set title or severity: they are left as they are. */
    fixed_title: number;
    fixed_severity: number;
    state: IncidentState;
    verdict: Verdict | null;
    assignee: string | null;
    first_ms: number;
    last_ms: number;
    created_ms: number;
    findings: number;
    merged_into: string | null;
    /** The incident from which a person took it. */
    split_from: string | null;
    /** ATT&CK tactics of its findings as JSON, in the order of the chain. */
    tactics: string;
    /** Its most serious finding as JSON of `Worst`; null where it has none. */
    worst: string | null;
    /** Name of something that care depends on and that takes part. */
    vital: string | null;
    /** Grows whenever its findings change. */
    revision: number;
  };
  incidents_finding: {
    entry: number;
    incident: string | null;
    suppressed_by: string | null;
    rule: string;
    level: number;
    first_ms: number;
    at_ms: number;
    /** `Finding` as JSON. */
    body: string;
  };
  /** Entities of findings, for look-ups; `ties`: 1 where it can tie findings together. */
  incidents_entity: { entry: number; kind: EntityKind; name: string; ties: number };
  incidents_event: { event: number; entry: number };
  /** Who takes part in an incident: what follows from its findings, kept as they come. */
  incidents_tally: {
    incident: string;
    kind: EntityKind;
    name: string;
    /** Findings in which it stands, and those of them that it can tie. */
    findings: number;
    ties: number;
    first_ms: number;
    last_ms: number;
    /** Span of those that it can tie; null where there are none. */
    tie_first_ms: number | null;
    tie_last_ms: number | null;
  };
  /** Rules that found something of an incident. A rule that was changed meanwhile has a row for each of its forms. */
  incidents_rule: {
    incident: string;
    rule: string;
    level: Level;
    title: string;
    /** JSON */
    tags: string;
    findings: number;
    first_ms: number;
    last_ms: number;
    /** The most events and patients that one finding of it rests on. */
    events_max: number;
    patients_max: number;
  };
  /** Users found together with a device or address, at most COMMON_USERS of each. */
  incidents_company: { kind: EntityKind; name: string; user: string };
  /** What ties findings that wait for an incident. */
  incidents_loose: { kind: EntityKind; name: string; entry: number; first_ms: number; at_ms: number };
  /** Incidents that a person took apart: no finding puts them together again. */
  incidents_apart: { one: string; other: string };
  incidents_note: { id: string; incident: string; author: string; at_ms: number; text: string };
  incidents_history: { id: string; incident: string; author: string; at_ms: number; text: string };
  incidents_suppression: {
    id: string;
    rule: string;
    entities: string;
    reason: string;
    author: string;
    created_ms: number;
    expires_ms: number;
    hidden: number;
  };
  incidents_cursor: { id: number; position: number };
}

export type IncidentRow = Selectable<IncidentsTables['incidents_incident']>;
export type TallyRow = Selectable<IncidentsTables['incidents_tally']>;
export type RuleRow = Selectable<IncidentsTables['incidents_rule']>;
export type Database = Kysely<IncidentsTables>;
