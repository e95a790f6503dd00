import { entryOf } from '#kernel';
import { objectsAt, textAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { epochTime } from '../time.ts';
import { HTTP_ACTIVITIES } from './http-activity.ts';

// Log fields: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html

const ROWS: Row[] = [
  ['timestamp', 'metadata.original_time'],
  ['formatVersion', 'metadata.product.version'],
  ['webaclId', 'metadata.product.feature.uid'],
  ['terminatingRuleId', 'firewall_rule.uid'],
  ['terminatingRuleType', 'firewall_rule.type'],
  ['action', 'action'],
  ['responseCodeSent', 'http_response.code'],
  ['httpSourceId', 'dst_endpoint.uid'],
  ['httpSourceName', 'dst_endpoint.svc_name'],
  ['httpRequest/clientIp', 'src_endpoint.ip'],
  ['httpRequest/country', 'src_endpoint.location.country'],
  ['httpRequest/uri', 'http_request.url.path'],
  ['httpRequest/args', 'http_request.args'],
  ['httpRequest/host', 'http_request.url.hostname'],
  ['httpRequest/scheme', 'http_request.url.scheme'],
  ['httpRequest/httpVersion', 'http_request.version'],
  ['httpRequest/httpMethod', 'http_request.http_method'],
  ['httpRequest/requestId', 'http_request.uid'],
];

const family = defineFamily<'request'>({
  name: 'aws-waf',
  title: 'AWS WAF',
  maps: {
    request: defineFieldMap(ROWS, { 'metadata.product.name': 'AWS WAF', 'metadata.product.vendor_name': 'AWS' }),
  },
  kind: () => 'request',
  time: (fields) => epochTime(fields['timestamp'], 'ms'),
  fill(fields, draft) {
    draft.classUid = 4002;
    draft.severityId = 1;
    draft.activityId = entryOf(HTTP_ACTIVITIES, textAt(fields, 'httpRequest', 'httpMethod')) ?? 99;
    const action = textAt(fields, 'action');
    draft.set('action_id', action === 'ALLOW' ? 1 : action === 'BLOCK' ? 2 : 99);
    draft.set('disposition_id', action === 'ALLOW' ? 1 : action === 'BLOCK' ? 2 : action === 'COUNT' ? 20 : 99);
    draft.set('cloud.provider', 'AWS');
    const headers = objectsAt(fields, 'httpRequest', 'headers').flatMap((header) => {
      const name = textAt(header, 'name');
      return name === undefined ? [] : [{ name, value: textAt(header, 'value') ?? '' }];
    });
    if (headers.length > 0) draft.set('http_request.http_headers', headers);
    draft.set('http_request.user_agent', headers.find(({ name }) => name.toLowerCase() === 'user-agent')?.value);
  },
});

/** Web ACL traffic logs. */
export const awsWaf: JsonSource = {
  name: 'aws-waf',
  title: 'AWS WAF web ACL logs',
  families: [family],
  oracle: 'ocsf/examples pair',
  shape: 'json',
  accepts: (value) => 'webaclId' in value && 'httpRequest' in value,
  parse: (value) => ({ family: 'aws-waf', fields: value }),
};
