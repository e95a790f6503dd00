export { IncidentsError, type IncidentsErrorCode } from './errors.ts';
export { type IncidentNews, type Incidents, type IncidentsOptions, openIncidents } from './incidents.ts';
export { type ReplaySummary, replayIncidents } from './replay.ts';
export type { Importance } from './severity.ts';
export { INCIDENTS_MIGRATIONS } from './store-migrations.ts';
export { FINDING_KEYS, INCIDENT_KEYS } from './store-order.ts';
export type { FindingQuery, IncidentQuery, Page } from './store-lists.ts';
export type { IncidentsTables } from './store-tables.ts';
export type { SuppressPreview } from './suppressions.ts';
export type {
  Entity,
  EntityKind,
  Incident,
  IncidentChange,
  IncidentSummary,
  KeptFinding,
  SuppressRequest,
  Suppression,
  Verdict,
} from './types.ts';
export type { Language } from './words/words.ts';
