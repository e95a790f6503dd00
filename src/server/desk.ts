import type { ConcerningFinding, IncidentDesk } from '#console';
import type { Incidents, KeptFinding } from '#respond/incidents';

/** Incidents as the console takes them. */
export function incidentDesk(incidents: Incidents): IncidentDesk {
  return {
    list: (query) => incidents.list(query),
    counts: () => incidents.counts(),
    get: (id) => incidents.get(id),
    change: (id, change, by) => incidents.change(id, change, by),
    note: (id, text, by) => incidents.note(id, text, by),
    merge: (id, ids, by) => incidents.merge(id, ids, by),
    split: (id, findings, by) => incidents.split(id, findings, by),
    suppress: (id, request, by) => incidents.suppress(id, request, by),
    async suppressPreview(id, request) {
      const { hidden, examples, truePositives } = await incidents.suppressPreview(id, request);
      return { hidden, examples: examples.map(concerning), truePositives };
    },
    suppressions: () => incidents.suppressions(),
    unsuppress: (id, by) => incidents.unsuppress(id, by),
    async findings(query) {
      const { items, next } = await incidents.findings(query);
      return { items: items.map(concerning), next };
    },
    onChange: (listener) => incidents.onChange(listener),
  };
}

function concerning(finding: KeptFinding): ConcerningFinding {
  const { index, uid, atMs, rule, incident, suppressedBy, events, eventsTotal, match, entities } = finding;
  const patients = entities.filter(({ kind }) => kind === 'patient').map(({ name }) => name);
  return { index, uid, atMs, rule, incident, suppressedBy, events, eventsTotal, match, patients };
}
