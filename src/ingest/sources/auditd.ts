import type { LineSource } from '../source.ts';
import { envelopeFields } from '../syslog/fields.ts';
import { auditdFamily } from './auditd/family.ts';
import { readAuditRecord } from './auditd/record.ts';

/** audit.log, audit records behind syslog, and the kernel's own lines. One line is one record, as rules expect it. */
export const auditd: LineSource = {
  name: 'auditd',
  title: 'Linux audit (auditd)',
  families: [auditdFamily],
  oracle: '50 real AUOMS records (the same records through Azure Monitor)',
  shape: 'line',
  order: 30,
  parse(text, envelope) {
    const fields = readAuditRecord(text);
    if (fields === null) return null;
    const { host, timestamp } = envelopeFields(envelope);
    const from = host ?? fields['node'];
    if (from !== undefined) fields['host'] = from;
    if (timestamp !== undefined) fields['timestamp'] = timestamp;
    fields['message'] = text;
    return { family: auditdFamily.name, fields };
  },
};
