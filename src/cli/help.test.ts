import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CliIo } from './io.ts';
import { run } from './run.ts';

const COMMANDS = ['demo', 'scan', 'ingest', 'detect', 'events', 'rules', 'ledger', 'receipt'];
const TERMINAL_COLUMNS = 80;

async function* noInput(): AsyncGenerator<Buffer> {
  // Nothing stands on standard input.
}

async function cli(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: CliIo = {
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    stdin: noInput,
    interactive: false,
    color: false,
    columns: TERMINAL_COLUMNS,
    env: {},
    cwd: '/',
  };
  return { code: await run(argv, io), out, err };
}

test('the overview names every command', async () => {
  const { code, out } = await cli('--help');
  assert.equal(code, 0);
  for (const command of COMMANDS) assert.match(out, new RegExp(`^  ${command} `, 'm'));
});

for (const command of COMMANDS) {
  test(`the help of ${command} goes to standard output, begins with its usage and fits a terminal`, async () => {
    const { code, out, err } = await cli(command, '--help');
    assert.deepEqual({ code, err }, { code: 0, err: '' });
    assert.match(out, new RegExp(`^Usage: wardkeep ${command}\\b`));
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > TERMINAL_COLUMNS),
      [],
    );
  });

  test(`an unknown option of ${command} is wrong usage: code 2, one sentence and where to look`, async () => {
    const argv =
      command === 'ledger' || command === 'receipt' ? [command, 'verify', '--nonsense'] : [command, '--nonsense'];
    const { code, out, err } = await cli(...argv);
    assert.deepEqual({ code, out }, { code: 2, out: '' });
    assert.match(err, new RegExp(`^wardkeep ${command}: .+\nTry: wardkeep ${command} --help\n$`));
  });
}

test('an unknown command is wrong usage', async () => {
  const { code, out, err } = await cli('nonsense');
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, /there is no command "nonsense"/);
});

test('a path that is not there is told before anything is loaded or made', async () => {
  for (const argv of [
    ['scan', '/nowhere'],
    ['ingest', '--data', '/nowhere/data', '/nowhere'],
  ]) {
    const { code, out, err } = await cli(...argv);
    assert.deepEqual({ code, out }, { code: 1, out: '' });
    assert.equal(
      err,
      `wardkeep ${argv[0]}: /nowhere does not exist\nWhat to do: check the path and its permissions.\n`,
    );
  }
});

test('a format that is none is told with the list of formats, folded to the terminal', async () => {
  const { code, err } = await cli('scan', '--format', 'nonsense', '/');
  assert.equal(code, 2);
  assert.match(err, /there is no format named nonsense[^]*evtx/);
  for (const line of err.split('\n')) assert.ok(line.length <= TERMINAL_COLUMNS, line);
});
