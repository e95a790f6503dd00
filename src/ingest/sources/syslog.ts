import { defineFieldMap } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { DEVICE_ROWS, envelopeFields, headerTime, syslogSeverity } from '../syslog/fields.ts';
import { severityOf } from '../syslog/severity.ts';
import type { Family } from '../types.ts';

const MAP = defineFieldMap([['message', 'message'], ['msgid', 'metadata.event_code'], ...DEVICE_ROWS], {
  'metadata.product.name': 'syslog',
  'metadata.product.vendor_name': 'syslog',
});

/** Any message behind a syslog header: `host`, `program`, `pid`, `facility`, `severity`, `message`. */
export const syslogFamily: Family = defineFamily({
  name: 'linux-syslog',
  title: 'Syslog',
  maps: { message: MAP },
  kind: () => 'message',
  time: headerTime,
  fill(fields, draft) {
    draft.severityId = severityOf(syslogSeverity(fields));
  },
});

/** RFC 5424 and 3164 messages that no other source knows: nobody says what they mean, so they stay Base Events. */
export const syslog: LineSource = {
  name: 'syslog',
  title: 'Syslog, RFC 5424 and RFC 3164 (anything else behind a header)',
  families: [syslogFamily],
  oracle: '15 real lines of 4 programs',
  shape: 'line',
  order: 90,
  parse(text, envelope) {
    if (envelope === null) return null;
    return { family: syslogFamily.name, fields: { ...envelopeFields(envelope), message: text } };
  },
};
