/**
 * The archive with made events (seeded, about 800 bytes, 60 days, 2,000 users, 50,000 patients, 3,000 devices): how quickly
 * it seals, how large it is, how quickly it answers.
 *
 *   node bench/hunt.ts [1m|10m|NUMBER] [DIR]     DIR is kept and used again; without one, a temporary place
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Archive, openArchive } from '#archive';
import type { StoredEntry } from '#ledger';
import { huntFigures } from './hunt-figures.ts';
import { madeEntry } from './made-events.ts';

const DAYS = 60;
const END_MS = Date.UTC(2026, 10, 24);
const ENTRIES_A_BATCH = 1_000;

const [size = '1m', given] = process.argv.slice(2);
const many = size === '10m' ? 10_000_000 : size === '1m' ? 1_000_000 : Number(size);
const dir = given ?? mkdtempSync(join(tmpdir(), 'wardkeep-bench-'));
mkdirSync(dir, { recursive: true });

let bytes = 0;

async function* read(from: number, to: number): AsyncGenerator<StoredEntry[]> {
  for (let at = from; at < to; at += ENTRIES_A_BATCH)
    yield Array.from({ length: Math.min(ENTRIES_A_BATCH, to - at) }, (_one, n) => {
      const made = madeEntry(at + n, { many, days: DAYS, endMs: END_MS });
      bytes += made.normal.length;
      return made;
    });
}

const began = performance.now();
const cpu = process.cpuUsage();
{
  await using archive: Archive = await openArchive({
    dir,
    origin: 'bench.invalid/hunt',
    readFrom: read,
    ledgerSize: () => many,
    nowMs: END_MS,
  });
  const { sealedTo } = archive.status();
  await archive.settled();
  await archive.seal({ all: true });
  const made = many - sealedTo;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const status = archive.status();
  if (made > 0) {
    console.log(
      `${made} events of ${(bytes / made).toFixed(0)} bytes: ${(made / seconds).toFixed(0)} events/s with making them, ${((user + system) / made).toFixed(1)} µs of processor an event`,
    );
  }
  console.log(`${status.files} files, ${(status.bytes / many).toFixed(1)} bytes an event without the indexes`);
  console.log(`resident memory ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
  await huntFigures(archive, END_MS);
  console.log(`resident memory ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
}
if (given === undefined) rmSync(dir, { recursive: true, force: true });
