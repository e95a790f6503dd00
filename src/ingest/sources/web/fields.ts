import { entryOf } from '#kernel';
import { textAt } from '../../native-value.ts';
import { ip, notIp } from '../../ocsf/codec.ts';
import type { Row } from '../../ocsf/field-map.ts';
import type { Draft, NativeFields } from '../../types.ts';
import { HTTP_ACTIVITIES } from '../http-activity.ts';

/** Rows for the names that web server records have here, which are those of the W3C log format; the query is apart. */
export const WEB_ROWS: readonly Row[] = [
  ['c-ip', 'src_endpoint.ip', ip],
  ['c-port', 'src_endpoint.port'],
  ['cs-username', 'actor.user.name'],
  ['cs-method', 'http_request.http_method'],
  ['cs-uri-stem', 'http_request.url.path'],
  ['cs-host', 'http_request.url.hostname'],
  ['cs-version', 'http_request.version'],
  ['cs-referer', 'http_request.referrer'],
  ['cs-user-agent', 'http_request.user_agent'],
  ['cs-bytes', 'http_request.length'],
  ['sc-status', 'http_response.code'],
  ['sc-bytes', 'http_response.length'],
  ['s-ip', 'dst_endpoint.ip', ip],
  ['s-port', 'dst_endpoint.port'],
  ['s-computername', 'dst_endpoint.hostname'],
  ['host', 'device.hostname', notIp],
  ['time-taken', 'duration'],
];

/** The query where the source does not name it: `c-uri` is what rules that say `cs-uri-query` mean, path and all. */
export const ACCESS_ROWS: readonly Row[] = [...WEB_ROWS, ['uri-query', 'http_request.url.query_string']];

/** HTTP Activity by method; success below 400. */
export function describeRequest(fields: NativeFields, draft: Draft): void {
  draft.classUid = 4002;
  draft.activityId = entryOf(HTTP_ACTIVITIES, textAt(fields, 'cs-method')) ?? 99;
  draft.severityId = 1;
  const status = Number(textAt(fields, 'sc-status') ?? 0);
  if (status >= 100) draft.statusId = status < 400 ? 1 : 2;
}

/** `GET /a?b HTTP/1.1` by its parts; anything else, as attackers send it, stays whole in `request`. */
export function takeRequest(request: string, fields: NativeFields): void {
  const match = /^(?<method>[A-Z]{2,16}) (?<uri>\S*)(?: (?<version>HTTP\/[\d.]{1,4}))?$/.exec(request);
  if (match === null) {
    if (request !== '' && request !== '-') fields['request'] = request;
    return;
  }
  const { method, uri = '', version } = match.groups ?? {};
  fields['cs-method'] = method;
  fields['c-uri'] = uri;
  const mark = uri.indexOf('?');
  fields['cs-uri-stem'] = mark === -1 ? uri : uri.slice(0, mark);
  if (mark !== -1) fields['uri-query'] = uri.slice(mark + 1);
  if (version !== undefined) fields['cs-version'] = version;
}
