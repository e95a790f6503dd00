import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONG } from '../../test/support/shared.ts';
import { auditLedger, openLedger } from './index.ts';
import type { Place } from './support.fixture.ts';
import { entryOf, readAll, temporaryLedger } from './support.fixture.ts';

const CHILD = fileURLToPath(new URL('kill.child.ts', import.meta.url));
const ROUNDS = LONG ? 1000 : Number(process.env['WARDKEEP_KILLS'] ?? '20');
/** A child that has acknowledged nothing after this long has failed. */
const ROUND_MS_MAX = 30_000;

/** Lets a child append, kills it a random moment after its first acknowledgement; gives what it acknowledged last. */
function appendUntilKilled(place: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, place.dir, place.keyFile], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let planned = false;
    const limit = setTimeout(() => child.kill('SIGKILL'), ROUND_MS_MAX);
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (planned) return;
      planned = true;
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 40);
    });
    child.on('close', (_code, signal) => {
      clearTimeout(limit);
      const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));
      if (signal === 'SIGKILL' && planned) resolve(acknowledged);
      else reject(new Error(`the child ended by itself (${signal})`));
    });
  });
}

test(`nothing acknowledged is lost and nothing is doubled over ${ROUNDS} kills`, async (t) => {
  const place = await temporaryLedger(t);
  for (let round = 0; round < ROUNDS; round += 1) {
    const acknowledged = await appendUntilKilled(place);
    await using ledger = await openLedger({ ...place, mode: 'read' });
    assert.ok(ledger.size >= acknowledged, `${acknowledged} acknowledged, ${ledger.size} there`);
    assert.equal(ledger.mark('source')?.records, ledger.size);
  }
  await using ledger = await openLedger(place);
  const stored = await readAll(ledger);
  assert.equal(stored.length, ledger.mark('source')?.records);
  stored.forEach((one, n) => assert.equal(Buffer.from(one.normal).toString(), entryOf(n).normal));
  await ledger.publish();
  const report = await auditLedger(place);
  assert.deepEqual(report.findings, []);
  assert.equal(report.bodiesVerified, stored.length);
});
