import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CliIo } from '../io.ts';
import { UsageError } from '../usage.ts';
import { rulesCommand } from './rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'wardkeep-rules-command-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const RULE = `title: Shadow copies deleted
id: 11111111-2222-4333-8444-555555555555
level: high
author: Wardkeep
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\\vssadmin.exe', CommandLine|contains|windash: ' -quiet'}
  filter: {User|expand: '%Admins%'}
  condition: selection and not filter
`;
writeFileSync(join(folder, 'rule.yml'), RULE);
writeFileSync(join(folder, 'bad.yml'), 'title: x\n');

async function run(argv: string[], stdin = ''): Promise<{ code: number; out: string }> {
  let out = '';
  const io: CliIo = {
    stdout: (text) => void (out += text),
    stderr: () => undefined,
    stdin: async function* () {
      yield Buffer.from(stdin);
    },
    interactive: false,
    color: false,
    columns: 100,
    env: { XDG_DATA_HOME: join(folder, 'xdg') },
    cwd: folder,
  };
  return { code: await rulesCommand(argv, io), out };
}

test('check writes its report as JSON and fails when a rule does', async () => {
  const { code } = await run(['check', '--rules', '.', '--json', 'report.json']);
  assert.equal(code, 1);
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(report), ['loaded', 'failed', 'unresolved']);
  assert.deepEqual(report['loaded'], 1);
  assert.deepEqual(report['unresolved'], [{ file: join(folder, 'rule.yml'), placeholder: 'Admins' }]);
  assert.deepEqual(report['failed'], [
    { file: join(folder, 'bad.yml'), reason: 'document has no detection, correlation or filter' },
  ]);
});

test('explain shows each condition, its answer and what the event says', async () => {
  writeFileSync(join(folder, 'admins.yml'), 'Admins: [root]\n');
  const event = {
    Channel: 'Security',
    EventID: 4688,
    NewProcessName: 'C:\\vssadmin.exe',
    CommandLine: 'vssadmin /QUIET',
    SubjectUserName: 'eve',
  };
  const args = ['explain', 'rule.yml', '-', '--family', 'windows', '--placeholders', 'admins.yml'];
  const { code, out } = await run(args, JSON.stringify(event));
  assert.equal(code, 0);
  assert.match(out, /matches this event/);
  assert.match(out, /\+ Image\|endswith = \*\\vssadmin\.exe {3}event: C:\\vssadmin\.exe/);
  assert.match(out, /- .*User\|expand = root {3}event: eve/);
  const other = await run(args, JSON.stringify({ ...event, NewProcessName: 'C:\\cmd.exe' }));
  assert.match(other.out, /does not match/);
  assert.match(other.out, /- Image\|endswith/);
});

test('an import is found by list', async () => {
  assert.equal((await run(['import', 'rule.yml'])).code, 0);
  const { out } = await run(['list', '--json']);
  const rows = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string });
  assert.ok(rows.some(({ id }) => id === '11111111-2222-4333-8444-555555555555'));
});

test('an import with a rule that fails names it and exits 1; one without any that loads keeps nothing', async () => {
  const mixed = join(folder, 'mixed');
  mkdirSync(mixed);
  for (let n = 0; n < 7; n += 1) writeFileSync(join(mixed, `bad${n}.yml`), 'title: x\n');
  const none = await run(['import', 'mixed', '--data', join(folder, 'other')]);
  assert.equal(none.code, 1);
  assert.match(none.out, /^nothing was imported: no rule in it can be loaded\n0 loaded, 7 failed/);
  assert.equal(existsSync(join(folder, 'other')), false);
  writeFileSync(join(mixed, 'good.yml'), RULE);
  const some = await run(['import', 'mixed', '--data', join(folder, 'other')]);
  assert.equal(some.code, 1);
  assert.match(some.out, /^8 rule files copied to /);
  assert.match(some.out, /1 loaded, 7 failed[^]*\n {2}failed {2}[^\n]*bad0\.yml: document has no detection/);
  assert.match(some.out, /\n {2}and 2 more\n$/);
});

test('wrong usage is said in words', async () => {
  await assert.rejects(run([]), UsageError);
  await assert.rejects(run(['frob']), /no "rules frob"/);
  await assert.rejects(run(['explain', 'x']), UsageError);
  await assert.rejects(run(['explain', 'rule.yml', '-'], 'no json'), /not one JSON value/);
  assert.match((await run(['--help'])).out, /rules explain RULE EVENT/);
});

test('the report of a check needs a path, and the message shows one', async () => {
  for (const args of [['--json'], ['--json', '--level', 'high'], ['--json=']]) {
    const isNamed = (error: unknown): boolean =>
      error instanceof UsageError &&
      /--json PATH names the file .* "rules check --json report\.json"/.test(error.message);
    await assert.rejects(run(['check', ...args]), isNamed, args.join(' '));
  }
});
