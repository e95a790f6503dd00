/** What stands in a message in place of a title that a person wrote: that may say anything. */
const NAMED_BY_HAND = 'An incident that was named by a person';

/** The title with which an incident leaves the house; null: there is no incident any more. */
export function titleSent(incident: { title: string; isNamedByHand: boolean } | null): string {
  if (incident === null) return 'Incident';
  return incident.isNamedByHand ? NAMED_BY_HAND : incident.title;
}
