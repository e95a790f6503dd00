import type { Row } from '../ocsf/field-map.ts';
import { notIp } from '../ocsf/codec.ts';
import type { SyslogEnvelope } from '../source.ts';
import { bsdTime } from '../time-text.ts';
import type { Draft, EventTime, NativeFields, TimeContext } from '../types.ts';

/** RFC 5424 table 1, by the words that syslog daemons use. */
const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

/** RFC 5424 table 2, by the words that syslog daemons use. */
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/**
 * The native fields of a header: `host`, `program`, `pid`, `facility`, `severity` (words), `timestamp`, and for RFC 5424
 * `msgid` and `structured_data`. What the header leaves out is left out.
 */
export function envelopeFields(envelope: SyslogEnvelope | null): NativeFields {
  const fields: NativeFields = {};
  if (envelope === null) return fields;
  const { timestamp, hostname, app, procId, facility, severity, msgId, structuredData } = envelope;
  if (timestamp !== null) fields['timestamp'] = timestamp;
  if (hostname !== null) fields['host'] = hostname;
  if (app !== null) fields['program'] = app;
  if (procId !== null) fields['pid'] = procId;
  if (facility !== null) fields['facility'] = FACILITIES[facility];
  if (severity !== null) fields['severity'] = SEVERITIES[severity];
  if (msgId !== null) fields['msgid'] = msgId;
  for (const _ in structuredData) {
    fields['structured_data'] = structuredData;
    break;
  }
  return fields;
}

/** The names that `envelopeFields` gives; a message's own key of such a name is kept as `own_…`. */
export const HEADER_NAMES: ReadonlySet<string> = new Set([
  'timestamp',
  'host',
  'program',
  'pid',
  'facility',
  'severity',
  'msgid',
  'structured_data',
]);

/**
 * The name for a field that the message itself gives a name: one of the header's becomes `own_…`, whether or not there is
 * a header, so that nobody's key passes for what the sender's syslog stated.
 */
export function ownName(name: string): string {
  return HEADER_NAMES.has(name) ? `own_${name}` : name;
}

/** Rows for the header's fields where the event is told by a device: firewall, name server, proxy. */
export const DEVICE_ROWS: readonly Row[] = [['host', 'device.hostname', notIp]];

/** The syslog severity (0–7) that the fields state, or null. */
export function syslogSeverity(fields: NativeFields): number | null {
  const at = SEVERITIES.findIndex((word) => word === fields['severity']);
  return at === -1 ? null : at;
}

/** The time in the header, for sources whose message has none. */
export function headerTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const { timestamp } = fields;
  return typeof timestamp === 'string' ? bsdTime(timestamp, context) : null;
}

/**
 * For messages that state when it happened themselves: the header says when it was sent (`metadata.transmit_time`). A header
 * without zone or year says that too vaguely, and is left in its field.
 */
export function setTransmitTime(fields: NativeFields, draft: Draft, context: TimeContext): void {
  const sent = headerTime(fields, context);
  if (sent !== null && sent.labels === undefined) draft.set('metadata.transmit_time', sent.ms);
}
