import type { Incidents } from '#respond/incidents';
import type { DigestFacts } from '#respond/notifications';
import type { Reporter } from './reporter.ts';

/** New incidents that a digest lists. */
const FRESH_MAX = 50;

/** What the daily digest says of incidents and of Wardkeep itself. */
export function digestFacts(incidents: Incidents, reporter: Reporter): (sinceMs: number) => Promise<DigestFacts> {
  return async (sinceMs) => {
    const { open, bySeverity } = await incidents.counts();
    const { items } = await incidents.list({ limit: FRESH_MAX });
    return {
      open,
      bySeverity,
      fresh: items.filter(({ createdMs }) => createdMs >= sinceMs),
      troubles: reporter.troubles().map(({ text }) => text),
    };
  };
}
