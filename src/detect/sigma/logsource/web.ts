import { type FamilyRouter, aliasTable, single } from './route.ts';

/** W3C names, which the `webserver` rules use, by the names of nginx and Apache. */
const WEB_ALIASES = aliasTable({
  'cs-method': ['method', 'verb', 'request_method'],
  'cs-uri-query': ['c-uri', 'query', 'args', 'request_uri', 'uri', 'path', 'request', 'cs-uri-stem'],
  'cs-uri-stem': ['path', 'uri', 'request_uri', 'request'],
  'cs-uri': ['c-uri', 'request_uri', 'uri', 'request', 'path'],
  'sc-status': ['status', 'status_code'],
  'cs-user-agent': ['cs(User-Agent)', 'user_agent', 'http_user_agent'],
  'cs-referer': ['cs(Referer)', 'referer', 'http_referer', 'referrer'],
  'cs-username': ['user', 'remote_user'],
  'cs-host': ['host', 'http_host', 'vhost'],
  'c-ip': ['client_ip', 'remote_addr', 'client', 'src_ip'],
});

function webserver(product: string): FamilyRouter {
  return single({ products: [product], services: [product], categories: ['webserver'], aliases: WEB_ALIASES });
}

export const webRouters: Readonly<Record<string, FamilyRouter>> = {
  nginx: webserver('nginx'),
  apache: webserver('apache'),
  iis: webserver('iis'),
};
