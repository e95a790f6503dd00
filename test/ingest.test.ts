import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tarOf, zipOf } from './support/archives.ts';
import { type Place, entriesOf, rawsOf, temporaryPlace, wardkeep } from './support/cli.ts';
import { logLine as line, logLines as lines } from './support/log-lines.ts';
import { sharedPath, skipWithoutShared } from './support/shared.ts';

interface Summary {
  events: number;
  rejected: number;
  tree_size: number;
  notices: { file: string; text: string }[];
  problems: { file: string; code: string; text: string }[];
  bySource: Record<string, number>;
}

async function ingest(place: Place, ...args: string[]): Promise<Summary> {
  const ran = await wardkeep(place, ['ingest', '--data', place.data, '--json', ...args]);
  assert.equal(ran.code, 0, ran.stderr + ran.stdout);
  return JSON.parse(ran.stdout) as Summary;
}

/** Asserts that exactly these lines stand in the ledger, each once. */
async function assertLines(place: Place, expected: string): Promise<void> {
  const raws = await rawsOf(place);
  assert.deepEqual(
    raws.toSorted(),
    expected
      .split('\n')
      .filter((one) => one !== '')
      .toSorted(),
  );
}

test('a file that grew goes on where it ended; an identical one is passed over with a notice', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'fw.log');
  writeFileSync(file, lines(0, 500));
  assert.equal((await ingest(place, file)).events, 500);
  const again = await ingest(place, file);
  assert.deepEqual([again.events, again.notices.length], [0, 1]);
  appendFileSync(file, lines(500, 300));
  assert.equal((await ingest(place, file)).events, 300);
  await assertLines(place, lines(0, 800));
});

test('a short file may grow beyond 64 KiB, also after it was renamed', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'fw.log');
  writeFileSync(file, lines(0, 100));
  await ingest(place, file);
  appendFileSync(file, lines(100, 2000));
  await ingest(place, file);
  appendFileSync(file, lines(2100, 10));
  await ingest(place, file);
  renameSync(file, `${file}.1`);
  appendFileSync(`${file}.1`, lines(2110, 10));
  writeFileSync(file, lines(5000, 20));
  await ingest(place, file, `${file}.1`);
  await assertLines(place, lines(0, 2120) + lines(5000, 20));
});

test('rotated files are not read again, though each stands where another stood', async (t) => {
  const place = temporaryPlace(t);
  const dir = join(place.base, 'logs');
  mkdirSync(dir);
  const at = (n: number): string => join(dir, n === 0 ? 'fw.log' : `fw.log.${n}`);
  let next = 0;
  let written = '';
  for (let round = 0; round < 4; round += 1) {
    for (let n = round; n > 0; n -= 1) renameSync(at(n - 1), at(n));
    const text = lines(next, 120);
    next += 120;
    written += text;
    writeFileSync(at(0), text);
    await ingest(place, dir);
    // Some more came in front of the next rotation.
    const more = lines(next, 7);
    next += 7;
    written += more;
    appendFileSync(at(0), more);
  }
  await ingest(place, dir);
  await assertLines(place, written);
});

test('a file whose beginning changed is a new source, early or late in it', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'fw.log');
  writeFileSync(file, lines(0, 2000));
  await ingest(place, file);
  writeFileSync(file, lines(9000, 30));
  await ingest(place, file);
  // The first 64 KiB are those of the first file again, what follows differs.
  writeFileSync(file, lines(0, 1500) + lines(20_000, 700));
  await ingest(place, file);
  await assertLines(place, lines(0, 2000) + lines(9000, 30) + lines(0, 1500) + lines(20_000, 700));
});

test('a copy is passed over, in the same run, in another file, in an archive and from standard input', async (t) => {
  const place = temporaryPlace(t);
  const text = lines(0, 1200);
  const dir = join(place.base, 'logs');
  mkdirSync(dir);
  writeFileSync(join(dir, 'a.log'), text);
  writeFileSync(join(dir, 'b.log'), text);
  const both = await ingest(place, dir, join(dir, '.', 'a.log'));
  assert.deepEqual([both.events, both.notices.length], [1200, 1]);
  writeFileSync(join(place.base, 'c.log.gz'), gzipSync(text));
  writeFileSync(join(place.base, 'd.zip'), zipOf([{ name: 'x/e.log', bytes: Buffer.from(text) }]));
  writeFileSync(join(place.base, 'f.tgz'), gzipSync(tarOf([{ name: 'g.log', bytes: Buffer.from(text) }])));
  const packed = await ingest(place, ...['c.log.gz', 'd.zip', 'f.tgz'].map((name) => join(place.base, name)));
  assert.deepEqual([packed.events, packed.notices.length], [0, 3]);
  const piped = await wardkeep(place, ['ingest', '--data', place.data, '--json', '-'], { stdin: Buffer.from(text) });
  assert.equal(piped.code, 0, piped.stderr);
  assert.equal((JSON.parse(piped.stdout) as Summary).events, 0);
  await assertLines(place, text);
});

test('standard input goes on where an earlier one of the same beginning ended', async (t) => {
  const place = temporaryPlace(t);
  for (const count of [900, 1400]) {
    const stdin = Buffer.from(lines(0, count));
    const ran = await wardkeep(place, ['ingest', '--data', place.data, '-'], { stdin });
    assert.equal(ran.code, 0, ran.stderr);
  }
  await assertLines(place, lines(0, 1400));
  const changed = Buffer.from(lines(0, 1000) + lines(7000, 900));
  const ran = await wardkeep(place, ['ingest', '--data', place.data, '-'], { stdin: changed });
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /cannot be told what of it is new/);
});

test('a last line without its end is read again whole when it was the middle of a line', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'fw.log');
  const last = line(50);
  writeFileSync(file, lines(0, 50) + last);
  assert.equal((await ingest(place, file)).events, 51);
  assert.equal((await ingest(place, file)).notices.length, 1);
  appendFileSync(file, `\n${line(51)}`);
  assert.equal((await ingest(place, file)).events, 1);
  appendFileSync(file, ` and its other half\n${line(52)}\n`);
  assert.equal((await ingest(place, file)).events, 2);
  await assertLines(place, `${lines(0, 53)}${line(51)} and its other half`);
});

function wide(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

test('UTF-16 exports grow as other files do', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'export.log');
  writeFileSync(file, Buffer.concat([Buffer.from([0xff, 0xfe]), wide(lines(0, 90, 'für'))]));
  await ingest(place, file);
  appendFileSync(file, wide(lines(90, 1500, 'für')));
  await ingest(place, file);
  assert.equal((await ingest(place, file)).notices.length, 1);
  await assertLines(place, lines(0, 1590, 'für'));
});

test(
  'an event log that another replaces at its path is read whole; a copy of it is passed over',
  skipWithoutShared,
  async (t) => {
    const place = temporaryPlace(t);
    const file = join(place.base, 'Security.evtx');
    copyFileSync(sharedPath('formats/evtx/Security_short_selected.evtx'), file);
    const first = await ingest(place, file);
    copyFileSync(file, join(place.base, 'copy.evtx'));
    assert.equal((await ingest(place, join(place.base, 'copy.evtx'))).notices.length, 1);
    copyFileSync(sharedPath('formats/evtx/new-user-security.evtx'), file);
    const second = await ingest(place, file);
    const other = temporaryPlace(t);
    const alone = await ingest(other, sharedPath('formats/evtx/new-user-security.evtx'));
    assert.ok(alone.events > 0);
    assert.equal(second.events, alone.events);
    assert.equal(second.tree_size, first.tree_size + alone.events);
  },
);

test(
  'an event log that grows chunk by chunk gives each record once, also when it was cut within a chunk',
  skipWithoutShared,
  async (t) => {
    const place = temporaryPlace(t);
    const whole = readFileSync(sharedPath('formats/evtx/sysmon.evtx'));
    const file = join(place.base, 'sysmon.evtx');
    for (const length of [4096 + 2 * 65_536, 200_000, 250_000, 4096 + 9 * 65_536, whole.length]) {
      writeFileSync(file, whole.subarray(0, length));
      // A chunk that is cut short is said to be; that is said once, and no record twice.
      const ran = await wardkeep(place, ['ingest', '--data', place.data, file]);
      assert.equal(ran.code, 0, ran.stderr);
    }
    const other = temporaryPlace(t);
    await ingest(other, sharedPath('formats/evtx/sysmon.evtx'));
    const records = (raws: readonly string[]): string[] => raws.filter((raw) => raw.startsWith('<?evtx'));
    assert.deepEqual(records(await rawsOf(place)), records(await rawsOf(other)));
  },
);

test('a truncated gzip gives what stands in front of the break, says so and exits 1', async (t) => {
  const place = temporaryPlace(t);
  const packed = gzipSync(lines(0, 20_000));
  const file = join(place.base, 'fw.log.gz');
  writeFileSync(file, packed.subarray(0, Math.floor(packed.length / 2)));
  const ran = await wardkeep(place, ['ingest', '--data', place.data, file]);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /gzip stream is broken or cut short/);
  const before = (await rawsOf(place)).length;
  assert.ok(before > 5000);
  writeFileSync(file, packed);
  await ingest(place, file);
  const raws = await rawsOf(place);
  // What the break cut in two is there as it came; every line is there once.
  const known = new Set(lines(0, 20_000).split('\n'));
  assert.equal(raws.filter((raw) => known.has(raw)).length, 20_000);
  assert.ok(raws.length <= 20_001);
});

test('records whose times lie centuries apart are kept with the times they state', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'forged.log');
  const years = ['0001', '1601', '1969', '1970', '2026', '9999'];
  writeFileSync(file, years.map((year) => `<13>1 ${year}-03-01T00:00:00Z h app - - - event of ${year}\n`).join(''));
  const summary = await ingest(place, file);
  assert.equal(summary.events + summary.rejected, years.length);
  const stored = await entriesOf(place);
  for (const [i, year] of years.entries())
    assert.equal(stored[i]?.event.time, Date.parse(`${year}-03-01T00:00:00Z`), year);
  const listed = await wardkeep(place, ['events', '--data', place.data, '--output', 'ndjson']);
  assert.equal(listed.code, 0, listed.stderr);
  assert.equal(listed.stdout.trim().split('\n').length, years.length);
});

test('what was rejected is tried again on request, linked to its first index, and only once', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'mixed.log');
  const cut = `{"eventVersion":"1.08","x":"${'y'.repeat(50)}`;
  writeFileSync(file, `${lines(0, 3)}this is no format at all\n${cut}\n`);
  // Read as a format that it is not, all of it is rejected.
  const first = await ingest(place, '--format', 'cef', file);
  assert.deepEqual([first.events, first.rejected], [0, 5]);
  const retried = await ingest(place, '--retry-rejected');
  assert.ok(retried.events >= 3);
  const stored = await entriesOf(place);
  const links = stored
    .flatMap(({ event }) => event.metadata.labels ?? [])
    .filter((label) => label.startsWith('retry-of:'));
  assert.deepEqual(links.slice(0, 3), ['retry-of:0', 'retry-of:1', 'retry-of:2']);
  const again = await ingest(place, '--retry-rejected');
  assert.deepEqual([again.events, again.tree_size], [0, retried.tree_size]);
});

test('a retry with files beside it reads those, too, and the summary tells both', async (t) => {
  const place = temporaryPlace(t);
  const [old, fresh] = [join(place.base, 'old.log'), join(place.base, 'fresh.log')];
  writeFileSync(old, lines(0, 3));
  assert.equal((await ingest(place, '--format', 'cef', old)).rejected, 3);
  writeFileSync(fresh, lines(3, 2));
  const both = (await ingest(place, '--retry-rejected', fresh)) as Summary & { retried: Summary };
  assert.deepEqual([both.retried.events, both.events, both.tree_size], [3, 2, 8]);
  writeFileSync(fresh, lines(3, 6));
  const told = await wardkeep(place, ['ingest', '--data', place.data, '--retry-rejected', fresh]);
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /^Retried {3}nothing: no rejected record is left[^]*\nAppended {2}4 events/);
  // Where there is no ledger yet, the files make one; a retry alone does not.
  const other = { ...place, data: join(place.base, 'other') };
  assert.equal((await wardkeep(other, ['ingest', '--data', other.data, '--retry-rejected'])).code, 1);
  assert.equal((await ingest(other, '--retry-rejected', fresh)).events, 6);
});

test('wrong usage exits 2 with words and makes no ledger', async (t) => {
  const place = temporaryPlace(t);
  const file = join(place.base, 'fw.log');
  writeFileSync(file, lines(0, 1));
  const cases: [string[], RegExp][] = [
    [['--format', 'nonsense', file], /no format named nonsense[^]*cloudtrail/],
    [['--zone', 'Mars/Olympus', file], /--zone takes a time zone/],
    [['--zone', '+25:00', file], /--zone takes a time zone/],
    [['--year', '26', file], /--year takes/],
    [['--year', '20260', file], /--year takes/],
    [['--year', 'last', file], /--year takes/],
    [[], /name at least one file/],
    [['-', file], /stands alone/],
    [['--nonsense', file], /nonsense/],
  ];
  for (const [args, words] of cases) {
    const ran = await wardkeep(place, ['ingest', '--data', place.data, ...args]);
    assert.equal(ran.code, 2, `${args.join(' ')}: ${ran.stderr}`);
    assert.match(ran.stderr, words);
  }
  const missing = await wardkeep(place, ['ingest', '--data', place.data, join(place.base, 'nowhere')]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /nowhere does not exist/);
  assert.doesNotMatch(missing.stderr, /fault of Wardkeep/);
});

const isRoot = process.getuid?.() === 0;

test(
  'a file or folder without permission is named, the rest is read',
  { skip: isRoot ? false : 'needs root to run as another user' },
  async (t) => {
    const place = temporaryPlace(t);
    const dir = join(place.base, 'logs with space');
    mkdirSync(join(dir, 'closed'), { recursive: true });
    writeFileSync(join(dir, 'open.log'), lines(0, 10));
    writeFileSync(join(dir, 'secret.log'), lines(10, 10));
    writeFileSync(join(dir, 'closed', 'in.log'), lines(20, 10));
    chmodSync(join(dir, 'secret.log'), 0o600);
    chmodSync(join(dir, 'closed'), 0o700);
    chmodSync(place.base, 0o777);
    const ran = await wardkeep(place, ['ingest', '--data', place.data, '--json', dir], { uid: 65_534 });
    assert.equal(ran.code, 1, ran.stderr);
    const summary = JSON.parse(ran.stdout) as Summary;
    assert.deepEqual(summary.problems.map(({ file }) => file).toSorted(), [
      join(dir, 'closed'),
      join(dir, 'secret.log'),
    ]);
    for (const { text } of summary.problems) assert.match(text, /may not be read by this user/);
    await assertLines(place, lines(0, 10));
  },
);
