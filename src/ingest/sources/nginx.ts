import { textAt } from '../native-value.ts';
import { ip } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { envelopeFields, headerTime, setTransmitTime } from '../syslog/fields.ts';
import { severityOf } from '../syslog/severity.ts';
import { commonLogTime, slashedTime } from '../time-text.ts';
import type { Draft, EventTime, Family, NativeFields, TimeContext } from '../types.ts';
import { readAccessLine } from './web/access-line.ts';
import { ACCESS_ROWS, describeRequest, takeRequest } from './web/fields.ts';

// nginx: ngx_http_log_module and the error log (src/core/ngx_log.c, src/http/ngx_http_request.c).

type Kind = 'access' | 'error' | 'server';

const ERROR =
  /^(?<log_time>\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(?<level>[a-z]{4,6})\] (?<pid>\d{1,10})#(?<tid>\d{1,10}): (?:\*(?<connection>\d{1,20}) )?(?<rest>.*)$/s;
/** What nginx appends about the request; the message in front may hold anything. */
const ABOUT =
  /, client: (?<client>[\da-fA-F.:]{2,45}|unix:)(?:, server: (?<server>[^,]{0,255}))?(?:, request: "(?<request>(?:[^"\\]|\\.)*)")?(?:, upstream: "(?<upstream>[^"]*)")?(?:, host: "(?<host>[^"]*)")?(?:, referrer: "(?<referer>[^"]*)")?$/s;

const PRODUCT = { 'metadata.product.name': 'nginx', 'metadata.product.vendor_name': 'F5' };
const MAPS: Readonly<Record<Kind, FieldMap>> = {
  access: defineFieldMap(ACCESS_ROWS, PRODUCT),
  error: defineFieldMap([...ACCESS_ROWS, ['message', 'message'], ['level', 'metadata.log_level']], PRODUCT),
  server: defineFieldMap(
    [
      ['message', 'message'],
      ['level', 'metadata.log_level'],
      ['c-ip', 'src_endpoint.ip', ip],
    ],
    PRODUCT,
  ),
};

const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];

/** nginx's access and error log under W3C names (`c-ip`, `cs-method`, `sc-status` …), the error's text as `message`. */
export const nginxFamily: Family = defineFamily<Kind>({
  name: 'nginx',
  title: 'nginx',
  maps: MAPS,
  kind(fields) {
    if (fields['log_time'] === undefined) return 'access';
    return fields['cs-method'] === undefined ? 'server' : 'error';
  },
  time: nginxTime,
  fill: describe,
});

export const nginx: LineSource = {
  name: 'nginx',
  title: 'nginx error log; its access log behind a syslog header',
  families: [nginxFamily],
  oracle: '2 real lines of the error log',
  shape: 'line',
  order: 45,
  parse(text, envelope) {
    const fields = readErrorLine(text) ?? (envelope?.app === 'nginx' ? readAccessLine(text) : null);
    if (fields === null) return null;
    return { family: nginxFamily.name, fields: { ...envelopeFields(envelope), ...fields } };
  },
};

function readErrorLine(text: string): NativeFields | null {
  const groups = ERROR.exec(text)?.groups;
  if (groups === undefined) return null;
  const { rest = '', ...head } = groups;
  const fields: NativeFields = { message: rest };
  for (const name in head) if (head[name] !== undefined) fields[name] = head[name];
  const from = rest.lastIndexOf(', client: ');
  const about = from === -1 ? undefined : ABOUT.exec(rest.slice(from))?.groups;
  if (about === undefined) return fields;
  const { client, server, request, upstream, host, referer } = about;
  fields['c-ip'] = client;
  if (server) fields['s-sitename'] = server;
  if (request !== undefined) takeRequest(request, fields);
  if (upstream !== undefined) fields['upstream'] = upstream;
  if (host !== undefined) fields['cs-host'] = host;
  if (referer !== undefined) fields['cs-referer'] = referer;
  return fields;
}

function nginxTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const access = textAt(fields, 'time');
  if (access !== undefined) return commonLogTime(access, context);
  const error = textAt(fields, 'log_time');
  return error === undefined ? headerTime(fields, context) : slashedTime(error, context);
}

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  if (kind !== 'server') describeRequest(fields, draft);
  if (kind === 'access') return;
  draft.severityId = severityOf(LEVELS.indexOf(textAt(fields, 'level') ?? ''));
  if (kind === 'error') draft.statusId = 2;
}
