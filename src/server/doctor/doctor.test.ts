import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock } from '#kernel';
import { createLedger, openLedger } from '#ledger';
import { diagnose } from './doctor.ts';
import { checkPorts } from './ports.ts';

const base = mkdtempSync(join(tmpdir(), 'wardkeep-doctor-'));
after(() => rmSync(base, { recursive: true, force: true }));
const now = Date.now();
const env = { XDG_DATA_HOME: join(base, 'home') };

/** Every port is chosen by hand, so that a machine with a running Wardkeep does not matter. */
const PORTS = {
  http: { port: 41_480 },
  intake: { http: null, syslogUdp: null, syslogTcp: null, syslogTls: null, mllp: null },
};

async function directory(name: string): Promise<{ dir: string; keyFile: string }> {
  const dir = join(base, name);
  const keyFile = join(base, `${name}.key`);
  await createLedger({ dir, keyFile });
  writeFileSync(join(dir, 'wardkeep.json'), JSON.stringify(PORTS));
  return { dir, keyFile };
}

async function found(place: { dir: string; keyFile?: string }, clock = new ManualClock(now)) {
  const all = await diagnose({ ...place, clock, env });
  for (const { state, advice } of all) assert.equal(state === 'good', advice === null);
  return new Map(all.map((one) => [one.code, one]));
}

test('a fresh ledger is good, and what is missing has advice', async () => {
  const place = await directory('fresh');
  const all = await found(place);
  for (const code of ['node', 'ledger', 'master-key', 'clock', 'port', 'data-directory'])
    assert.equal(all.get(code)?.state, 'good', all.get(code)?.text);
  assert.equal(all.get('anchor')?.state, 'warn');
  assert.equal(all.get('rules')?.state, 'warn');
});

test('a missing key, an open key, an open directory and a bad configuration are told apart', async () => {
  const place = await directory('bad');
  chmodSync(place.dir, 0o755);
  assert.equal((await found(place)).get('data-directory')?.state, 'warn');
  writeFileSync(join(place.dir, 'wardkeep.json'), '{"zone": 7}');
  assert.match((await found(place)).get('configuration')?.text ?? '', /zone/);
  chmodSync(place.keyFile, 0o644);
  const open = await found(place);
  assert.equal(
    [open.get('master-key'), open.get('ledger')].some((one) => one?.state === 'fail'),
    true,
  );
  rmSync(place.keyFile);
  const missing = await found(place);
  assert.equal(
    [missing.get('master-key'), missing.get('ledger')].some((one) => one?.state === 'fail'),
    true,
  );
});

test('a clock behind the newest entry is a danger, one that was never set too', async () => {
  const place = await directory('clock');
  {
    await using ledger = await openLedger(place);
    const entry = { classUid: 0, retention: 'record', normal: '{}', raw: new Uint8Array(0), patient: null } as const;
    await ledger.append([entry], { receivedMs: now });
  }
  assert.equal((await found(place)).get('clock')?.state, 'good');
  assert.equal((await found(place, new ManualClock(now - 3_600_000))).get('clock')?.state, 'fail');
  assert.equal((await found(place, new ManualClock(0))).get('clock')?.state, 'fail');
});

test('a taken port and an address of another machine are named', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const name = 'console';
  const [taken, foreign] = await checkPorts([
    { name, protocol: 'tcp', bind: '127.0.0.1', port },
    { name, protocol: 'udp', bind: '192.0.2.1', port: 5_514 },
  ]);
  assert.match(taken?.text ?? '', /EADDRINUSE/);
  assert.match(foreign?.advice ?? '', /no such address/);
  server.close();
});

test('an empty place is no fault: the first start makes what is missing', async () => {
  const dir = join(base, 'empty');
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'wardkeep.json'), JSON.stringify(PORTS));
  assert.equal((await found({ dir })).get('ledger')?.state, 'warn');
});

test('watched files that are there and those that are not are told apart', async () => {
  const place = await directory('watched');
  const folder = join(base, 'logs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.log'), '');
  const files = (path: string) =>
    writeFileSync(
      join(place.dir, 'wardkeep.json'),
      JSON.stringify({ ...PORTS, intake: { ...PORTS.intake, files: [{ path }] } }),
    );
  files(folder);
  assert.match((await found(place)).get('watched-files')?.text ?? '', /one file can be read/);
  files(join(base, 'nowhere', 'a.log'));
  const missing = (await found(place)).get('watched-files');
  assert.equal(missing?.state, 'warn');
  assert.match(missing.text, /does not exist/);
});
