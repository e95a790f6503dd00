import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import * as fc from 'fast-check';
import { createLedger } from '#ledger';
import { bufferIo } from '../../../test/support/buffer-io.ts';
import type { CliIo } from '../io.ts';
import { excerpt } from '../raw-record.ts';
import { UsageError } from '../usage.ts';
import { eventsCommand } from './events.ts';
import { ingestCommand } from './ingest.ts';
import { ledgerCommand } from './ledger.ts';
import { receiptCommand } from './receipt.ts';

const SSHD = '2026-11-24T08:00:00Z pc1 sshd[77]: Failed password for root from 10.0.0.9 port 4711 ssh2';
/** Not UTF-8 and of no format. */
const NOISE = Buffer.concat([Buffer.from('zebra \u0007crossing '), Uint8Array.of(0xfe, 0xff), Buffer.from(' end\n')]);

interface World {
  base: string;
  where: string[];
  run: (command: string, argv: string[], columns?: number) => Promise<{ code: number; out: string; err: string }>;
}

const COMMANDS: Record<string, (argv: string[], io: CliIo) => Promise<number>> = {
  events: eventsCommand,
  ingest: ingestCommand,
  ledger: ledgerCommand,
  receipt: receiptCommand,
};

/** A data directory into which these files were ingested. */
async function world(t: TestContext, files: Record<string, string | Buffer>, config: object = {}): Promise<World> {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-events-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const where = ['--data', join(base, 'data'), '--key-file', join(base, 'key')];
  const run: World['run'] = async (command, argv, columns = 100) => {
    const io = bufferIo({ cwd: base, columns });
    const code = (await COMMANDS[command]?.(argv, io)) ?? -1;
    return { code, out: io.out(), err: io.err() };
  };
  await createLedger({ dir: join(base, 'data'), keyFile: join(base, 'key'), origin: 'log.test/events' });
  writeFileSync(join(base, 'data', 'wardkeep.json'), JSON.stringify(config));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(base, name), content);
    assert.equal((await run('ingest', [...where, join(base, name)])).code, 0);
  }
  return { base, where, run };
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('programs get the record as it was received, as text, in base64, or its hash where that alone is kept', async (t) => {
  const { where, run } = await world(t, { 'auth.log': `${SSHD}\n`, noise: NOISE });
  const [noise, sshd] = lines((await run('events', [...where, '--output', 'ndjson'])).out);
  assert.deepEqual([sshd?.['index'], sshd?.['raw_data']], [0, SSHD]);
  assert.match(JSON.stringify(noise?.['metadata']), /"rejected:/);
  assert.deepEqual(Buffer.from(String(noise?.['raw_data']), 'base64'), NOISE.subarray(0, -1));
  const { out } = await run('events', [...where, '--output', 'json']);
  assert.equal(out, `${JSON.stringify([noise, sshd], null, 2)}\n`);
  assert.equal((await run('events', [...where, '--output', 'json', '--user', 'nobody'])).out, '[]\n');

  const hashed = await world(t, { 'auth.log': `${SSHD}\n` }, { raw: { default: 'hash' } });
  const [event] = lines((await hashed.run('events', [...hashed.where, '--output', 'ndjson'])).out);
  assert.equal(event?.['raw_data'], undefined);
  assert.match(JSON.stringify(event?.['raw_data_hash']), /"algorithm":"SHA-256"/);
});

test('an erased record is gone from the output, and what the ledger says of it has none', async (t) => {
  const { where, run } = await world(t, { 'auth.log': `${SSHD}\n${SSHD}\n` });
  assert.equal((await run('ledger', ['erase', ...where, '--index', '0', '--reason', 'x'])).code, 0);
  const { out, err } = await run('events', [...where, '--output', 'ndjson']);
  assert.deepEqual(
    lines(out).map(({ index, raw_data: raw }) => [index, raw]),
    [
      [2, undefined],
      [1, SSHD],
    ],
  );
  assert.match(err, /^1 entry that might fit could not be looked at: its body is erased, expired or sealed\.\n$/);
  for (const filter of [
    ['--class', '6005'],
    ['--since', '2999-01-01'],
  ])
    assert.equal((await run('events', [...where, ...filter])).err, 'No event fits.\n');
});

test('what did not parse is shown with its beginning, and found by its words', async (t) => {
  const { where, run } = await world(t, { 'auth.log': `${SSHD}\n`, noise: NOISE });
  for (const columns of [80, 120]) {
    const { out } = await run('events', [...where, '--class', '0'], columns);
    assert.match(out, /rejected:|source recognises/);
    assert.match(out, /\n {10}zebra ·crossing .* end\n$/);
    assert.equal(out.trimEnd().split('\n').length, 3);
  }
  const found = await run('events', [...where, '--text', 'ZEBRA', '--output', 'ndjson']);
  assert.deepEqual(
    lines(found.out).map(({ index }) => index),
    [1],
  );
  assert.match((await run('events', [...where, '--text', 'giraffe'])).err, /No event fits/);
});

test('the beginning of a record is cut by characters and holds no control character', () => {
  assert.equal(excerpt(Buffer.from('é'.repeat(90)), 80), `${'é'.repeat(80)}…`);
  assert.equal(excerpt(Buffer.from('\u{1F600}'.repeat(80)), 80), '\u{1F600}'.repeat(80));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const shown = excerpt(bytes, 80);
      assert.ok(Array.from(shown).length <= 81);
      assert.doesNotMatch(shown, /\p{Cc}/u);
    }),
  );
});

test('an event as it is printed is good by its receipt; any other index or field is bad', async (t) => {
  const { base, where, run } = await world(t, { 'auth.log': `${SSHD}\n${SSHD}\n`, noise: NOISE });
  const { policy } = JSON.parse((await run('ledger', ['keys', ...where, '--json'])).out) as { policy: string };
  writeFileSync(join(base, 'policy'), policy);
  const verify = async (event: object, form = JSON.stringify(event)): Promise<number> => {
    writeFileSync(join(base, 'event.json'), form);
    return (await run('receipt', ['verify', 'r.tlog-proof', '--policy', 'policy', '--event', 'event.json'])).code;
  };
  for (const event of lines((await run('events', [...where, '--output', 'ndjson'])).out)) {
    const index = event['index'] as number;
    const out = ['--open', 'normal,raw', '--out', join(base, 'r.tlog-proof')];
    assert.equal((await run('ledger', ['prove', String(index), ...where, ...out])).code, 0);
    assert.equal(await verify(event, `${JSON.stringify(event)}\n`), 0);
    assert.equal(await verify(event, JSON.stringify([event], null, 2)), 0);
    assert.equal(await verify({ ...event, index: index + 1 }), 1);
    assert.equal(await verify({ ...event, added: 1 }), 1);
    for (const name of Object.keys(event)) {
      const value = event[name];
      const other = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}.` : {};
      assert.equal(await verify({ ...event, [name]: other }), 1, name);
      const { [name]: _left, ...rest } = event;
      assert.equal(await verify(rest), name === 'index' || name === 'raw_data' ? 0 : 1, `without ${name}`);
    }
  }
});

test('a mistyped filter is told apart from there being nothing', async (t) => {
  const { where, run } = await world(t, { 'auth.log': `${SSHD}\n` });
  const wrong: [string[], RegExp][] = [
    [['--class', 'nope'], /no class "nope"; nearest are \w+ \(\d+\), \w+ \(\d+\), \w+ \(\d+\)$/],
    [['--class', 'authentcation'], /nearest are authentication \(3002\)/],
    [['--class', 'auth'], /nearest are authentication \(3002\)/],
    [['--class', '30002'], /3002/],
    [['--class', ''], /no class/],
    [['--ip', '999.1'], /--ip takes one IPv4 or IPv6 address or the name of a host, not "999\.1"/],
    [['--ip', '10.0.0.0/8'], /--ip takes/],
    [['--ip', '2001:db8::zz'], /--ip takes/],
    [['--user', ' '], /--user is empty/],
    [['--since', '2026-11-24', '--until', '2026-11-23'], /--since must lie before --until/],
  ];
  for (const [argv, message] of wrong)
    await assert.rejects(run('events', [...where, ...argv]), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  for (const good of ['3002', 'authentication', 'Authentication', 'AUTHENTICATION'])
    assert.equal(lines((await run('events', [...where, '--class', good, '--output', 'ndjson'])).out).length, 1, good);
  for (const [option, value] of [
    ['--class', 'Datastore Activity'],
    ['--ip', 'pc1.h.org'],
    ['--ip', '::1'],
  ] as const)
    assert.equal((await run('events', [...where, option, value])).err, 'No event fits.\n');
});
