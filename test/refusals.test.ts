import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Place, type RunOptions, temporaryPlace, wardkeep } from './support/cli.ts';
import { logLines } from './support/log-lines.ts';

/** What the system refuses is told with its path, the reason and what to do, and is never called a fault of ours. */
async function assertRefused(place: Place, args: string[], words: RegExp, options: RunOptions = {}): Promise<void> {
  const ran = await wardkeep(place, args, options);
  const told = ran.stderr.replaceAll(/\s+/g, ' ');
  const named = `${args.join(' ')}: ${ran.stderr}`;
  assert.equal(ran.code, 1, named);
  assert.match(told, words, named);
  assert.match(told, /What to do: \S/, named);
  assert.doesNotMatch(told, /fault of Wardkeep| at .*:\d+:\d+/, named);
}

async function ledgerIn(place: Place): Promise<void> {
  writeFileSync(join(place.base, 'fw.log'), logLines(0, 3));
  const made = await wardkeep(place, ['ingest', '--data', place.data, join(place.base, 'fw.log')]);
  assert.equal(made.code, 0, made.stderr);
}

const isRoot = process.getuid?.() === 0;

test(
  'a data directory that this user may not read or write is named, with what to do',
  { skip: isRoot ? false : 'needs root to run as another user' },
  async (t) => {
    const place = temporaryPlace(t);
    chmodSync(place.base, 0o755);
    await ledgerIn(place);
    const other = { ...place, env: { ...place.env, XDG_CONFIG_HOME: join(place.base, 'config of another') } };
    const locked = join(place.base, 'locked');
    mkdirSync(locked, { mode: 0o755 });
    const noRight = /(?:data|locked)\S* cannot be \w+: this user has no right to it \(EACCES\)/;
    const cases = [
      ['ingest', '--data', join(locked, 'd'), join(place.base, 'fw.log')],
      ['ingest', '--data', place.data, join(place.base, 'fw.log')],
      ['ledger', 'init', '--data', join(locked, 'd')],
      ['ledger', 'verify', '--data', place.data],
      ['events', '--data', place.data],
      ['detect', '--data', place.data],
      ['status', '--data', place.data],
    ];
    for (const args of cases) await assertRefused(other, args, noRight, { uid: 65_534 });
    const doctor = await wardkeep(other, ['doctor', '--data', place.data], { uid: 65_534 });
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, /FAIL {2}\S+ledger\.json cannot be read: this user has no right to it/);
    const verified = await wardkeep(place, ['ledger', 'verify', '--data', place.data]);
    assert.equal(verified.code, 0, 'what was acknowledged is intact');
  },
);

test('a path that cannot be written, or is a file where a folder is asked for, is named with what to do', async (t) => {
  const place = temporaryPlace(t);
  await ledgerIn(place);
  const file = join(place.base, 'fw.log');
  const nowhere = join(place.base, 'nowhere', 'x');
  const cases: [string[], RegExp][] = [
    [['ledger', 'init', '--data', file], /fw\.log\/ledger cannot be made: a part of that path is a file/],
    [['ledger', 'verify', '--data', file], /a part of that path is a file, not a folder \(ENOTDIR\)/],
    [['ledger', 'prove', '--data', place.data, '0', '--out', nowhere], /nowhere\/x cannot be opened: there is no such/],
    [['ledger', 'export', '--data', place.data, file], /fw\.log cannot be read: a part of that path is a file/],
    [['rules', 'check', '--json', nowhere], /nowhere\/x cannot be opened: there is no such file or folder/],
    [['rules', 'check', '--json', place.base], /cannot be opened: it is a folder, not a file/],
    [['ingest', '--data', file, file], /wardkeep\.json cannot be opened: a part of that path is a file/],
  ];
  if (process.platform === 'linux')
    cases.push([['ledger', 'export', '--data', place.data, '/proc/x'], /\/proc\/x cannot be made/]);
  for (const [args, words] of cases) await assertRefused(place, args, words);
});
