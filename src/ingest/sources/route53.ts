import { entryOf } from '#kernel';
import { objectsAt, textAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';

// Resolver query logs: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html

const ROWS: Row[] = [
  ['version', 'metadata.product.version'],
  ['query_timestamp', 'metadata.original_time'],
  ['account_id', 'cloud.account.uid'],
  ['region', 'cloud.region'],
  ['query_name', 'query.hostname'],
  ['query_type', 'query.type'],
  ['query_class', 'query.class'],
  ['rcode', 'rcode'],
  ['srcaddr', 'src_endpoint.ip'],
  ['srcport', 'src_endpoint.port'],
  ['vpc_id', 'src_endpoint.vpc_uid'],
  ['srcids/instance', 'src_endpoint.instance_uid'],
  ['srcids/resolver_endpoint', 'dst_endpoint.instance_uid'],
  ['srcids/resolver_network_interface', 'dst_endpoint.interface_uid'],
  ['transport', 'connection_info.protocol_name'],
  ['firewall_rule_group_id', 'firewall_rule.uid'],
  ['firewall_rule_action', 'disposition'],
];

/** DNS response codes of RFC 1035 and 2136 by their names. */
const RCODES: Readonly<Record<string, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
};

const family = defineFamily<'query'>({
  name: 'route53',
  title: 'Route 53 Resolver',
  maps: {
    query: defineFieldMap(ROWS, {
      'metadata.product.name': 'Route 53',
      'metadata.product.vendor_name': 'AWS',
      'metadata.product.feature.name': 'Resolver Query Logs',
    }),
  },
  kind: () => 'query',
  time: (fields, context) => isoTime(fields['query_timestamp'], context),
  fill(fields, draft) {
    draft.classUid = 4003;
    draft.activityId = 6;
    draft.severityId = 1;
    draft.set('cloud.provider', 'AWS');
    const rcode = textAt(fields, 'rcode');
    if (rcode !== undefined) draft.set('rcode_id', entryOf(RCODES, rcode) ?? 99);
    const answers = objectsAt(fields, 'answers').flatMap((answer) => {
      const rdata = textAt(answer, 'Rdata');
      return rdata === undefined
        ? []
        : [{ rdata, type: textAt(answer, 'Type') ?? '', class: textAt(answer, 'Class') ?? '' }];
    });
    if (answers.length > 0) draft.set('answers', answers);
    const action = textAt(fields, 'firewall_rule_action');
    if (action === undefined) return;
    draft.set('action_id', action === 'BLOCK' ? 2 : 1);
    draft.set('disposition_id', action === 'BLOCK' ? 2 : action === 'ALERT' ? 19 : 1);
  },
});

/** Query logs of the VPC resolver, with DNS Firewall. */
export const route53: JsonSource = {
  name: 'route53',
  title: 'AWS Route 53 Resolver query logs',
  families: [family],
  oracle: 'ocsf/examples pair',
  shape: 'json',
  accepts: (value) => 'query_name' in value && 'query_timestamp' in value && 'rcode' in value,
  parse: (value) => ({ family: 'route53', fields: value }),
};
