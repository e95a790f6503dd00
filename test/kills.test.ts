import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipOf } from './support/archives.ts';
import { type Place, entriesOf, rawsOf, temporaryPlace, wardkeep } from './support/cli.ts';
import { auditEvent, logLine, logLines } from './support/log-lines.ts';
import { LONG, sharedPath, skipWithoutShared } from './support/shared.ts';

const ROUNDS = LONG ? 100 : Number(process.env['WARDKEEP_KILLS'] ?? '10');
/** A flow is fed more until so many kills have hit it; those that came too late to hit anything do not count on for ever. */
const TRIES_MAX = ROUNDS * 4;

/** Runs the command again and again, killed at random moments; then once to its end. Gives how often it was killed. */
async function untilDone(place: Place, args: readonly string[], between: (round: number) => void): Promise<number> {
  let killed = 0;
  // How long an undisturbed run takes is not known beforehand: moments are drawn up to the longest run so far.
  let longest = 1500;
  for (let tries = 0; killed < ROUNDS && tries < TRIES_MAX; tries += 1) {
    between(tries);
    const started = performance.now();
    const ran = await wardkeep(place, args, { killAfterMs: 300 + Math.random() * longest });
    if (ran.signal === 'SIGKILL') killed += 1;
    else {
      assert.equal(ran.code, 0, ran.stderr);
      longest = performance.now() - started;
    }
  }
  const last = await wardkeep(place, args);
  assert.equal(last.code, 0, last.stderr);
  return killed;
}

test(`ingest: each record stands in the ledger once over ${ROUNDS} kills, and patients' counters have no gap`, async (t) => {
  const place = temporaryPlace(t);
  const dir = join(place.base, 'logs');
  mkdirSync(dir);
  const plain = logLines(0, 12_000, 'plain');
  const packed = logLines(0, 12_000, 'packed');
  const zipped = logLines(0, 12_000, 'zipped');
  writeFileSync(join(dir, 'b.log.gz'), gzipSync(packed));
  writeFileSync(join(dir, 'c.zip'), zipOf([{ name: 'in/c.log', bytes: Buffer.from(zipped) }]));
  writeFileSync(join(dir, 'a.log'), plain);
  let grown = '';
  const killed = await untilDone(place, ['ingest', '--data', place.data, dir], (round) => {
    const more = Array.from({ length: 200 }, (_one, i) => `${auditEvent(round * 200 + i, `p${i % 9}`)}\n`).join('');
    grown += more;
    appendFileSync(join(dir, 'audit.ndjson'), more);
  });
  t.diagnostic(`${killed} kills hit`);
  assert.ok(killed >= Math.ceil(ROUNDS / 2), `only ${killed} of ${ROUNDS} kills hit`);
  const stored = await entriesOf(place);
  const raws = stored.map(({ entry }) => Buffer.from(entry.raw).toString());
  const expected = `${plain}${packed}${zipped}${grown}`.split('\n').filter((one) => one !== '');
  assert.deepEqual(raws.toSorted(), expected.toSorted());
  const counters = new Map<string, { counter: number; index: number }>();
  for (const { entry } of stored) {
    if (entry.patient === null || entry.patient.length === 0) continue;
    const view = JSON.parse(Buffer.from(entry.patient).toString()) as Record<string, unknown>;
    const before = counters.get(String(view['patient']));
    assert.equal(view['counter'], (before?.counter ?? 0) + 1);
    assert.equal(view['previous'], before?.index ?? null);
    counters.set(String(view['patient']), { counter: view['counter'], index: entry.index });
  }
  assert.equal(counters.size, 9);
});

test('an event log interrupted in its middle is read to its end, each record once', skipWithoutShared, async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'security.evtx');
  copyFileSync(sharedPath('formats/evtx/security.evtx'), file);
  const args = ['ingest', '--data', place.data, file];
  for (let i = 0; i < (LONG ? 20 : 3); i += 1) await wardkeep(place, args, { killAfterMs: 600 + Math.random() * 1500 });
  const last = await wardkeep(place, args);
  assert.equal(last.code, 0, last.stderr);
  const other = temporaryPlace(t);
  assert.equal((await wardkeep(other, ['ingest', '--data', other.data, file])).code, 0);
  assert.deepEqual(await rawsOf(place), await rawsOf(other));
});

/** Fires on each connection, and as a correlation on ten of one host within a minute. */
const RULES = `title: A connection
id: 5e1b1b6e-0000-4000-8000-000000000001
name: connection
logsource: {product: wardkeep, category: base_event}
detection:
  selection:
    message|contains: connection
  condition: selection
level: low
---
title: Many connections
id: 5e1b1b6e-0000-4000-8000-000000000002
correlation:
  type: event_count
  rules: [connection]
  group-by: [metadata.log_format]
  timespan: 1m
  condition: {gte: 10}
level: high
---
title: A connection of host seven
id: 5e1b1b6e-0000-4000-8000-000000000003
logsource: {product: wardkeep, category: base_event}
detection:
  selection:
    message|contains: 10.0.7.7
  condition: selection
level: high
`;

/** Uids and indexes of all findings in the ledger. */
async function findingsOf(place: Place): Promise<string[]> {
  return (await entriesOf(place))
    .filter(({ entry }) => entry.classUid === 2004)
    .map(({ event }) => {
      const { uid, analytic } = event['finding_info'] as { uid: string; analytic: { uid: string } };
      const [{ data }] = event['evidences'] as [{ data: { indexes: number[]; total: number } }];
      return `${uid} ${analytic.uid} ${data.indexes.join(',')} ${data.total}`;
    });
}

const DETECT_ROUNDS = LONG ? 100 : 6;

test(`detect: over ${DETECT_ROUNDS} kills and however the log is split, findings stand once and none is lost`, async (t) => {
  const whole = temporaryPlace(t);
  const text = logLines(0, 3000);
  const rules = join(whole.base, 'rules.yml');
  writeFileSync(rules, RULES);
  const file = join(whole.base, 'fw.log');
  writeFileSync(file, text);
  for (const args of [
    ['ingest', file],
    ['detect', '--rules', rules],
  ]) {
    const [command = '', ...rest] = args;
    const ran = await wardkeep(whole, [command, '--data', whole.data, ...rest]);
    assert.equal(ran.code, 0, ran.stderr);
  }
  const expected = await findingsOf(whole);
  assert.ok(
    expected.some((one) => one.includes('000000000002')),
    'the correlation fires',
  );
  const again = await wardkeep(whole, ['detect', '--data', whole.data, '--rules', rules, '--from', '0', '--json']);
  assert.equal((JSON.parse(again.stdout) as { findings: number }).findings, 0);
  assert.deepEqual(await findingsOf(whole), expected);

  const split = temporaryPlace(t);
  const grown = join(split.base, 'fw.log');
  const lines = text.split('\n').slice(0, -1);
  let at = 0;
  for (let round = 0; round < DETECT_ROUNDS || at < lines.length; round += 1) {
    const to =
      round >= DETECT_ROUNDS - 1 ? lines.length : Math.min(lines.length, at + 1 + Math.floor(Math.random() * 500));
    appendFileSync(
      grown,
      lines
        .slice(at, to)
        .map((line) => `${line}\n`)
        .join(''),
    );
    at = to;
    assert.equal((await wardkeep(split, ['ingest', '--data', split.data, grown])).code, 0);
    const killAfterMs = 500 + Math.random() * 1500;
    await wardkeep(split, ['detect', '--data', split.data, '--rules', rules], { killAfterMs });
  }
  assert.equal((await wardkeep(split, ['detect', '--data', split.data, '--rules', rules])).code, 0);
  const found = await findingsOf(split);
  assert.equal(new Set(found.map((one) => one.split(' ')[0])).size, found.length, 'no finding stands twice');
  assert.equal(found.length, expected.length);
});

const isRoot = process.getuid?.() === 0;

/** Mounts a small file system in memory; null, or the reason why it cannot be had. */
function mountSmall(path: string): string | null {
  if (!isRoot) return 'needs root to mount a small file system';
  mkdirSync(path);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', path], { encoding: 'utf8' });
  return mounted.status === 0 ? null : `no file system can be mounted here (${(mounted.stderr ?? '').trim()})`;
}

test('a full disk is named, exits 1, and leaves a ledger that opens with all that was acknowledged', async (t) => {
  const place = temporaryPlace(t);
  const disk = join(place.base, 'disk');
  const reason = mountSmall(disk);
  if (reason !== null) {
    t.skip(reason);
    return;
  }
  try {
    await fillDisk({ ...place, data: join(disk, 'data') }, disk);
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});

async function fillDisk(place: Place, disk: string): Promise<void> {
  const file = join(place.base, 'fw.log');
  // Text that does not compress, more than the disk takes.
  const lines = Array.from({ length: 20_000 }, (_one, n) => `${logLine(n)} ${randomBytes(300).toString('base64')}`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const ran = await wardkeep(place, ['ingest', '--data', place.data, file]);
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stderr, /disk|space/i);
  assert.doesNotMatch(ran.stderr, /fault of Wardkeep/);
  const raws = await rawsOf(place);
  assert.ok(raws.length > 0 && raws.length < lines.length);
  assert.deepEqual(raws, lines.slice(0, raws.length));
  // With more room, the same command goes on.
  assert.equal(spawnSync('mount', ['-o', 'remount,size=100m', disk]).status, 0);
  const resumed = await wardkeep(place, ['ingest', '--data', place.data, file]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.deepEqual(await rawsOf(place), lines);
  const verified = await wardkeep(place, ['ledger', 'verify', '--data', place.data]);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
}
