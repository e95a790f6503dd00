import { type FamilyRouter, type RouteFacts, aliasTable, byField, single } from './route.ts';

const ADDRESSES = {
  src_ip: ['id.orig_h', 'src', 'srcip', 'source_ip', 'SourceIP', 'srcaddr', 'Source address'],
  dst_ip: ['id.resp_h', 'dst', 'dstip', 'dest_ip', 'destination_ip', 'dstaddr', 'Destination address'],
  src_port: ['id.orig_p', 'spt', 'srcport', 'sport', 'Source Port'],
  dst_port: ['id.resp_p', 'dpt', 'dstport', 'dest_port', 'dport', 'Destination Port'],
  action: ['act', 'Action'],
};

/** The generic `firewall` and `dns` categories speak of addresses in one set of names. */
const FIREWALL_ALIASES = aliasTable(ADDRESSES);
const DNS_ALIASES = aliasTable({
  ...ADDRESSES,
  query: ['dns.rrname', 'dns.query.rrname', 'qname', 'QueryName'],
  record_type: ['qtype_name', 'dns.rrtype', 'qtype', 'QueryType'],
  answer: ['answers', 'dns.answers.rdata', 'QueryResults'],
});
const PROXY_ALIASES = aliasTable({
  'c-uri': ['uri', 'http.url', 'url'],
  'c-useragent': ['user_agent', 'http.http_user_agent'],
  'cs-host': ['host', 'http.hostname'],
  'cs-method': ['method', 'http.http_method'],
  'sc-status': ['status_code', 'http.status'],
  'cs-referrer': ['referrer', 'http.http_refer'],
  ...ADDRESSES,
});
const ZEEK_HTTP = aliasTable({ 'c-uri': ['uri'], 'c-useragent': ['user_agent'] });

function zeekFacts(path: string): RouteFacts {
  const base = { products: ['zeek'], services: [path] };
  if (path === 'dns') return { ...base, categories: ['dns', 'network'], categoryAliases: DNS_ALIASES };
  if (path === 'conn') return { ...base, categories: ['firewall', 'network'], categoryAliases: FIREWALL_ALIASES };
  if (path === 'http')
    return { ...base, categories: ['proxy', 'network'], aliases: ZEEK_HTTP, categoryAliases: PROXY_ALIASES };
  return { ...base, categories: ['network'] };
}

function suricataFacts(type: string): RouteFacts {
  const base = { products: ['suricata'], services: [type] };
  if (type === 'dns') return { ...base, categories: ['dns', 'network'], categoryAliases: DNS_ALIASES };
  if (type === 'http') return { ...base, categories: ['proxy', 'network'], categoryAliases: PROXY_ALIASES };
  if (type === 'flow') return { ...base, categories: ['firewall', 'network'], categoryAliases: FIREWALL_ALIASES };
  return { ...base, categories: ['network'] };
}

function firewall(products: readonly string[], services: readonly string[] = []): RouteFacts {
  return { products, services, categories: ['firewall'], categoryAliases: FIREWALL_ALIASES };
}

function fortigateFacts(type: string): RouteFacts {
  const facts = firewall(['fortigate', 'fortios'], [type, 'sslvpnd']);
  return type === 'traffic' ? facts : { ...facts, categories: ['appliance'] };
}

function paloaltoFacts(type: string): RouteFacts {
  const facts = firewall(['paloalto'], [type.toLowerCase()]);
  return type === 'traffic' ? facts : { ...facts, categories: ['appliance', 'file_event'] };
}

/** Network sensors, firewalls and name servers. */
export const networkRouters: Readonly<Record<string, FamilyRouter>> = {
  zeek: byField('_path', zeekFacts),
  suricata: byField('event_type', suricataFacts),
  'cisco-asa': single(firewall(['cisco', 'asa'], ['asa', 'syslog', 'aaa'])),
  fortigate: byField('type', fortigateFacts),
  paloalto: byField('type', paloaltoFacts),
  pfsense: single(firewall(['pfsense'], ['filterlog'])),
  vpcflow: single({ ...firewall(['aws'], ['vpcflow']), categories: ['firewall', 'network'] }),
  openvpn: single({ products: ['openvpn', 'linux'], services: ['openvpn'] }),
  wireguard: single({ products: ['wireguard', 'linux'], services: ['wireguard'] }),
  bind: single({ products: ['bind', 'linux'], services: ['bind'], categories: ['dns'], categoryAliases: DNS_ALIASES }),
};
