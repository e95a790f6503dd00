import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONG } from '../../test/support/shared.ts';
import { FakeLedger, NOW, manyEvents, openOver, temporaryDirectory } from './support.fixture.ts';

const CHILD = fileURLToPath(new URL('./kill.child.ts', import.meta.url));
const KILLS = LONG ? 60 : 2;
/** More entries than any child comes to. */
const ENTRIES = 6_000;

/** Starts a child that seals without end and kills it `afterMs` after it began to; gives up to which entry it said it had sealed. */
async function sealAndKill(dir: string, many: number, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, dir, String(many)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let sealed = 0;
  child.stdout.on('data', (text: Buffer) => {
    if (text.includes('ready')) setTimeout(() => child.kill('SIGKILL'), afterMs);
    sealed = Math.max(sealed, ...text.toString().split('\n').map(Number).filter(Number.isFinite));
  });
  await new Promise((resolve) => child.once('close', resolve));
  return sealed;
}

test('after kill -9 at any moment of sealing and merging each entry is there once', async (t) => {
  const dir = temporaryDirectory(t);
  let many = 100;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const sealed = await sealAndKill(dir, many, 40 + ((kill * 137) % 400));
    many = Math.min(ENTRIES, Math.max(many, sealed) + 40);
    const ledger = new FakeLedger();
    ledger.append(manyEvents(many));
    await using archive = await openOver(ledger, dir, NOW);
    assert.ok(archive.status().sealedTo >= sealed, 'what was sealed stays sealed');
    await archive.settled();
    const { rows, skipped } = await archive.hunt('SELECT count(*), count(DISTINCT "index"), max("index") FROM events', {
      limit: 1,
      seesPatients: true,
    });
    assert.deepEqual({ rows, skipped }, { rows: [[many, many, many - 1]], skipped: [] });
    const parquet = readdirSync(join(dir, 'archive'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.parquet'),
    );
    assert.equal(parquet.length, archive.status().files, 'what a crash left behind is gone');
  }
});
