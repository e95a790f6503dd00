import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { run } from '../src/cli/run.ts';
import { zipOf } from './support/archives.ts';
import { bufferIo } from './support/buffer-io.ts';
import { temporaryPlace, wardkeep } from './support/cli.ts';
import { auditEvent, logLine, logLines } from './support/log-lines.ts';
import { LONG, sharedPath, skipWithoutShared } from './support/shared.ts';

const RULES = `title: A connection of host seven
id: 5e1b1b6e-0000-4000-8000-000000000001
name: seven
author: a tester
logsource: {product: wardkeep, category: base_event}
detection:
  selection:
    message|contains: 10.0.7.7
  condition: selection
level: high
tags: [attack.t1021, attack.lateral-movement]
---
title: Many connections of host seven
id: 5e1b1b6e-0000-4000-8000-000000000002
correlation:
  type: event_count
  rules: [seven]
  group-by: [metadata.log_format]
  timespan: 1h
  condition: {gte: 3}
  generate: true
level: critical
---
title: A patient's record was read
id: 5e1b1b6e-0000-4000-8000-000000000003
logsource: {product: wardkeep}
detection:
  selection:
    patient.uid|contains: p7
  condition: selection
level: low
---
title: A process was started
id: 5e1b1b6e-0000-4000-8000-000000000004
name: process
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: .exe
  condition: selection
level: low
---
title: Processes of one parent
id: 5e1b1b6e-0000-4000-8000-000000000005
correlation:
  type: value_count
  rules: [process]
  group-by: [Computer]
  timespan: 10m
  condition: {gte: 3, field: Image}
level: medium
`;

interface Finding {
  kind: string;
  rule: Record<string, unknown>;
  event: Record<string, unknown>;
  events?: Record<string, unknown>[];
  events_total?: number;
  group?: Record<string, string>;
  match: Record<string, unknown>;
}

/** Runs `scan` in this process. */
async function scan(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = bufferIo();
  const code = await run(['scan', ...args], io);
  return { code, out: io.out(), err: io.err() };
}

function findingsIn(ndjson: string): Finding[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Finding);
}

/** A folder of several formats and containers, made by us, with real event logs where there are some. */
function inputs(base: string): string {
  const dir = join(base, 'logs');
  mkdirSync(dir);
  writeFileSync(join(dir, 'fw.log'), logLines(0, 6000));
  writeFileSync(join(dir, 'old.log.gz'), gzipSync(logLines(50_000, 3000)));
  const audits = Array.from({ length: 900 }, (_one, i) => auditEvent(i, `p${i % 11}`));
  const members = [
    { name: 'a/lines.ndjson', bytes: Buffer.from(`${audits.join('\n')}\n`) },
    { name: 'a/array.json', bytes: Buffer.from(`[${audits.slice(0, 99).join(',\n')}]`) },
  ];
  writeFileSync(join(dir, 'audits.zip'), zipOf(members));
  const name = 'new-user-security.evtx';
  if (existsSync(sharedPath(`formats/evtx/${name}`))) cpSync(sharedPath(`formats/evtx/${name}`), join(dir, name));
  return dir;
}

test('what a scan prints is byte for byte the same for any number of threads and order of arguments', async (t) => {
  const { base } = temporaryPlace(t);
  const dir = inputs(base);
  const rules = join(base, 'rules.yml');
  writeFileSync(rules, RULES);
  const files = readdirSync(dir).map((name) => join(dir, name));
  const common = ['--rules', rules, '--output', 'ndjson'];
  const first = await scan(...common, '--threads', '1', ...files);
  assert.equal(first.code, 0, first.err);
  const kinds = new Set(findingsIn(first.out).map(({ kind, rule }) => `${kind} ${String(rule['level'])}`));
  assert.ok(kinds.has('event high') && kinds.has('correlation critical') && kinds.has('event low'), [...kinds].join());
  for (const threads of ['2', '4']) {
    const other = await scan(...common, '--threads', threads, ...files.toReversed());
    assert.equal(other.code, 0, other.err);
    assert.ok(other.out === first.out, `${threads} threads print something else`);
  }
  assert.ok((await scan(...common, '--threads', '1', dir, ...files)).out === first.out);
});

test('a file and the same file in gz and zip give the same findings', async (t) => {
  const { base } = temporaryPlace(t);
  const rules = join(base, 'rules.yml');
  writeFileSync(rules, RULES);
  const bytes = Buffer.from(logLines(0, 9000));
  writeFileSync(join(base, 'fw.log'), bytes);
  writeFileSync(join(base, 'fw.log.gz'), gzipSync(bytes));
  writeFileSync(join(base, 'fw.zip'), zipOf([{ name: 'fw.log', bytes }]));
  const outputs: Finding[][] = [];
  for (const name of ['fw.log', 'fw.log.gz', 'fw.zip']) {
    const { code, out, err } = await scan('--rules', rules, '--output', 'ndjson', join(base, name));
    assert.equal(code, 0, err);
    outputs.push(findingsIn(out.replaceAll(/"file":"[^"]*","member":(?:null|"[^"]*")/g, '"file":"","member":""')));
  }
  assert.ok((outputs[0]?.length ?? 0) > 30);
  assert.deepEqual(outputs[1], outputs[0]);
  assert.deepEqual(outputs[2], outputs[0]);
});

function exclusions(base: string): string {
  const path = join(base, 'exclude.txt');
  writeFileSync(path, '# all of them\nseven\n5e1b1b6e-0000-4000-8000-000000000002 # by id\n');
  return path;
}

test('findings have the form that other programs rely on', async (t) => {
  const { base } = temporaryPlace(t);
  const rules = join(base, 'rules.yml');
  writeFileSync(rules, RULES);
  const file = join(base, 'fw.log');
  writeFileSync(file, logLines(0, 251 * 4));
  const ndjson = await scan('--rules', rules, '--output', 'ndjson', file);
  const findings = findingsIn(ndjson.out);
  const [single] = findings;
  assert.deepEqual(single, {
    kind: 'event',
    rule: {
      id: '5e1b1b6e-0000-4000-8000-000000000001',
      title: 'A connection of host seven',
      level: 'high',
      tags: ['attack.t1021', 'attack.lateral-movement'],
      author: 'a tester',
    },
    event: { file, member: null, record: 7, time: '2026-01-05T00:00:07.000Z', time_source: 'event', class_uid: 0 },
    match: { message: single?.match['message'] },
  });
  const correlation = findings.find(({ kind }) => kind === 'correlation');
  assert.ok(correlation?.events !== undefined && correlation.group !== undefined);
  assert.deepEqual(Object.keys(correlation), ['kind', 'rule', 'event', 'events', 'events_total', 'group', 'match']);
  assert.equal(correlation.events_total, correlation.events.length);
  assert.deepEqual(correlation.events.map(({ record }) => record).slice(0, 3), [7, 257, 507]);
  assert.deepEqual(Object.keys(correlation.group), ['metadata.log_format']);

  const json = await scan('--rules', rules, '--output', 'json', file);
  assert.deepEqual(JSON.parse(json.out), findings);
  const table = await scan('--rules', rules, file);
  assert.match(table.out, /A connection of host seven/);
  assert.match(table.err, /1,?004/);
  const critical = await scan('--rules', rules, '--output', 'ndjson', '--level', 'critical', file);
  assert.deepEqual(
    findingsIn(critical.out),
    findings.filter(({ rule }) => rule['level'] === 'critical'),
  );
  const none = await scan('--rules', rules, '--output', 'json', '--exclude', exclusions(base), file);
  assert.deepEqual([none.code, JSON.parse(none.out)], [0, []]);
});

test('a scan exits 0 whatever it found, 1 when it could not read all, 2 on wrong usage', async (t) => {
  const place = temporaryPlace(t);
  const { base } = place;
  const rules = join(base, 'rules.yml');
  writeFileSync(rules, RULES);
  const file = join(base, 'fw.log');
  writeFileSync(file, `${logLine(7)}\n`);
  writeFileSync(join(base, 'cut.gz'), gzipSync(logLines(0, 5000)).subarray(0, 9000));
  writeFileSync(join(base, 'empty.log'), '');
  writeFileSync(join(base, 'noise.bin'), Buffer.from(Array.from({ length: 4096 }, (_one, i) => (i * 7919) % 256)));
  const cases: [number, string[]][] = [
    [0, [file]],
    [0, [join(base, 'empty.log')]],
    [0, [join(base, 'noise.bin')]],
    [1, [file, join(base, 'cut.gz')]],
    [1, [join(base, 'nowhere')]],
    [2, []],
    [2, ['--format', 'nonsense', file]],
    [2, ['--zone', 'Mars/Olympus', file]],
    [2, ['--year', '1', file]],
    [2, ['--threads', '0', file]],
    [2, ['--output', 'xml', file]],
    [2, ['--level', 'loud', file]],
  ];
  for (const [code, args] of cases) {
    const ran = await scan('--rules', rules, ...args);
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.err}`);
    assert.doesNotMatch(ran.err, /fault of Wardkeep/);
  }
  const capture = Buffer.concat([Buffer.from('d4c3b2a1', 'hex'), Buffer.alloc(20), Buffer.from(`${logLine(7)}\n`)]);
  writeFileSync(join(base, 'net.pcap'), capture);
  const passed = await scan('--rules', rules, '--output', 'ndjson', join(base, 'net.pcap'), file);
  assert.equal(passed.code, 0, passed.err);
  assert.match(passed.err, /Passed over: .*net\.pcap: a packet capture/);
  assert.equal(findingsIn(passed.out).length, 1, 'a capture is not cut into lines');
  const cut = await scan('--rules', rules, '--output', 'ndjson', join(base, 'cut.gz'));
  assert.ok(findingsIn(cut.out).length > 0, 'what stands in front of the break is scanned');
  const alone = await wardkeep(place, ['scan', '--rules', rules, '--output', 'ndjson', file]);
  assert.equal(alone.code, 0, alone.stderr);
  assert.equal(findingsIn(alone.stdout).length, 1);
});

test('a scan without a rule to look with says so and never reports that nothing was found', async (t) => {
  const { base } = temporaryPlace(t);
  const file = join(base, 'fw.log');
  writeFileSync(file, `${logLine(7)}\n`);
  writeFileSync(join(base, 'rules.yml'), RULES);
  const low =
    'title: Low\nid: low\nlevel: low\nlogsource: {category: firewall}\ndetection: {s: {a: b}, condition: s}\n';
  writeFileSync(join(base, 'low.yml'), low);
  writeFileSync(join(base, 'broken.xml'), '<rule>');
  writeFileSync(join(base, 'broken.yml'), 'title: no detection\n');
  writeFileSync(join(base, 'all.txt'), 'rules.yml\n');
  mkdirSync(join(base, 'empty'));
  const cases: [number, string[], RegExp][] = [
    [
      1,
      ['--rules', join(base, 'broken.xml')],
      /no rule could be loaded from \S+broken\.xml; nothing was looked for: neither/,
    ],
    [1, ['--rules', join(base, 'broken.yml')], /no rule could be loaded .* nothing was looked for: document has no/],
    [1, ['--rules', join(base, 'empty')], /no rule could be loaded from \S+empty; nothing was looked for/],
    [1, ['--rules', join(base, 'nowhere')], /cannot read the rules at/],
    [
      2,
      ['--rules', join(base, 'low.yml'), '--level', 'critical'],
      /--level critical leaves none of 1 rule; nothing was/,
    ],
    [
      2,
      ['--rules', join(base, 'rules.yml'), '--exclude', join(base, 'all.txt')],
      /are excluded; nothing was looked for/,
    ],
  ];
  for (const [code, args, words] of cases)
    for (const output of ['table', 'json']) {
      const ran = await scan(...args, '--output', output, file);
      assert.deepEqual([ran.code, ran.out], [code, ''], `${args.join(' ')}: ${ran.err}`);
      assert.match(ran.err.replaceAll(/\s+/g, ' '), words);
      if (code === 1) assert.match(ran.err, /What to do: /);
    }
});

test(
  'a folder of rules that may not be read is no folder without rules',
  { skip: process.getuid?.() === 0 ? false : 'needs root to run as another user' },
  async (t) => {
    const place = temporaryPlace(t);
    chmodSync(place.base, 0o755);
    mkdirSync(join(place.base, 'closed'), { mode: 0o700 });
    writeFileSync(join(place.base, 'fw.log'), `${logLine(7)}\n`);
    const args = ['scan', '--rules', join(place.base, 'closed'), join(place.base, 'fw.log')];
    const ran = await wardkeep(place, args, { uid: 65_534 });
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stderr.replaceAll(/\s+/g, ' '), /nothing was looked for: folder cannot be read: EACCES/);
  },
);

test('the rules are counted by where they come from, those that the level leaves out included', async (t) => {
  const { base } = temporaryPlace(t);
  const file = join(base, 'fw.log');
  writeFileSync(file, `${logLine(7)}\n`);
  const all = await scan(file);
  const [, total = ''] = /Rules: (\d+) shipped, 0 imported\./.exec(all.err) ?? [];
  assert.ok(Number(total) >= 40, all.err);
  const critical = await scan('--level', 'critical', file);
  const [, some, of] = /Rules: (\d+) of (\d+) shipped, 0 imported \(level critical\)\./.exec(critical.err) ?? [];
  assert.equal(of, total, critical.err);
  assert.ok(Number(some) > 0 && Number(some) < Number(total));
});

const SIGMA = ['--rules', sharedPath('sigma/sigma-rules-8eaafff.tgz')];

test('real attacks: threads change nothing', { skip: LONG ? skipWithoutShared.skip : 'long form only' }, async () => {
  const args = [...SIGMA, '--output', 'ndjson', sharedPath('windows')];
  const one = await scan('--threads', '1', ...args);
  assert.equal(one.code, 0, one.err);
  for (const threads of ['2', '4']) assert.ok((await scan('--threads', threads, ...args)).out === one.out);
});
