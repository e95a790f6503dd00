import { entryOf } from '#kernel';
import { textAt, valueAt } from '../native-value.ts';
import { keep, msFromIso, str } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, Family, NativeFields } from '../types.ts';
import { HTTP_ACTIVITIES } from './http-activity.ts';

// EVE JSON: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html

type Kind = 'alert' | 'flow' | 'dns' | 'http' | 'tls' | 'ssh' | 'traffic' | 'other';

const endpoints = (before: string): Row[] => [
  ['src_ip', `${before}src_endpoint.ip`],
  ['src_port', `${before}src_endpoint.port`],
  ['dest_ip', `${before}dst_endpoint.ip`],
  ['dest_port', `${before}dst_endpoint.port`],
  ['proto', `${before}connection_info.protocol_name`],
  ['community_id', `${before}connection_info.community_uid`],
  ['flow_id', `${before}connection_info.uid`],
];

const ABOUT: readonly Row[] = [
  ['event_type', 'metadata.log_name'],
  ['host', 'metadata.loggers.0.name'],
];

const TRAFFIC: readonly Row[] = [...ABOUT, ...endpoints(''), ['app_proto', 'app_protocol_name']];

const PRODUCT = { 'metadata.product.name': 'Suricata', 'metadata.product.vendor_name': 'OISF' } as const;

const MAPS: Readonly<Record<Kind, FieldMap>> = {
  alert: suricataMap([
    ...ABOUT,
    ...endpoints('evidences.0.'),
    ['alert/signature', 'finding_info.title'],
    ['alert/signature_id', 'finding_info.analytic.uid'],
    ['alert/rev', 'finding_info.analytic.version'],
    ['alert/category', 'finding_info.analytic.category'],
  ]),
  flow: suricataMap([
    ...TRAFFIC,
    ['flow/pkts_toserver', 'traffic.packets_out'],
    ['flow/pkts_toclient', 'traffic.packets_in'],
    ['flow/bytes_toserver', 'traffic.bytes_out'],
    ['flow/bytes_toclient', 'traffic.bytes_in'],
    ['flow/start', 'start_time', msFromIso],
    ['flow/end', 'end_time', msFromIso],
    ['flow/state', 'status_detail'],
  ]),
  dns: suricataMap([
    ...TRAFFIC,
    ['dns/rrname', 'query.hostname', keep(str)],
    ['dns/rrtype', 'query.type', keep(str)],
    ['dns/id', 'query.packet_uid'],
    ['dns/rcode', 'rcode'],
  ]),
  http: suricataMap([
    ...TRAFFIC,
    ['http/hostname', 'http_request.url.hostname'],
    ['http/url', 'http_request.url.path'],
    ['http/http_user_agent', 'http_request.user_agent'],
    ['http/http_method', 'http_request.http_method'],
    ['http/http_refer', 'http_request.referrer'],
    ['http/protocol', 'http_request.version'],
    ['http/status', 'http_response.code'],
    ['http/length', 'http_response.length'],
    ['http/http_content_type', 'http_response.content_type'],
  ]),
  tls: suricataMap([...TRAFFIC, ['tls/version', 'tls.version'], ['tls/sni', 'tls.sni']]),
  ssh: suricataMap([...TRAFFIC, ['ssh/client/proto_version', 'protocol_ver']]),
  traffic: suricataMap(TRAFFIC),
  other: suricataMap(ABOUT),
};

function suricataMap(rows: readonly Row[]): FieldMap {
  return defineFieldMap(rows, PRODUCT);
}

/** Suricata counts down from 1, its most severe. */
const SEVERITIES: Readonly<Record<string, number>> = { 1: 4, 2: 3, 3: 2, 4: 1 };

/** Suricata's EVE records under their own, nested names. */
export const suricataFamily: Family = defineFamily<Kind>({
  name: 'suricata',
  title: 'Suricata EVE',
  maps: MAPS,
  kind: kindOfRecord,
  time: (fields, context) => isoTime(fields['timestamp'], context),
  fill: describe,
});

export const suricata: JsonSource = {
  name: 'suricata',
  title: 'Suricata EVE JSON',
  families: [suricataFamily],
  oracle: '12 real events (alert, flow, stats)',
  shape: 'json',
  accepts: (value) =>
    typeof value['event_type'] === 'string' &&
    typeof value['timestamp'] === 'string' &&
    (value['src_ip'] !== undefined || value['flow_id'] !== undefined || value['stats'] !== undefined),
  parse: (value) => ({ family: suricataFamily.name, fields: value }),
};

function kindOfRecord(fields: NativeFields): Kind {
  const type = fields['event_type'];
  switch (type) {
    case 'alert':
    case 'flow':
    case 'dns':
    case 'http':
    case 'tls':
    case 'ssh':
      return type;
    default:
      return fields['src_ip'] === undefined ? 'other' : 'traffic';
  }
}

function describe(fields: NativeFields, draft: Draft, kind: Kind): void {
  draft.severityId = 1;
  switch (kind) {
    case 'alert':
      return describeAlert(fields, draft);
    case 'flow':
      return as(draft, 4001, valueAt(fields, 'flow', 'state') === 'closed' ? 2 : 6);
    case 'dns':
      return describeDns(fields, draft);
    case 'http':
      return describeHttp(fields, draft);
    case 'ssh':
      return as(draft, 4007, 6);
    case 'tls':
    case 'traffic':
      return as(draft, 4001, 6);
    case 'other':
      return;
  }
}

function describeAlert(fields: NativeFields, draft: Draft): void {
  as(draft, 2004, 1);
  draft.severityId = entryOf(SEVERITIES, textAt(fields, 'alert', 'severity')) ?? 0;
  const parts = [textAt(fields, 'flow_id'), textAt(fields, 'alert', 'signature_id'), textAt(fields, 'timestamp')];
  draft.set('finding_info.uid', parts.join('/'));
  draft.set('finding_info.analytic.type_id', 1);
  const action = valueAt(fields, 'alert', 'action');
  if (action !== 'allowed' && action !== 'blocked') return;
  draft.set('action_id', action === 'allowed' ? 1 : 2);
  draft.set('disposition_id', action === 'allowed' ? 1 : 2);
}

function describeDns(fields: NativeFields, draft: Draft): void {
  const type = valueAt(fields, 'dns', 'type');
  as(draft, 4003, type === 'query' || type === 'request' ? 1 : 2);
  const rcode = textAt(fields, 'dns', 'rcode');
  if (rcode !== undefined) draft.statusId = rcode === 'NOERROR' ? 1 : 2;
  // Version 3 of the record lists its questions.
  const queries = valueAt(fields, 'dns', 'queries');
  const first: unknown = Array.isArray(queries) ? queries[0] : undefined;
  if (typeof first !== 'object' || first === null || textAt(fields, 'dns', 'rrname') !== undefined) return;
  draft.set('query.hostname', 'rrname' in first ? first.rrname : undefined);
  draft.set('query.type', 'rrtype' in first ? first.rrtype : undefined);
}

function describeHttp(fields: NativeFields, draft: Draft): void {
  as(draft, 4002, entryOf(HTTP_ACTIVITIES, textAt(fields, 'http', 'http_method')) ?? 99);
  const code = Number(textAt(fields, 'http', 'status') ?? 0);
  if (code >= 100) draft.statusId = code < 400 ? 1 : 2;
}

function as(draft: Draft, classUid: number, activityId: number): void {
  draft.classUid = classUid;
  draft.activityId = activityId;
}
