/** A firewall's line as RFC 5424 syslog; `n` makes it one of a kind. */
export function logLine(n: number, note = 'built'): string {
  const time = new Date(Date.UTC(2026, 0, 5) + n * 1000).toISOString();
  return `<134>1 ${time} fw1 gate - - - ${note} connection ${n} from 10.0.${n % 250}.7`;
}

/** Lines `from` to `from + count`, each with its end. */
export function logLines(from: number, count: number, note?: string): string {
  return Array.from({ length: count }, (_one, i) => `${logLine(from + i, note)}\n`).join('');
}

/** A FHIR AuditEvent (R4, BALP) of a patient read, as one line. */
export function auditEvent(n: number, patient: string): string {
  return JSON.stringify({
    resourceType: 'AuditEvent',
    id: `audit-${n}`,
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
    action: 'R',
    recorded: new Date(Date.UTC(2026, 0, 5) + n * 1000).toISOString(),
    outcome: '0',
    agent: [{ who: { identifier: { value: `nurse-${n % 7}` } }, requestor: true }],
    source: { observer: { display: 'ehr' } },
    entity: [
      {
        what: { reference: `Patient/${patient}` },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
      },
    ],
  });
}
