import type { KeptFinding } from '#respond/incidents';
import type { FindingSummary, Incident, IncidentSummary, Suppression } from './api.ts';

/**
 * Hides whom an event concerns from those without the right to see it. A patient gets the same stand-in everywhere, so
 * that two events of one patient are seen to be of one.
 */
export interface Veil {
  standIn(patient: string): string;
  /** The patient of a stand-in among these, or the name as it was given. */
  lift(name: string, patients: readonly string[]): string;
  incident<T extends IncidentSummary | Incident>(incident: T): T;
  finding(finding: KeptFinding): FindingSummary;
  suppression(suppression: Suppression): Suppression;
}

/** `standIn`: as hunts have it, so that a patient is the same one everywhere. */
export function createVeil(standIn: (patient: string) => string): Veil {
  const hide = <T>(value: T, patients: readonly string[]): T => {
    const names = [...new Set(patients)].filter((name) => name !== '').toSorted((a, b) => b.length - a.length);
    return names.length === 0 ? value : (mapTexts(value, (text) => replaceNames(text, names, standIn)) as T);
  };
  return {
    standIn,
    lift: (name, patients) => patients.find((patient) => standIn(patient) === name) ?? name,
    incident: (incident) => hide(incident, patientsOf(incident)),
    finding: (finding) =>
      // A matched field may hold anything of a record: what concerns a patient is not shown in parts.
      concernsPatient(finding) ? { ...plainFinding(finding), match: {} } : plainFinding(finding),
    suppression: (suppression) => hide(suppression, patientsOf(suppression)),
  };
}

/** Fields in which records of care name people. */
const CLINICAL_FIELD = /patient|person|subject|participantobject|encounter|\bmrn\b|\bpid\b/i;

function concernsPatient({ entities, patients, match }: KeptFinding): boolean {
  const isNamed = patients > 0 || patientsOf({ entities }).length > 0;
  return isNamed || Object.keys(match).some((field) => CLINICAL_FIELD.test(field));
}

/** A finding without what incidents alone need. */
export function plainFinding(finding: KeptFinding): FindingSummary {
  const { index, uid, atMs, rule, incident, suppressedBy, events, eventsTotal, match } = finding;
  return { index, uid, atMs, rule, incident, suppressedBy, events, eventsTotal, match };
}

/** Names of the patients among the entities. */
export function patientsOf({ entities }: { entities: readonly { kind: string; name: string }[] }): string[] {
  return entities.filter(({ kind }) => kind === 'patient').map(({ name }) => name);
}

/** Names as whole words, the longest first, in any case. */
function replaceNames(text: string, names: readonly string[], standIn: (name: string) => string): string {
  let rest = text;
  for (const name of names) {
    const folded = name.toLowerCase();
    let from = 0;
    for (;;) {
      const at = rest.toLowerCase().indexOf(folded, from);
      if (at < 0) break;
      const end = at + name.length;
      const isWhole = !isWordCharacter(rest, at - 1) && !isWordCharacter(rest, end);
      const put = isWhole ? standIn(name) : rest.slice(at, end);
      rest = rest.slice(0, at) + put + rest.slice(end);
      from = at + put.length;
    }
  }
  return rest;
}

const WORD = /[\p{L}\p{N}]/u;

function isWordCharacter(text: string, at: number): boolean {
  return at >= 0 && at < text.length && WORD.test(text.charAt(at));
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, change)]));
}
