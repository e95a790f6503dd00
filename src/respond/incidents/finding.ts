import type { DurableFinding } from '#detect/live';
import { entitiesOf, patientsOf } from './entities.ts';
import type { Finding, IncidentChange } from './types.ts';

/** A finding as incidents keep it: without the events themselves, which lie in the ledger. */
export function asFinding(finding: DurableFinding): Finding {
  const { index, uid, rule, firstMs, atMs, indexes, total, match } = finding;
  return {
    index,
    uid,
    rule: { id: rule.id, title: rule.title, level: rule.level, tags: [...rule.tags], author: rule.author ?? null },
    firstMs,
    atMs,
    events: [...indexes],
    eventsTotal: total,
    match: Object.fromEntries(Object.entries(match).map(([field, value]) => [field, matchText(value)])),
    entities: entitiesOf(finding),
    patients: patientsOf(finding),
  };
}

const MATCH_CHARS_MAX = 500;

function matchText(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, MATCH_CHARS_MAX);
}

/** What the record of a note says. */
export const WRITTEN_TEXT = 'a note was written';
/** What the history says of an incident whose like is hidden from then on. */
export const HIDDEN_TEXT = 'judged a false positive; later ones like it are hidden for a time';
/** What a change of severity says, with its value. */
export const SEVERITY_TEXT = /^severity set to (informational|low|medium|high|critical)$/;

/** What is said when a severity set by hand is taken back. */
export const SEVERITY_FREE_TEXT = 'severity follows the findings again';

/** What a change says in the history. */
export function changeTexts({ state, verdict, assignee, severity, title }: IncidentChange): string[] {
  return [
    ...(state === undefined ? [] : [`state: ${state}`]),
    ...(verdict === undefined ? [] : [verdict === null ? 'the verdict was taken back' : `verdict: ${verdict}`]),
    ...(assignee === undefined ? [] : [assignee === null ? 'nobody is assigned any more' : `assigned to ${assignee}`]),
    ...(severity === undefined ? [] : [severity === null ? SEVERITY_FREE_TEXT : `severity set to ${severity}`]),
    ...(title === undefined ? [] : ['the title was changed']),
  ];
}

/** `INC-14` */
export function numberText(number: number): string {
  return `INC-${number}`;
}
