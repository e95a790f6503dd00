import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Ledger } from '#ledger';

import { byForm } from '../../../../test/support/shared.ts';
import type { WatchedPath } from '../index.ts';
import { type Opened, eventsOf, livePlace, openLive } from '../live.fixture.ts';

/** As in a running server, with shorter pauses. */
const TIMING = {
  pollMs: 50,
  gatherMs: 5,
  settleMs: 300,
  goneQuietMs: 400,
  holdMs: 400,
  idleEndMs: 600_000,
  retryMs: 100,
};

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'wardkeep-files-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function watched(path: string, more: Partial<WatchedPath> = {}): WatchedPath {
  return { path, name: null, format: 'auto', zone: null, ...more };
}

async function watching(t: TestContext, ...paths: WatchedPath[]): Promise<Opened> {
  const live = await openLive(await livePlace(t), { fileTiming: TIMING });
  await live.intake.watchFiles(paths);
  return live;
}

/** One line as a web server writes it; its number is the user's name. */
function line(n: number): string {
  return `10.0.0.1 - user${n} [24/Nov/2026:10:00:00 +0000] "GET /chart/${n} HTTP/1.1" 200 ${n} "-" "curl/8"\n`;
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, n) => line(from + n)).join('');
}

/** Numbers of the lines that are in the ledger, sorted. */
async function numbersOf(ledger: Ledger): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of ledger.read())
    for (const { raw } of batch) {
      const number = /user(\d+) /.exec(Buffer.from(raw).toString())?.[1];
      if (number !== undefined) found.push(Number(number));
    }
  return found.toSorted((a, b) => a - b);
}

function upTo(end: number): number[] {
  return Array.from({ length: end }, (_, n) => n);
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 3_000; n += 1) {
    if (await isSo()) return;
    await sleep(20);
  }
  assert.fail('it did not come to this within a minute');
}

/** Waits for so many entries, and then long enough that one too many would be there, too. */
async function settledAt(live: Opened, size: number): Promise<void> {
  await until(() => live.ledger.size >= size);
  await sleep(1_200);
  assert.equal(live.ledger.size, size);
}

test('what is appended comes, half a line waits, and the source shows it', async (t) => {
  const path = join(scratch(t), 'access.log');
  writeFileSync(path, lines(0, 3));
  await using live = await watching(t, watched(path, { name: 'Portal' }));
  await until(() => live.ledger.size === 3);
  appendFileSync(path, line(3) + line(4).slice(0, 30));
  await settledAt(live, 4);
  appendFileSync(path, line(4).slice(30));
  await settledAt(live, 5);
  assert.deepEqual(await numbersOf(live.ledger), upTo(5));
  const [status] = live.intake.sources();
  assert.equal(status?.source.name, 'Portal');
  assert.equal(status.source.kind, 'file');
  assert.deepEqual([status.health, status.events, status.rejected], ['ok', 5, 0]);
  const [event] = await eventsOf(live.ledger);
  assert.ok(event?.metadata.labels?.includes(`source:${status.source.id}`));
  assert.ok(event?.metadata.labels?.includes('transport:file'));
  assert.deepEqual(
    live.intake
      .watchedFiles()
      .map(({ files, unreadable, behindBytes, problem }) => [files, unreadable, behindBytes, problem]),
    [[1, 0, 0, null]],
  );
});

for (const [name, rotate] of [
  ['by rename', (path: string) => renameSync(path, `${path}.1`)],
  [
    'by copy and truncation',
    (path: string) => {
      copyFileSync(path, `${path}.1`);
      truncateSync(path, 0);
    },
  ],
] as const)
  for (const what of ['its folder', 'it alone'])
    test(`a log that is rotated ${name} while it is written, ${what} watched: each line once`, async (t) => {
      const dir = scratch(t);
      const path = join(dir, 'app.log');
      writeFileSync(path, '');
      await using live = await watching(t, watched(what === 'its folder' ? dir : path));
      let n = 0;
      for (let round = 0; round < 4; round += 1) {
        // Not a pause between what is written and the rotation: much of it was not read yet.
        for (let k = 0; k < 20; k += 1) {
          appendFileSync(path, lines(n, (n += 50)));
          if (k % 7 === 0) await sleep(3);
        }
        for (const old of [3, 2, 1])
          if (existsSync(`${path}.${old}`)) renameSync(`${path}.${old}`, `${path}.${old + 1}`);
        rotate(path);
        await sleep(700);
      }
      appendFileSync(path, lines(n, (n += 10)));
      await until(() => live.ledger.size >= n);
      await sleep(1_500);
      assert.deepEqual(await numbersOf(live.ledger), upTo(n));
    });

test('a rotated log that is compressed, also while Wardkeep is stopped, is not read twice', async (t) => {
  const dir = scratch(t);
  const place = await livePlace(t);
  const path = join(dir, 'app.log');
  writeFileSync(path, lines(0, 500));
  {
    await using live = await openLive(place, { fileTiming: TIMING });
    await live.intake.watchFiles([watched(dir)]);
    await until(() => live.ledger.size === 500);
  }
  // What was written before the rotation and never read goes on from the archive.
  writeFileSync(`${path}.1.gz`, gzipSync(lines(0, 520)));
  writeFileSync(path, lines(520, 530));
  await using live = await openLive(place, { fileTiming: TIMING });
  await live.intake.watchFiles([watched(dir)]);
  await until(() => live.ledger.size >= 530);
  renameSync(`${path}.1.gz`, `${path}.2.gz`);
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)));
  writeFileSync(path, line(530));
  await settledAt(live, 531);
  assert.deepEqual(await numbersOf(live.ledger), upTo(531));
});

test('logs that came and went as a whole while Wardkeep was stopped are read, those from before it watched are not', async (t) => {
  const dir = scratch(t);
  const place = await livePlace(t);
  const path = join(dir, 'app.log');
  const long = new Date(Date.now() - 86_400_000);
  writeFileSync(`${path}.1`, lines(900, 910));
  utimesSync(`${path}.1`, long, long);
  writeFileSync(path, lines(0, 30));
  {
    await using live = await openLive(place, { fileTiming: TIMING });
    await live.intake.watchFiles([watched(path)]);
    await settledAt(live, 30);
  }
  appendFileSync(path, lines(30, 40));
  renameSync(`${path}.1`, `${path}.4`);
  renameSync(path, `${path}.3`);
  writeFileSync(`${path}.2.gz`, gzipSync(lines(40, 70)));
  writeFileSync(`${path}.1`, lines(70, 100));
  writeFileSync(`${path}.pos`, lines(950, 951));
  writeFileSync(path, lines(100, 110));
  await using live = await openLive(place, { fileTiming: TIMING });
  await live.intake.watchFiles([watched(path)]);
  await settledAt(live, 110);
  assert.deepEqual(await numbersOf(live.ledger), upTo(110));
});

test('what was rotated before the first look was over is not missed', async (t) => {
  const dir = scratch(t);
  const path = join(dir, 'app.log');
  writeFileSync(path, '');
  const live = await openLive(await livePlace(t), { fileTiming: TIMING });
  t.after(() => live[Symbol.asyncDispose]());
  const watchingThem = live.intake.watchFiles([watched(path)]);
  await until(() => live.intake.sources().length === 1);
  for (let round = 0; round < 3; round += 1) {
    for (const old of [2, 1]) if (existsSync(`${path}.${old}`)) renameSync(`${path}.${old}`, `${path}.${old + 1}`);
    appendFileSync(path, lines(round * 10, round * 10 + 10));
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
  }
  await watchingThem;
  await settledAt(live, 30);
  assert.deepEqual(await numbersOf(live.ledger), upTo(30));
});

test('more rotated logs than marks are kept for: after a restart with a new one none is read again', async (t) => {
  const dir = scratch(t);
  const place = await livePlace(t);
  const path = join(dir, 'app.log');
  const rotate = (): void => {
    for (let old = 30; old > 0; old -= 1)
      if (existsSync(`${path}.${old}`)) renameSync(`${path}.${old}`, `${path}.${old + 1}`);
    if (existsSync(path)) renameSync(path, `${path}.1`);
  };
  let n = 0;
  {
    await using live = await openLive(place, { fileTiming: TIMING });
    await live.intake.watchFiles([watched(dir)]);
    for (let round = 0; round < 20; round += 1) {
      rotate();
      writeFileSync(path, lines(n, (n += 5)));
      await until(() => live.ledger.size >= n);
    }
  }
  rotate();
  writeFileSync(path, lines(n, (n += 5)));
  await using live = await openLive(place, { fileTiming: TIMING });
  await live.intake.watchFiles([watched(dir)]);
  await settledAt(live, n);
  rotate();
  writeFileSync(path, lines(n, (n += 5)));
  await settledAt(live, n);
  assert.deepEqual(await numbersOf(live.ledger), upTo(n));
});

test('new files and folders in a folder, a pattern, and a file that goes and comes back', async (t) => {
  const dir = scratch(t);
  mkdirSync(join(dir, 'hosts'));
  await using live = await watching(t, watched(join(dir, 'hosts')), watched(join(dir, '*.txt')));
  mkdirSync(join(dir, 'hosts', 'pc-1'));
  writeFileSync(join(dir, 'hosts', 'pc-1', 'messages'), lines(0, 10));
  writeFileSync(join(dir, 'a.txt'), lines(10, 20));
  writeFileSync(join(dir, 'a.log'), lines(900, 910));
  await settledAt(live, 20);
  renameSync(join(dir, 'a.txt'), join(dir, 'away'));
  await sleep(900);
  appendFileSync(join(dir, 'away'), line(20));
  renameSync(join(dir, 'away'), join(dir, 'a.txt'));
  appendFileSync(join(dir, 'a.txt'), line(21));
  await settledAt(live, 22);
  assert.deepEqual(await numbersOf(live.ledger), upTo(22));
});

test('the last line of a deleted file is taken without its end; a copy is not read again', async (t) => {
  const dir = scratch(t);
  const path = join(dir, 'app.log');
  writeFileSync(path, lines(0, 5) + line(5).trimEnd());
  await using live = await watching(t, watched(dir));
  await settledAt(live, 5);
  copyFileSync(path, join(dir, 'copy.log'));
  await settledAt(live, 5);
  unlinkSync(join(dir, 'copy.log'));
  unlinkSync(path);
  await settledAt(live, 6);
});

test('UTF-16 with its header, and tables, go on where they were after a restart', async (t) => {
  const dir = scratch(t);
  const place = await livePlace(t);
  const wide = join(dir, 'wide.log');
  const table = join(dir, 'conn.log');
  const row = (n: number) => `${1_790_000_000 + n}.5\tC${n}\t10.0.0.1\t${1_024 + n}\t10.0.0.2\t443\ttcp\n`;
  writeFileSync(wide, Buffer.from(`\uFEFF${lines(0, 20)}`, 'utf16le'));
  const head = '#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n';
  writeFileSync(table, head + row(0));
  {
    await using live = await openLive(place, { fileTiming: TIMING });
    await live.intake.watchFiles([watched(dir)]);
    await until(() => live.ledger.size === 21);
  }
  const more = Buffer.from(lines(20, 30), 'utf16le');
  appendFileSync(wide, more.subarray(0, 7));
  appendFileSync(table, row(1));
  await using live = await openLive(place, { fileTiming: TIMING });
  await live.intake.watchFiles([watched(dir)]);
  await until(() => live.ledger.size === 22);
  appendFileSync(wide, more.subarray(7));
  appendFileSync(table, row(2));
  await settledAt(live, 33);
  assert.deepEqual(await numbersOf(live.ledger), upTo(30));
  const rejected = (await eventsOf(live.ledger)).filter(({ metadata }) =>
    metadata.labels?.some((one) => one.startsWith('rejected:')),
  );
  assert.equal(rejected.length, 0);
});

test('what is missing is said and tried again; links lead nowhere; a removed source is read no more', async (t) => {
  const dir = scratch(t);
  const outside = join(scratch(t), 'secret.log');
  writeFileSync(outside, lines(900, 901));
  const path = join(dir, 'later', 'app.log');
  mkdirSync(join(dir, 'in'));
  symlinkSync(outside, join(dir, 'in', 'link.log'));
  symlinkSync(join(dir, 'in'), join(dir, 'in', 'loop'));
  await using live = await watching(t, watched(path), watched(join(dir, 'in')));
  await until(() => /does not exist/.test(live.intake.sources()[0]?.problem ?? ''));
  assert.equal(live.intake.sources()[0]?.health, 'troubled');
  mkdirSync(join(dir, 'later'));
  writeFileSync(path, lines(0, 2));
  writeFileSync(join(dir, 'in', 'b.log'), line(2));
  await settledAt(live, 3);
  assert.equal(live.intake.sources()[0]?.health, 'ok');
  await live.intake.removeSource(live.intake.sources()[1]?.source.id ?? '');
  appendFileSync(join(dir, 'in', 'b.log'), line(3));
  appendFileSync(path, line(4));
  await settledAt(live, 4);
  assert.deepEqual(await numbersOf(live.ledger), [0, 1, 2, 4]);
});

test('hostile files: a line without end, bytes of no format, a pipe; what stands behind them comes', async (t) => {
  const dir = scratch(t);
  const long = join(dir, 'long.log');
  // Holes: as long as it says, and quick to make.
  writeFileSync(long, line(0));
  truncateSync(long, byForm({ quick: 20_000_000, ordinary: 100_000_000, long: 2_200_000_000 }));
  appendFileSync(long, `\n${line(1)}`);
  writeFileSync(
    join(dir, 'noise.bin'),
    Buffer.concat([Buffer.from(line(2)), Buffer.alloc(70_000, '\x00\xff\x07\xe9'), Buffer.from(`\n${line(3)}`)]),
  );
  writeFileSync(join(dir, 'broken.gz'), gzipSync(lines(0, 100)).subarray(0, 60));
  await using live = await watching(t, watched(dir));
  await until(async () => (await numbersOf(live.ledger)).length >= 4);
  await settledAt(live, 6);
  assert.deepEqual(await numbersOf(live.ledger), [0, 1, 2, 3]);
  const [status] = live.intake.sources();
  assert.deepEqual(status?.rejects['too_long'], 1);
  assert.match(status?.problem ?? '', /a file of it cannot be read \(bad_archive\)/);
});

test('while the ledger cannot write nothing is read ahead, and nothing is lost or twice afterwards', async (t) => {
  let isFull = false;
  const faults = () =>
    isFull ? { error: Object.assign(new Error('full'), { code: 'ENOSPC' }), writtenBytes: 9 } : null;
  const path = join(scratch(t), 'app.log');
  writeFileSync(path, lines(0, 10));
  await using live = await openLive(await livePlace(t), { fileTiming: TIMING, faults, probeEveryMs: 50 });
  await live.intake.watchFiles([watched(path)]);
  await until(() => live.ledger.size === 10);
  isFull = true;
  appendFileSync(path, lines(10, 40_010));
  await until(() => live.intake.load().shut !== null);
  await sleep(300);
  const [state] = live.intake.watchedFiles();
  assert.ok((state?.behindBytes ?? 0) > 1_000_000, `${state?.behindBytes} bytes are behind`);
  isFull = false;
  await until(() => live.ledger.size >= 40_010);
  await sleep(500);
  assert.deepEqual(await numbersOf(live.ledger), upTo(40_010));
});

test('a format or zone that there is not stops the start with words', async (t) => {
  await using live = await openLive(await livePlace(t));
  await assert.rejects(live.intake.watchFiles([watched('/var/log/x', { format: 'nonsense' })]), { code: 'bad_option' });
});
