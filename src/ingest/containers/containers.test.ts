import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { tarOf, zipOf } from '../../../test/support/archives.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { IngestError, type IngestErrorCode } from '../errors.ts';
import { ExpansionBudget } from './budget.ts';
import { isCapture } from './capture.ts';
import { MemberFaults, isOfMemberAlone } from './faults.ts';
import { EXPANSION_RATIO_MAX, FAULTS_NAMED_MAX, RATIO_FREE_BYTES } from './limits.ts';
import { listFiles, openFile, openStream } from './open.ts';

const scratch = mkdtempSync(join(tmpdir(), 'wardkeep-containers-'));

function fileOf(name: string, bytes: Buffer): string {
  const path = join(scratch, name);
  writeFileSync(path, bytes);
  return path;
}

/** Member name → content, and the error that ended the reading, if any. */
async function contents(path: string): Promise<{ members: [string | null, string][]; error: IngestErrorCode | null }> {
  const members: [string | null, string][] = [];
  let error: IngestErrorCode | null = null;
  try {
    for await (const { member, bytes } of openFile(path)) {
      const entry: [string | null, string] = [member, ''];
      members.push(entry);
      for await (const chunk of bytes) entry[1] += chunk.toString('latin1');
    }
  } catch (caught) {
    assert.ok(caught instanceof IngestError, String(caught));
    error = caught.code;
  }
  return { members, error };
}

const TWO = [
  { name: 'logs/a.json', bytes: Buffer.from('{"a":1}\n') },
  { name: 'logs/b.json', bytes: Buffer.from('{"b":2}\n'.repeat(10_000)) },
];
const TWO_READ = TWO.map(({ name, bytes }) => [name, bytes.toString()]);

test('plain, gz, tar, tgz and zip files give the same bytes', async () => {
  const text = 'line one\nline two\n';
  assert.deepEqual((await contents(fileOf('plain.log', Buffer.from(text)))).members, [[null, text]]);
  assert.deepEqual((await contents(fileOf('a.log.gz', gzipSync(text)))).members, [[null, text]]);
  assert.deepEqual((await contents(fileOf('a.tar', tarOf(TWO)))).members, TWO_READ);
  assert.deepEqual((await contents(fileOf('a.tgz', gzipSync(tarOf(TWO))))).members, TWO_READ);
  assert.deepEqual((await contents(fileOf('a.zip', zipOf(TWO)))).members, TWO_READ);
});

test('archives are recognised by content, whatever the name says, and read through within each other', async () => {
  const inner = gzipSync(tarOf(TWO));
  const path = fileOf('misnamed.txt', zipOf([{ name: 'inner.bin', bytes: inner }]));
  assert.deepEqual((await contents(path)).members, [
    ['inner.bin/logs/a.json', TWO_READ[0]?.[1]],
    ['inner.bin/logs/b.json', TWO_READ[1]?.[1]],
  ]);
});

test('several gzip members in one file are one stream', async () => {
  const path = fileOf('two.gz', Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]));
  assert.deepEqual((await contents(path)).members, [[null, 'one\ntwo\n']]);
});

test('a gzip that is cut short gives all that came before, then says so', async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${(i * 7919) % 10_007}\n`).join('');
  const whole = gzipSync(text);
  const { members, error } = await contents(fileOf('cut.gz', whole.subarray(0, Math.floor(whole.length * 0.7))));
  assert.equal(error, 'bad_archive');
  const read = members[0]?.[1] ?? '';
  assert.ok(read.length > text.length / 2 && text.startsWith(read));
});

test('tar archives that were joined are read to the end of the file, whatever padding stands between them', async () => {
  const more = [{ name: 'more.json', bytes: Buffer.from('{"c":3}\n') }];
  const joined = [...TWO_READ, ['more.json', '{"c":3}\n']];
  for (const padding of [0, 512, 9 * 512]) {
    const path = fileOf(
      'joined.tar',
      Buffer.concat([tarOf(TWO), Buffer.alloc(padding), tarOf(more), Buffer.alloc(700)]),
    );
    assert.deepEqual(await contents(path), { members: joined, error: null });
  }
  const { members, error } = await contents(fileOf('rest.tar', Buffer.concat([tarOf(more), Buffer.alloc(512, 'x')])));
  assert.deepEqual([members.length, error], [1, 'bad_archive'], 'what is no archive is not passed over in silence');
});

test('packet captures are known by their first bytes in every byte order, and texts are none', () => {
  const pcap = Buffer.alloc(24);
  for (const magic of [0xa1b2c3d4, 0xa1b23c4d]) {
    pcap.writeUInt32BE(magic);
    assert.equal(isCapture(pcap), true);
    pcap.writeUInt32LE(magic);
    assert.equal(isCapture(pcap), true);
    assert.equal(isCapture(pcap.subarray(0, 23)), false);
  }
  assert.equal(isCapture(Buffer.from('0a0d0d0a1c0000004d3c2b1a', 'hex')), true);
  assert.equal(isCapture(Buffer.from('0a0d0d0a0000001c1a2b3c4d', 'hex')), true);
  for (const text of ['', '\n\r\r\nline\n', '{"a":1}', '<134>Nov 24'])
    assert.equal(isCapture(Buffer.from(text)), false);
});

test('a tar that is cut short and one with a broken header say so', async () => {
  const whole = tarOf(TWO);
  assert.equal((await contents(fileOf('cut.tar', whole.subarray(0, 30_000)))).error, 'bad_archive');
  const broken = Buffer.from(whole);
  broken[1024 + 5] = 0x58;
  const { members, error } = await contents(fileOf('broken.tar', broken));
  assert.deepEqual([members[0]?.[0], error], ['logs/a.json', 'bad_archive']);
});

/** Members that were read, and those that were passed over with their names. */
async function readThrough(path: string): Promise<{ read: [string | null, string][]; passedOver: (string | null)[] }> {
  const read: [string | null, string][] = [];
  const passedOver: (string | null)[] = [];
  const faults = new MemberFaults((_error, member) => passedOver.push(member));
  for await (const member of openFile(path, faults.add)) {
    let text = '';
    try {
      for await (const chunk of member.bytes) text += chunk.toString('latin1');
      read.push([member.member, text]);
    } catch (error) {
      assert.ok(isOfMemberAlone(error, member), String(error));
      faults.add(error, member.member);
    }
  }
  faults.end();
  return { read, passedOver };
}

function withBetween(name: string): Buffer {
  const [first, last] = TWO;
  assert.ok(first !== undefined && last !== undefined);
  return zipOf([first, { name, bytes: Buffer.from('{"c":3}\n') }, last]);
}

test('a zip member whose name leads out of the archive is passed over with its name, the others are read', async () => {
  for (const name of [
    '../../etc/cron.d/x',
    '/etc/passwd',
    'C:/x.log',
    'a/../../x',
    '..\\..\\x',
    '../red\u001B[31m\0',
  ]) {
    const { read, passedOver } = await readThrough(fileOf('slip.zip', withBetween(name)));
    assert.deepEqual(read, TWO_READ, name);
    assert.equal(passedOver.length, 1, name);
    for (const control of ['\0', '\u001B']) assert.ok(!passedOver[0]?.includes(control));
  }
  const long = await readThrough(fileOf('slip.zip', withBetween(`../${'x'.repeat(5000)}`)));
  assert.equal(long.passedOver[0]?.length, 120);
  assert.equal((await contents(fileOf('slip.zip', withBetween('../x')))).error, 'bad_archive', 'never in silence');
});

test('names that are odd and lead nowhere else are read: backslashes, NULs, the same twice, none', async () => {
  const names = [
    ['logs\\c.json', 'logs/c.json'],
    ['logs/\0c.json', 'logs/\0c.json'],
    ['logs/a.json', 'logs/a.json'],
    ['', ''],
  ] as const;
  for (const [name, shown] of names) {
    const { read, passedOver } = await readThrough(fileOf('odd.zip', withBetween(name)));
    assert.deepEqual([read.map(([member]) => member), passedOver], [['logs/a.json', shown, 'logs/b.json'], []], name);
  }
});

test('a zip member that is broken or encrypted does not hide those behind it', async () => {
  const whole = withBetween('logs/c.json');
  const data = whole.indexOf('logs/c.json') + 'logs/c.json'.length;
  const broken = Buffer.from(whole);
  broken[data] = 0xff;
  const encrypted = Buffer.from(whole);
  const entry = encrypted.lastIndexOf('logs/c.json') - 46;
  encrypted[entry + 8] = 1;
  for (const bytes of [broken, encrypted]) {
    const { read, passedOver } = await readThrough(fileOf('hole.zip', bytes));
    assert.deepEqual([read, passedOver], [TWO_READ, ['logs/c.json']]);
  }
});

test('of many bad members the first are named and the rest counted', async () => {
  const bad = Array.from({ length: 50 }, (_one, n) => ({ name: `../${n}`, bytes: Buffer.from('x') }));
  const { read, passedOver } = await readThrough(fileOf('many.zip', zipOf([...bad, ...TWO])));
  assert.deepEqual([read, passedOver.length, passedOver.at(-1)], [TWO_READ, FAULTS_NAMED_MAX + 1, null]);
});

test('bytes behind the end of a zip are passed over', async () => {
  for (const trailer of ['\0', 'x'.repeat(1000)]) {
    const path = fileOf('trailer.zip', Buffer.concat([zipOf(TWO), Buffer.from(trailer)]));
    assert.deepEqual((await contents(path)).members, TWO_READ);
  }
});

test('a zip that is cut short says so', async () => {
  assert.equal((await contents(fileOf('cut.zip', zipOf(TWO).subarray(0, 150)))).error, 'bad_archive');
});

test('a bomb is stopped where its ratio passes the limit', async () => {
  const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  const path = fileOf('bomb.gz', Buffer.concat(Array.from({ length: 20 }, () => zeros)));
  const error = await (async () => {
    for await (const { bytes } of openFile(path)) for await (const chunk of bytes) assert.ok(chunk.length > 0);
  })().catch((caught: unknown) => caught);
  assert.ok(error instanceof IngestError && error.code === 'archive_bomb');
});

test('the expansion budget lets through what real logs need', () => {
  const budget = new ExpansionBudget(RATIO_FREE_BYTES);
  budget.spend(RATIO_FREE_BYTES * EXPANSION_RATIO_MAX);
  assert.throws(() => budget.spend(1), IngestError);
});

test('a zip cannot come by standard input, and the error says what to do', async () => {
  const stream = (async function* () {
    yield zipOf(TWO);
  })();
  const first = openStream(stream, { receivedMs: 0, isUndecided: () => false }).next();
  await assert.rejects(first, (error) => error instanceof IngestError && error.advice === 'save it and name the file');
});

test('folders are walked, links are not followed, the order is that of the paths', async () => {
  const folder = join(scratch, 'tree');
  mkdirSync(join(folder, 'b'), { recursive: true });
  writeFileSync(join(folder, 'b', '2.log'), '');
  writeFileSync(join(folder, '1.log'), '');
  symlinkSync('/', join(folder, 'everything'));
  const files = await listFiles([folder, join(folder, '1.log')], () => assert.fail('nothing is skipped'));
  assert.deepEqual(files, [join(folder, '1.log'), join(folder, 'b', '2.log')]);
});

test('a path that does not exist is named', async () => {
  const missing = join(scratch, 'missing.log');
  await assert.rejects(
    listFiles([missing], () => undefined),
    (error) =>
      error instanceof IngestError && error.code === 'unreadable' && error.message === `${missing} does not exist`,
  );
});

test('no mutation of an archive makes the reader throw anything but its own error', async () => {
  const seeds = [gzipSync(tarOf(TWO)), zipOf(TWO), tarOf(TWO)];
  const runs = fuzzInputs({ oneIn: 50, atLeast: 100 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
      async (seed, changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        await contents(fileOf('fuzz.bin', bytes));
      },
    ),
    { numRuns: runs },
  );
});
