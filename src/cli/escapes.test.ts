import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLedger, openLedger } from '#ledger';
import type { CliIo } from './io.ts';
import { run } from './run.ts';

// What a log, a rule or somebody else's ledger says must not act on the terminal: not as escape sequence (ESC, or CSI as
// one character), not by a carriage return, not by turning the direction of text.
const EVIL = '\u001B[2J\u009B31m\r\u202Egpj';

const folder = mkdtempSync(join(tmpdir(), 'wardkeep-escapes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function output(argv: string[]): Promise<string> {
  let text = '';
  const io: CliIo = {
    stdout: (more) => void (text += more),
    stderr: (more) => void (text += more),
    stdin: async function* () {
      yield Buffer.from('');
    },
    interactive: false,
    color: false,
    columns: 100,
    env: { XDG_DATA_HOME: join(folder, 'xdg') },
    cwd: folder,
  };
  await run(argv, io);
  return text;
}

function assertHarmless(text: string): void {
  assert.ok(text.length > 0);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(text, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
}

const EVENT = { EventID: 4688, Channel: 'Security', NewProcessName: `C:\\${EVIL}\\x.exe` };
const RULE = {
  title: `Title ${EVIL}`,
  id: '11111111-2222-4333-8444-555555555555',
  level: 'high',
  author: `Author ${EVIL}`,
  logsource: { product: 'windows', service: 'security' },
  detection: { selection: { [`New${EVIL}`]: EVIL, 'NewProcessName|contains': EVIL }, condition: 'selection' },
};
const LOG = join(folder, `log ${EVIL}.json`);
writeFileSync(join(folder, 'event.json'), JSON.stringify(EVENT));
// JSON is YAML.
writeFileSync(join(folder, 'rule.yml'), JSON.stringify(RULE));
writeFileSync(join(folder, `bad ${EVIL}.yml`), `title: ${JSON.stringify(EVIL)}\n`);
writeFileSync(LOG, `${JSON.stringify(EVENT)}\n${EVIL}\n`);

for (const argv of [
  ['rules', 'explain', join(folder, 'rule.yml'), join(folder, 'event.json')],
  ['rules', 'explain', EVIL, join(folder, 'event.json')],
  ['rules', 'check', folder],
  ['rules', 'list', '--rules', folder],
  ['rules', 'import', folder],
  ['scan', '--rules', folder, LOG],
  ['scan', join(folder, EVIL)],
  ['ingest', '--data', join(folder, 'data'), '--key-file', join(folder, 'key-ingest'), LOG],
  ['events', '--data', join(folder, 'data'), '--key-file', join(folder, 'key-ingest')],
  ['detect', '--data', join(folder, 'data'), '--key-file', join(folder, 'key-ingest'), '--rules', folder],
  ['ledger', 'verify', '--data', join(folder, EVIL)],
  ['receipt', 'verify', join(folder, EVIL), '--key', EVIL],
  [EVIL],
])
  test(`no control character reaches the terminal: ${argv
    .slice(0, 2)
    .join(' ')
    .replaceAll(/[^a-z ]/g, '')}`, async () => {
    assertHarmless(await output(argv));
  });

test('a ledger of somebody else is verified without its words acting on the terminal', async () => {
  const place = { dir: join(folder, 'foreign'), keyFile: join(folder, 'key') };
  await createLedger({ ...place, origin: 'log.test/one' });
  {
    await using ledger = await openLedger(place);
    await ledger.upkeep.placeHold({ name: `case ${EVIL}`, fromDay: null, toDay: null });
  }
  assertHarmless(await output(['ledger', 'hold', '--data', place.dir]));
  const path = join(place.dir, 'ledger', 'ledger.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, origin: `evil ${EVIL}`, anchor: EVIL, keyFile: EVIL }));
  assertHarmless(await output(['ledger', 'verify', '--data', place.dir]));
});
