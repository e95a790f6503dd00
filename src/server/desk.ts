import type { IncidentDesk } from '#console';
import type { Incidents } from '#respond/incidents';

/** Incidents as the console takes them: as they are. */
export function incidentDesk(incidents: Incidents): IncidentDesk {
  return incidents;
}
