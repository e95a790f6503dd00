import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { auditLedger, openLedger } from './index.ts';
import { layoutOf } from './layout.ts';
import { WriteLock } from './lock.ts';
import { entriesOf, temporaryDirectory, temporaryLedger } from './support.fixture.ts';

const CHILD = fileURLToPath(new URL('kill.child.ts', import.meta.url));
const posix = { skip: process.platform === 'win32' && 'Windows deletes no file that is open' };

test('a writer whose lock was deleted stops, and all it acknowledged is there for the next one', posix, async (t) => {
  const place = await temporaryLedger(t);
  const child = spawn(process.execPath, [CHILD, place.dir, place.keyFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let said = '';
  let failed = '';
  child.stderr.on('data', (chunk: Buffer) => (failed += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  while (!/\d\n/.test(said)) await once(child.stdout, 'data');
  rmSync(join(layoutOf(place.dir).root, 'lock'));
  const ledger = await openLedger(place);
  const [code] = await ended;
  assert.notEqual(code, 0);
  assert.match(failed, /lock_lost/);
  const acknowledged = Number(said.trimEnd().split('\n').at(-1));
  assert.ok(ledger.size >= acknowledged, `${acknowledged} acknowledged, ${ledger.size} there`);
  await ledger.append(entriesOf(0, 3));
  await ledger[Symbol.asyncDispose]();
  assert.deepEqual((await auditLedger(place)).findings, []);
});

test(
  'after its lock was replaced a handle neither appends nor publishes nor rewrites, and leaves the pid alone',
  posix,
  async (t) => {
    const place = await temporaryLedger(t);
    const { root, checkpoint } = layoutOf(place.dir);
    const first = await openLedger({ ...place, publishEveryMs: 0 });
    await first.append(entriesOf(0, 3));
    rmSync(join(root, 'lock'));
    {
      using second = new WriteLock(root);
      second.check();
      const before = readFileSync(checkpoint);
      await assert.rejects(first.publish(), { code: 'lock_lost' });
      await assert.rejects(first.upkeep.rotate(), { code: 'lock_lost' });
      await assert.rejects(first.upkeep.erase([1], 'asked for'), { code: 'lock_lost' });
      await assert.rejects(first.append(entriesOf(3, 1)), { code: 'lock_lost' });
      await assert.rejects(first.append(entriesOf(3, 1)), { code: 'handle_dead' });
      assert.ok(!existsSync(join(root, 'pending.json')));
      await first[Symbol.asyncDispose]();
      assert.deepEqual(readFileSync(checkpoint), before);
      assert.equal(readFileSync(join(root, 'lock.pid'), 'utf8'), `${process.pid}\n`);
    }
    await using again = await openLedger(place);
    assert.equal(again.size, 3);
  },
);

test('a lock that is whole may be looked at as often as one likes', (t) => {
  const dir = temporaryDirectory(t);
  using lock = new WriteLock(dir);
  lock.check();
  rmSync(join(dir, 'lock'));
  assert.throws(() => lock.check(), { code: 'lock_lost' });
});
