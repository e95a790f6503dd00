import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock } from '#kernel';
import { fuzzInputs, LONG, sharedPath, skipWithoutShared } from '../../test/support/shared.ts';
import { BatchAreas } from './batch-areas.ts';
import type { Member } from './containers/open.ts';
import { type PackedBatch, unpackEntries } from './packed-batch.ts';
import { produceMember } from './produce-member.ts';
import { MarkBook } from './resume.ts';
import { SOURCES } from './sources.ts';

const MIB = 1024 * 1024;
const OPTIONS = {
  sources: SOURCES,
  zone: undefined,
  year: undefined,
  raw: {},
  clock: new ManualClock(0),
  areas: BatchAreas.make(0),
};

function memberOf(bytes: Buffer, chunk: number): Member {
  const cut = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunk) yield Buffer.from(bytes.subarray(at, at + chunk));
  };
  return { file: '/logs/one', member: null, modifiedMs: 0, head: bytes.subarray(0, 65_536), bytes: cut() };
}

/** Reads what the book does not know yet, at most so many batches; each becomes durable with its mark. */
async function readOn(book: MarkBook, member: Member, most = Infinity): Promise<{ raws: string[]; isWhole: boolean }> {
  const raws: string[] = [];
  let batches = 0;
  for await (const batch of produceMember(member, book.find(member, new Set()), OPTIONS)) {
    if (batch === 'known') continue;
    if (batches >= most) return { raws, isWhole: false };
    batches += 1;
    book.set(batch.mark);
    raws.push(...rawsOf(batch));
  }
  return { raws, isWhole: true };
}

function rawsOf(batch: PackedBatch): string[] {
  return unpackEntries(batch, OPTIONS.areas).map(({ raw }) => Buffer.from(raw).toString('latin1'));
}

/** What is in `some` more often than in `others`. */
function surplus(some: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of others) counts.set(one, (counts.get(one) ?? 0) + 1);
  return some.filter((one) => {
    const left = counts.get(one) ?? 0;
    counts.set(one, left - 1);
    return left <= 0;
  });
}

const FILES = [
  'formats/zeek-tsv/ssh.log',
  'formats/zeek-json/ssh.log',
  'formats/syslog/crowdsec-sshd_banner_exchange-sshd_banner_exchange.log',
  'formats/windows-other/crowdsec-windows-bf-windows-bf.log',
  'formats/atna-dicom-audit/atna-rfc5425-octet-counted.bin',
  'formats/idp-other/crowdsec-authelia-logs-authelia-logs.log',
  'formats/hl7v2/lfh-ORU-multiline-short.hl7',
];

test(
  'whenever reading stops and however the file grew, each record comes once; only its cut end comes besides',
  skipWithoutShared,
  async () => {
    const contents = FILES.map((file) => readFileSync(sharedPath(file)).subarray(0, 6000));
    contents.push(Buffer.concat([contents[6] as Buffer, Buffer.from('\r'), contents[6] as Buffer]));
    const zeek = (contents[1] as Buffer).toString().split('\n').slice(0, 8);
    contents.push(
      Buffer.from(`[\n${zeek.join(',\n')}\n]\n`),
      Buffer.from(
        JSON.stringify(
          zeek.map((one) => JSON.parse(one)),
          null,
          1,
        ),
      ),
    );
    const run = fc.record({
      bytes: fc.constantFrom(...contents),
      grown: fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { maxLength: 2 }),
      chunk: fc.integer({ min: 20, max: 1500 }),
      stops: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ bytes, grown, chunk, stops }) => {
        const whole = await readOn(new MarkBook([]), memberOf(bytes, bytes.length));
        const book = new MarkBook([]);
        const raws: string[] = [];
        const ends: string[] = [];
        for (const share of [...grown.toSorted((a, b) => a - b), 1]) {
          const length = Math.max(600, Math.floor(bytes.length * share));
          for (const most of [...stops, Infinity]) {
            const part = await readOn(book, memberOf(bytes.subarray(0, length), chunk), most);
            raws.push(...part.raws);
            if (part.isWhole && part.raws.length > 0) ends.push(part.raws.at(-1) as string);
          }
        }
        assert.deepEqual(surplus(whole.raws, raws), [], 'a record is missing');
        for (const extra of surplus(raws, whole.raws))
          assert.ok(ends.includes(extra), `twice, or never there: ${extra}`);
      }),
      { numRuns: fuzzInputs({ oneIn: 50 }) },
    );
  },
);

test('a line without an end takes no more memory than its limit, and is one rejected record', async () => {
  const count = LONG ? 2048 : 400;
  const first = Buffer.alloc(MIB, 'x');
  let held = 0;
  const bytes = async function* (): AsyncGenerator<Buffer> {
    for (let i = 0; i < count; i += 1) {
      yield Buffer.alloc(MIB, 'x');
      if (i % 20 === 0) held = Math.max(held, process.memoryUsage().arrayBuffers);
    }
    yield Buffer.from('\n<13>1 2026-01-05T00:00:00Z h app - - - behind it\n');
  };
  const member = { file: '/logs/long', member: null, modifiedMs: 0, head: first.subarray(0, 65_536), bytes: bytes() };
  const { raws } = await readOn(new MarkBook([]), member);
  assert.deepEqual(
    raws.map((raw) => raw.length),
    [4096, 48],
  );
  assert.ok(held < 300 * MIB, `${Math.round(held / MIB)} MiB are held`);
});
