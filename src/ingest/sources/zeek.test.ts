import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import type { Parsed } from '../source.ts';
import type { NativeFields, NativeRecord } from '../types.ts';
import { zeekJson } from './zeek-json.ts';
import { zeekTsv } from './zeek-tsv.ts';
import { zeekFamily } from './zeek/family.ts';

function linesOf(path: string): string[] {
  return readFileSync(sharedPath(path), 'utf8').split('\n').filter(Boolean);
}

function recordOf(parsed: Parsed): NativeRecord {
  assert.ok(parsed !== null && 'family' in parsed);
  return parsed;
}

function readJson(line: string): NativeRecord {
  const value: NativeFields = JSON.parse(line);
  assert.ok(zeekJson.accepts(value));
  return recordOf(zeekJson.parse(value));
}

function readTsv(lines: readonly string[]): NativeRecord[] {
  const reader = zeekTsv.open(null);
  return lines.map((line) => reader.line(line)).flatMap((parsed) => (parsed === null ? [] : [recordOf(parsed)]));
}

test(
  'every real JSON record is recognised by its fields, maps to a valid event and comes back',
  skipWithoutShared,
  () => {
    for (const file of readdirSync(sharedPath('formats/zeek-json'))) {
      const path = file.replace('.log', '');
      for (const line of linesOf(`formats/zeek-json/${file}`)) {
        const record = readJson(line);
        // One Kerberos record says nothing but who talked to whom.
        const isBare = path === 'kerberos' && Object.keys(record.fields).length === 6;
        assert.equal(record.fields['_path'], isBare ? undefined : path);
        const event = checkRecord(zeekFamily, record.fields);
        assert.equal(event.metadata.labels, undefined, `${path}: ${JSON.stringify(event)}`);
      }
    }
  },
);

test(
  'every real TSV record has the columns of its header, maps to a valid event and comes back',
  skipWithoutShared,
  () => {
    let records = 0;
    for (const file of readdirSync(sharedPath('formats/zeek-tsv'))) {
      const lines = linesOf(`formats/zeek-tsv/${file}`);
      const found = readTsv(lines);
      assert.equal(found.length, lines.filter((line) => !line.startsWith('#')).length);
      records += found.length;
      for (const { fields } of found.slice(0, 500)) checkRecord(zeekFamily, fields);
    }
    assert.equal(records, 5320);
  },
);

test('a TSV record has the fields of the same record in JSON', () => {
  const lines = [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\tx',
    '#fields\tts\tuid\tid.orig_h\tid.orig_p\tok\tnames\tnone\tpath\tgone\tvals',
    '#types\ttime\tstring\taddr\tport\tbool\tset[string]\tvector[string]\tstring\tstring\tvector[count]',
    '1521911799.739898\tC1\t10.0.0.1\t53\tT\ta,b\\x2cc\t(empty)\t\\\\\\\\srv\\\\c$ \\xc3\\xa9\t-\t1,2',
  ];
  assert.deepEqual(readTsv(lines), [
    {
      family: 'zeek',
      fields: {
        _path: 'x',
        ts: 1_521_911_799.739_898,
        uid: 'C1',
        'id.orig_h': '10.0.0.1',
        'id.orig_p': 53,
        ok: true,
        names: ['a', 'b,c'],
        none: [],
        path: '\\\\srv\\c$ é',
        vals: [1, 2],
      },
    },
  ]);
});

test('a reader that goes on knows the columns; a row of another width is rejected', () => {
  const first = zeekTsv.open(null);
  assert.deepEqual(first.line('a\tb'), {
    reject: 'bad_csv',
    reason: 'the row comes before the line that names its columns',
  });
  for (const line of ['#separator \\x09', '#fields\tts\tuid', '#types\ttime\tstring']) first.line(line);
  const second = zeekTsv.open(first.state());
  assert.deepEqual(second.line('1.5\tC1'), { family: 'zeek', fields: { ts: 1.5, uid: 'C1' } });
  assert.deepEqual(second.line('1.5'), { reject: 'bad_csv', reason: 'the row has 1 columns, its header 2' });
});

test('the time is that of the connection; what milliseconds cannot say stays verbatim', () => {
  const conn = { _path: 'conn', ts: 1_521_911_799.739_898, 'id.orig_h': '10.0.0.1', conn_state: 'REJ' };
  const event = checkRecord(zeekFamily, conn);
  assert.equal(event.time, 1_521_911_799_739);
  assert.equal(event.metadata.original_time, '1521911799.739898');
  assert.deepEqual([event.class_uid, event.activity_id], [4001, 5]);
  assert.equal(checkRecord(zeekFamily, { ...conn, ts: '2024-10-16T04:07:01.489Z' }).time, 1_729_051_621_489);
  assert.deepEqual(checkRecord(zeekFamily, { ...conn, ts: 'never' }).metadata.labels, ['time:received']);
});

const SEEDS: NativeRecord[] = [
  {
    _path: 'conn',
    ts: 1.5,
    uid: 'C1',
    'id.orig_h': '10.0.0.1',
    'id.orig_p': 1,
    'id.resp_h': '10.0.0.2',
    proto: 'tcp',
    duration: 0.25,
    orig_bytes: 7,
    conn_state: 'SF',
    history: 'ShADadfF',
  },
  {
    _path: 'dns',
    ts: 1.5,
    uid: 'C1',
    'id.orig_h': '::1',
    'id.resp_h': '10.0.0.2',
    query: 'a.example',
    rcode: 3,
    rcode_name: 'NXDOMAIN',
    answers: ['10.0.0.3'],
    TTLs: [3],
  },
  {
    _path: 'http',
    ts: 1.5,
    'id.orig_h': '10.0.0.1',
    method: 'GET',
    uri: '/a?b=c',
    host: 'h.example',
    status_code: 404,
  },
  {
    _path: 'smtp',
    ts: 1.5,
    'id.orig_h': '10.0.0.1',
    from: 'A <a@b.example>',
    to: ['c@d.example'],
    rcptto: ['c@d.example'],
  },
  {
    _path: 'kerberos',
    ts: 1.5,
    'id.orig_h': '10.0.0.1',
    client: 'u/R',
    service: 'krbtgt/R',
    request_type: 'AS',
    success: true,
  },
  { _path: 'ntlm', ts: 1.5, 'id.orig_h': '10.0.0.1', username: 'u', domainname: 'D', success: false },
  {
    _path: 'smb_files',
    ts: 1.5,
    'id.orig_h': '10.0.0.1',
    action: 'SMB::FILE_OPEN',
    path: '\\\\s\\c$',
    name: 'x.exe',
    size: 3,
  },
  {
    _path: 'dhcp',
    ts: 1.5,
    client_addr: '10.0.0.9',
    mac: '00:1a:e9:9d:53:b7',
    msg_types: ['REQUEST', 'ACK'],
    lease_time: 60,
  },
  { _path: 'notice', ts: 1.5, note: 'Scan::Port_Scan', msg: 'm', src: '10.0.0.1', actions: ['Notice::ACTION_LOG'] },
  {
    _path: 'ssl',
    ts: 1.5,
    'id.orig_h': '10.0.0.1',
    version: 'TLSv12',
    cipher: 'X',
    server_name: 's.example',
    established: true,
  },
  { _path: 'x509', ts: 1.5, fingerprint: 'ab' },
].map((fields) => ({ family: 'zeek', fields }));

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(zeekFamily, SEEDS);
});

test('no header and no row makes the table reader throw', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.stringMatching(/^#(?:separator|fields|types|path|set_separator|unset_field)[ \t][^\n]{0,30}$/),
    fc.stringMatching(/^[0-9a-z.\\x\t,-]{0,40}$/),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const reader = zeekTsv.open(null);
      for (const one of lines) reader.line(one);
      assert.doesNotThrow(() => zeekTsv.open(reader.state()).line('1\t2'));
    }),
    { numRuns: fuzzInputs({ oneIn: 4 }) },
  );
});
