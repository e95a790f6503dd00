import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { checkRecord } from '../../../test/support/family.ts';
import { checkFamiliesNeverLose, cutLines, fuzzEnvelopedLines, readBy } from '../../../test/support/line-source.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import type { OcsfEvent } from '../ocsf/types.ts';
import type { NativeFields, NativeRecord } from '../types.ts';
import { apache, apacheFamily } from './apache.ts';
import { bind, bindFamily } from './bind.ts';
import { iis, iisFamily } from './iis.ts';
import { nginx, nginxFamily } from './nginx.ts';
import { openvpn, openvpnFamily } from './openvpn.ts';
import { wireguard, wireguardFamily } from './wireguard.ts';

const SOURCES = [wireguard, bind, nginx, apache, openvpn];
const FAMILIES = new Map(
  [apacheFamily, bindFamily, nginxFamily, openvpnFamily, wireguardFamily, iisFamily].map((one) => [one.name, one]),
);

function read(line: string): NativeRecord {
  return readBy(SOURCES, line) ?? assert.fail(`nobody takes ${line}`);
}

function map(line: string): { family: string; fields: NativeFields; event: OcsfEvent } {
  const record = read(line);
  const family = FAMILIES.get(record.family);
  assert.ok(family !== undefined);
  return { ...record, event: checkRecord(family, record.fields) };
}

function what({ class_uid, activity_id, status_id }: OcsfEvent): unknown[] {
  return [class_uid, activity_id, status_id];
}

const COMBINED =
  'www.a.example:8080 10.0.0.1 - bob [08/Jun/2020:08:04:43 +0200] "GET /a/b?x=\\"1\\" HTTP/1.1" 500 803 "http://r/" "Mozilla/5.0 (X; \\"Y\\")" 0.003';
const PLAIN = '10.0.0.1 - - [05/Mar/2021:09:01:38 +0100] "POST /login HTTP/1.0" 200 1513';
const HOSTILE = '10.0.0.1 - - [05/Mar/2021:09:01:38 +0100] "\\x16\\x03\\x01 \\"${jndi:x}" 400 - "-" "-"';
const ERROR =
  '[Thu Oct 13 12:24:49.880562 2022] [auth_basic:error] [pid 10:tid 14] [client 10.0.0.1:50229] AH01618: user x not found: /';

test('access log: virtual host, user, request, status, referrer, agent, and what else a server adds', () => {
  const { family, fields, event } = map(COMBINED);
  assert.equal(family, 'apache');
  assert.deepEqual(fields, {
    'c-ip': '10.0.0.1',
    time: '08/Jun/2020:08:04:43 +0200',
    'cs-host': 'www.a.example',
    's-port': '8080',
    'cs-username': 'bob',
    'cs-method': 'GET',
    'c-uri': '/a/b?x=\\"1\\"',
    'cs-uri-stem': '/a/b',
    'uri-query': 'x=\\"1\\"',
    'cs-version': 'HTTP/1.1',
    'sc-status': '500',
    'sc-bytes': '803',
    'cs-referer': 'http://r/',
    'cs-user-agent': 'Mozilla/5.0 (X; \\"Y\\")',
    rest: '0.003',
  });
  assert.deepEqual(what(event), [4002, 3, 2]);
  assert.deepEqual([event.time, event.metadata.labels], [Date.UTC(2020, 5, 8, 6, 4, 43), undefined]);
  assert.deepEqual(what(map(PLAIN).event), [4002, 6, 1]);
});

test('access log: a request that is none is kept whole', () => {
  const { fields, event } = map(HOSTILE);
  assert.equal(fields['request'], '\\x16\\x03\\x01 \\"${jndi:x}');
  assert.deepEqual(what(event), [4002, 99, 2]);
});

test('Apache error log: client and code', () => {
  const { fields, event } = map(ERROR);
  assert.deepEqual(
    [fields['c-ip'], fields['c-port'], fields['code'], fields['module'], event.severity_id],
    ['10.0.0.1', '50229', 'AH01618', 'auth_basic', 4],
  );
});

const NGINX =
  '<171>1 2025-11-05T20:47:03.000000+00:00 fw nginx - - - 2025/11/05 20:47:03 [error] 24537#2304: *914 open() "/x, client: 9.9.9.9" failed (2: No such file), client: fdfd::17a, server: , request: "GET /x?y HTTP/2.0", host: "fw.lan"';

test('nginx error log: the request that failed; a client inside the message is not taken for the real one', () => {
  const { family, fields, event } = map(NGINX);
  assert.equal(family, 'nginx');
  assert.deepEqual([fields['c-ip'], fields['cs-uri-stem'], fields['cs-host']], ['fdfd::17a', '/x', 'fw.lan']);
  assert.deepEqual([...what(event), event.severity_id], [4002, 3, 2, 4]);
  assert.equal(map(`<190>Jun  8 08:04:43 web nginx: ${PLAIN}`).family, 'nginx');
});

const QUERY =
  '19-Oct-2022 05:34:02.425 queries: info: client @0x7f65 10.0.0.1#3076 (a.example): query: a.example IN AAAA +E(0)K (10.0.0.53)';
const DENIED =
  "Nov 13 10:59:46 ns1 named[207]: 03-Nov-2022 13:34:52.235 security: error: client @0x7f 2003:f8::22#62449 (a.example): zone transfer 'a.example/AXFR/IN' denied";
const BAD =
  "Nov 13 10:59:46 ns1 named[207]: client @0x7f 10.0.0.1#6 (a.example): bad zone transfer request: 'a.example/IN': non-authoritative zone (NOTAUTH)";

test('BIND: questions and refusals', () => {
  const query = map(QUERY);
  assert.deepEqual(
    [query.fields['query'], query.fields['record_type'], query.fields['dst_ip']],
    ['a.example', 'AAAA', '10.0.0.53'],
  );
  assert.deepEqual(what(query.event), [4003, 1, undefined]);
  const denied = map(DENIED);
  assert.deepEqual(
    [denied.fields['record_type'], denied.fields['category'], ...what(denied.event)],
    ['AXFR', 'security', 4003, 1, 2],
  );
  assert.equal(denied.event.time, Date.UTC(2022, 10, 3, 13, 34, 52, 235));
  const bad = map(BAD);
  assert.deepEqual([bad.fields['query'], ...what(bad.event)], ['a.example', 4003, 1, 2]);
  const failed = map(
    '19-Oct-2022 05:34:02.425 query-errors: info: client @0x7f65 10.0.0.1#3076/key ward.key (a.example): view in: query failed (REFUSED) for a.example/IN/MX at query.c:5445',
  );
  assert.deepEqual(
    [failed.fields['key'], failed.fields['query'], failed.fields['record_type'], failed.fields['reason']],
    ['ward.key', 'a.example', 'MX', 'REFUSED'],
  );
  assert.deepEqual(what(failed.event), [4003, 1, 2]);
  assert.equal(bind.parse('19-Oct-2022 05:34:02.425 something else', null), null);
});

const PEER =
  '2024-12-15 14:11:27 bob/192.168.1.30:52234 TLS Error: TLS handshake failed from [AF_INET]192.168.1.30:52234';

test('OpenVPN: peers by address and name, what failed and what came to be', () => {
  const failed = map(PEER);
  assert.deepEqual(
    [failed.fields['user'], failed.fields['src_ip'], ...what(failed.event)],
    ['bob', '192.168.1.30', 4014, 1, 2],
  );
  assert.deepEqual(failed.event.metadata.labels, ['time:zone-assumed']);
  const opened = map(
    'Thu Oct 13 12:24:49 2022 us=5 10.0.0.9:1 [carol] Peer Connection Initiated with [AF_INET]10.0.0.9:1',
  );
  assert.deepEqual([opened.fields['user'], ...what(opened.event)], ['carol', 4014, 1, 1]);
  assert.deepEqual(what(map('2024-12-15 14:10:00 OpenVPN 2.6.3 x86_64 started').event), [0, 0, undefined]);
  assert.equal(openvpn.parse('2024-12-15 14:10:00 ward round begins', null), null);
});

test('WireGuard: refused packets and handshakes', () => {
  const inner = map(
    'Jun 20 08:35:15 gw kernel: [82508.1] wireguard: wg0: Packet has unallowed src IP (10.0.0.3) from peer 1 (192.168.1.2:51820)',
  );
  assert.deepEqual(
    [
      inner.fields['interface'],
      inner.fields['inner_ip'],
      inner.fields['peer'],
      inner.fields['src_ip'],
      ...what(inner.event),
    ],
    ['wg0', '10.0.0.3', '1', '192.168.1.2', 4014, 1, 2],
  );
});

const W3C = [
  '#Software: Microsoft Internet Information Services 10.0',
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status time-taken',
  '2022-10-01 11:25:51 10.0.0.2 GET /a x=1 443 - 10.0.0.1 Mozilla/5.0+(X) - 404 49',
];

test('IIS: names as rules have them, times in UTC', () => {
  const reader = iis.open(null);
  const rows = W3C.map((line) => reader.line(line));
  const row = rows[2];
  assert.ok(row !== null && row !== undefined && 'fields' in row);
  assert.deepEqual(
    [row.fields['cs-user-agent'], row.fields['cs-referer'], row.fields['c-uri']],
    ['Mozilla/5.0+(X)', undefined, '/a?x=1'],
  );
  const event = checkRecord(iisFamily, row.fields);
  assert.deepEqual(
    [...what(event), event.time, event.metadata.labels],
    [4002, 3, 2, Date.UTC(2022, 9, 1, 11, 25, 51), undefined],
  );
  assert.deepEqual(iis.open(reader.state()).line(W3C[2] ?? ''), row);
  assert.deepEqual(reader.line('2022-10-01 11:25:51'), {
    reject: 'bad_csv',
    reason: 'the row has 2 columns, its header 13',
  });
});

test('every real line is read, mapped and comes back', skipWithoutShared, () => {
  const files: [string, number, string[]][] = [
    ['web/crowdsec-apache2-logs-apache2-logs', 9, ['apache']],
    ['web/crowdsec-nginx_http-logs-nginx_http-logs', 9, ['apache', 'nginx']],
    ['syslog/crowdsec-pfsense-rfc5424-nginx-pfsense-rfc5424-nginx', 1, ['nginx']],
    ['dns/crowdsec-bind9-syslog-bind9-syslog', 12, ['bind']],
    ['vpn-firewall/crowdsec-openvpn-openvpn', 16, ['openvpn']],
    ['vpn-firewall/crowdsec-wireguard-logs-wireguard-logs', 4, ['wireguard']],
  ];
  for (const [file, count, families] of files) {
    const lines = readFileSync(sharedPath(`formats/${file}.log`), 'utf8')
      .split('\n')
      .filter(Boolean);
    const records = lines.map(map);
    assert.equal(records.length, count, file);
    assert.deepEqual([...new Set(records.map(({ family }) => family))].toSorted(), families, file);
    assert.ok(
      records.every(({ event }) => !event.metadata.labels?.some((label) => label.startsWith('class:'))),
      file,
    );
  }
});

const LINES = [
  COMBINED,
  PLAIN,
  HOSTILE,
  ERROR,
  NGINX,
  QUERY,
  DENIED,
  BAD,
  PEER,
  'Jun 20 08:35:15 gw kernel: [82508.1] wireguard: wg0: Invalid handshake initiation from 172.17.100.130:51820',
];

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  const reader = iis.open(null);
  const rows = W3C.flatMap((line) => {
    const parsed = reader.line(line);
    return parsed !== null && 'family' in parsed ? [parsed] : [];
  });
  checkFamiliesNeverLose(FAMILIES.values(), [...LINES.map(read), ...rows]);
});

test('no line makes a source throw', () => {
  fuzzEnvelopedLines(SOURCES, LINES);
  fc.assert(
    fc.property(cutLines(LINES), (cut) => {
      const reader = iis.open(null);
      for (const row of [W3C[1] ?? '', `#Fields: ${cut}`, cut]) reader.line(row);
    }),
    { numRuns: fuzzInputs() },
  );
});
