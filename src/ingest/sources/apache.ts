import { textAt } from '../native-value.ts';
import { ip } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { envelopeFields, headerTime, setTransmitTime } from '../syslog/fields.ts';
import { severityOf } from '../syslog/severity.ts';
import { commonLogTime, ctimeTime } from '../time-text.ts';
import type { Draft, EventTime, Family, NativeFields, TimeContext } from '../types.ts';
import { readAccessLine } from './web/access-line.ts';
import { ACCESS_ROWS, describeRequest } from './web/fields.ts';

// Apache HTTP Server 2.4, mod_log_config and ErrorLogFormat.

type Kind = 'access' | 'error';

const ERROR =
  /^\[(?<log_time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\] (?:\[(?:(?<module>[\w-]{0,64}):)?(?<level>\w{1,12})\] )(?:\[pid (?<pid>\d{1,10})(?::tid (?<tid>\d{1,20}))?\] )?(?<rest>.*)$/s;
const CLIENT = /\[client (?<src_ip>[\da-fA-F.]{2,45}|\[?[\da-fA-F:]{2,45}?\]?)(?::(?<src_port>\d{1,5}))?\] ?/;
const CODE = /(?:^|\s)(?<code>AH\d{5}): /;

const ERROR_ROWS: readonly Row[] = [
  ['message', 'message'],
  ['code', 'metadata.event_code'],
  ['module', 'metadata.log_name'],
  ['level', 'metadata.log_level'],
  ['c-ip', 'src_endpoint.ip', ip],
  ['c-port', 'src_endpoint.port'],
  ['host', 'dst_endpoint.hostname'],
];
const PRODUCT = { 'metadata.product.name': 'Apache HTTP Server', 'metadata.product.vendor_name': 'Apache' };
const MAPS: Readonly<Record<Kind, FieldMap>> = {
  access: defineFieldMap(ACCESS_ROWS, PRODUCT),
  error: defineFieldMap(ERROR_ROWS, PRODUCT),
};

const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];

/** Apache's access log under W3C names (`c-ip`, `cs-method`, `sc-status` …) and its error log under its own. */
export const apacheFamily: Family = defineFamily<Kind>({
  name: 'apache',
  title: 'Apache HTTP Server',
  maps: MAPS,
  kind: (fields) => (fields['log_time'] === undefined ? 'access' : 'error'),
  time: apacheTime,
  fill: describe,
});

/** Access lines that do not say which server wrote them come here: the format is Apache's. */
export const apache: LineSource = {
  name: 'apache',
  title: 'Apache access (common, combined, vhost) and error log; access logs of that format by any server',
  families: [apacheFamily],
  oracle: '17 real lines of Apache and nginx',
  shape: 'line',
  parse(text, envelope) {
    const fields = envelope?.app === 'nginx' ? null : (readAccessLine(text) ?? readErrorLine(text));
    if (fields === null) return null;
    return { family: apacheFamily.name, fields: { ...envelopeFields(envelope), ...fields } };
  },
};

function readErrorLine(text: string): NativeFields | null {
  const groups = ERROR.exec(text)?.groups;
  if (groups === undefined) return null;
  const { rest = '', ...head } = groups;
  const fields: NativeFields = { message: rest };
  for (const name in head) if (head[name] !== undefined && head[name] !== '') fields[name] = head[name];
  const client = CLIENT.exec(rest)?.groups;
  if (client?.['src_ip'] !== undefined) fields['c-ip'] = client['src_ip'].replace(/^\[|\]$/g, '');
  if (client?.['src_port'] !== undefined) fields['c-port'] = client['src_port'];
  const code = CODE.exec(rest)?.groups?.['code'];
  if (code !== undefined) fields['code'] = code;
  return fields;
}

function apacheTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const access = textAt(fields, 'time');
  if (access !== undefined) return commonLogTime(access, context);
  const error = textAt(fields, 'log_time');
  return error === undefined ? headerTime(fields, context) : ctimeTime(error, context);
}

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  if (kind === 'access') return describeRequest(fields, draft);
  // The error log states no request: a message about a client, where there is one.
  draft.severityId = severityOf(LEVELS.indexOf(textAt(fields, 'level') ?? ''));
  if (fields['c-ip'] !== undefined) {
    draft.classUid = 4001;
    draft.activityId = 99;
  }
}
