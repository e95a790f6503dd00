/** OCSF severities by syslog severity: emergency is Fatal, alert and critical Critical, error High, warning Medium. */
const BY_SYSLOG_SEVERITY = [6, 5, 5, 4, 3, 2, 1, 1] as const;

/** The OCSF `severity_id` of a syslog severity (0–7); 0 Unknown for null and anything else. */
export function severityOf(syslogSeverity: number | null): number {
  return syslogSeverity === null ? 0 : (BY_SYSLOG_SEVERITY[syslogSeverity] ?? 0);
}
