import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLedger, parsePolicy } from '#ledger';
import type { CliIo } from '../io.ts';
import { UsageError } from '../usage.ts';
import { ledgerCommand } from './ledger.ts';

async function* noInput(): AsyncGenerator<Buffer> {
  // Nothing stands on standard input.
}

/** Runs `ledger …` and gives the exit code and what it printed. */
async function run(argv: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const io: CliIo = {
    stdout: (text) => void (out += text),
    stderr: () => undefined,
    stdin: noInput,
    interactive: false,
    color: false,
    columns: 100,
    env: {},
    cwd: '/',
  };
  return { code: await ledgerCommand(argv, io), out };
}

/** Keys in a policy, when it can be read. */
function logsOf(policy: string): number {
  return parsePolicy(policy).logs.length;
}

test('a ledger is made, changed, proven, exported, ended and verified from the command line', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-cli-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const dir = join(base, 'data');
  const where = ['--data', dir, '--key-file', join(base, 'key'), '--json'];
  assert.equal(JSON.parse((await run(['init', ...where, '--origin', 'log.test/cli'])).out).origin, 'log.test/cli');
  assert.equal((await run(['rotate', ...where])).code, 0);
  assert.equal((await run(['prove', '0', ...where, '--open', 'normal', '--out', join(base, 'r.tlog-proof')])).code, 0);
  const plain = await run(['prove', '0', ...where.slice(0, -1)]);
  assert.match(plain.out, /^c2sp\.org\/tlog-proof@v1\n/);
  assert.deepEqual(JSON.parse((await run(['prove', '0', ...where])).out), { index: 0, receipt: plain.out });
  const { policy, policy_ed25519: classic } = JSON.parse((await run(['keys', ...where])).out);
  assert.deepEqual([logsOf(policy), logsOf(classic)], [4, 2]);
  await assert.rejects(run(['prove', '99', ...where]), { code: 'no_such_entry', message: /none of index 99/ });
  await run(['hold', ...where, '--place', 'case 1', '--from', '2020-01-01']);
  await assert.rejects(run(['erase', ...where, '--index', '0', '--reason', 'x']), { code: 'held' });
  await run(['hold', ...where, '--release', 'case 1']);
  assert.equal(JSON.parse((await run(['erase', ...where, '--index', '0', '--reason', 'x'])).out).erased, 1);
  assert.equal((await run(['export', join(base, 'tree'), ...where])).code, 0);
  assert.deepEqual(readdirSync(join(base, 'tree')).toSorted(), ['checkpoint', 'tile']);
  const next = [
    '--successor',
    join(base, 'next'),
    '--successor-key-file',
    join(base, 'key2'),
    '--origin',
    'log.test/2',
  ];
  assert.equal(JSON.parse((await run(['close', ...where, ...next])).out).successor, 'log.test/2');
  const { code, out } = await run(['verify', ...where]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).bodies.erased, 1);
  const [segment = ''] = readdirSync(join(dir, 'ledger', 'journal'));
  truncateSync(join(dir, 'ledger', 'journal', segment), 100);
  const bad = await run(['verify', ...where]);
  assert.equal(bad.code, 1);
  assert.equal(JSON.parse(bad.out).firstBadIndex, 0);
});

test('verify says whose keys it checked against, in words and as JSON', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-cli-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const where = ['--data', join(base, 'data'), '--key-file', join(base, 'key')];
  await run(['init', ...where]);
  const own = "checked against this directory's own keys; give --key to check against one you were handed";
  assert.ok((await run(['verify', ...where])).out.split('\n').includes(own));
  const { trust, trustNote } = JSON.parse((await run(['verify', ...where, '--json'])).out);
  assert.deepEqual([trust, trustNote], ['own', own]);
  const { signing } = JSON.parse((await run(['keys', ...where, '--json'])).out);
  const given = ['--key', signing[0].ed25519, '--key', signing[0].mldsa];
  assert.ok(!(await run(['verify', ...where, ...given])).out.includes('own keys'));
  const checked = JSON.parse((await run(['verify', ...where, ...given, '--json'])).out);
  assert.deepEqual(checked.findings, []);
  assert.deepEqual([checked.good, checked.trust, checked.trustNote], [true, 'given', null]);
  await run(['init', '--data', join(base, 'other'), '--key-file', join(base, 'key2')]);
  const other = JSON.parse(
    (await run(['keys', '--data', join(base, 'other'), '--key-file', join(base, 'key2'), '--json'])).out,
  );
  const foreign = JSON.parse((await run(['verify', ...where, '--key', other.signing[0].ed25519, '--json'])).out);
  assert.equal(foreign.good, false);
});

test('wrong usage is told apart from failure, and the help teaches', async () => {
  await assert.rejects(run(['verify']), UsageError);
  await assert.rejects(run(['nothing', '--data', 'x']), UsageError);
  await assert.rejects(run(['verify', '--data', '/nowhere/at/all']), { code: 'missing' });
  assert.match((await run(['--help'])).out, /Examples:/);
  assert.equal((await run([])).code, 2);
});

test('an erasure takes the findings along that quote the entry, and says how many', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-cli-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const where = ['--data', join(base, 'data'), '--key-file', join(base, 'key')];
  await run(['init', ...where]);
  const event = {
    class_uid: 2004,
    metadata: { log_format: 'wardkeep/finding' },
    evidences: [{ data: { indexes: [1] } }],
  };
  const rest = { raw: new Uint8Array(0), patient: null, retention: 'record' } as const;
  {
    await using ledger = await openLedger({ dir: join(base, 'data'), keyFile: join(base, 'key') });
    await ledger.append([
      { ...rest, classUid: 0, normal: '{}' },
      { ...rest, classUid: 0, normal: '{}' },
      { ...rest, classUid: 2004, normal: JSON.stringify(event) },
    ]);
  }
  const plain = await run(['erase', ...where, '--index', '0', '--reason', 'request']);
  assert.match(plain.out, /^1 body erased; recorded as entry 3\./);
  const { out } = await run(['erase', ...where, '--index', '1', '--reason', 'request', '--json']);
  const expected = { erased: 2, indexes: [1], findings: [2], eventIndex: 4, stateScrubbed: true };
  assert.deepEqual(JSON.parse(out), expected);
});
