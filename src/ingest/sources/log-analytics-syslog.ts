import { textAt } from '../native-value.ts';
import type { JsonSource } from '../source.ts';
import type { NativeFields } from '../types.ts';
import { auditdFamily } from './auditd/family.ts';
import { readAuditRecord } from './auditd/record.ts';
import { syslogFamily } from './syslog.ts';

// https://learn.microsoft.com/azure/azure-monitor/reference/tables/syslog

/** The header under the names that syslog lines have here. */
const HEADER: readonly (readonly [column: string, field: string])[] = [
  ['TimeGenerated', 'timestamp'],
  ['Computer', 'host'],
  ['ProcessName', 'program'],
  ['ProcessID', 'pid'],
  ['Facility', 'facility'],
  ['SeverityLevel', 'severity'],
];

/** Columns that only say the same again or belong to the workspace; they stay under their own names. */
const KEPT = ['EventTime', 'HostIP', 'HostName', 'SourceSystem', '_ResourceId', 'TenantId', 'MG'] as const;

/** Azure's Syslog table; audit records in it (AUOMS) become audit records. */
export const logAnalyticsSyslog: JsonSource = {
  name: 'log-analytics-syslog',
  title: 'Azure Log Analytics, Syslog table',
  families: [syslogFamily, auditdFamily],
  oracle: '50 AUOMS records of a public attack capture',
  shape: 'json',
  accepts(value) {
    const message = value['SyslogMessage'];
    return typeof message === 'string' && !message.startsWith('<Event');
  },
  parse(value) {
    const message = textAt(value, 'SyslogMessage') ?? '';
    const audit = readAuditRecord(message);
    const fields: NativeFields = audit ?? {};
    for (const [column, field] of HEADER) {
      // An audit record has its own `pid`, and the collector's program is not its own.
      if (audit !== null && field !== 'timestamp' && field !== 'host') continue;
      if (value[column] !== undefined) fields[field] = value[column];
    }
    for (const column of KEPT) if (value[column] !== undefined) fields[column] = value[column];
    fields['message'] = message;
    return { family: audit === null ? syslogFamily.name : auditdFamily.name, fields };
  },
};
