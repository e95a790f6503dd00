import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLedger, openLedger } from '#ledger';
import type { CliIo } from '../io.ts';
import { run } from '../run.ts';

const COUNT = 'SELECT class, count(*) AS events FROM events GROUP BY ALL ORDER BY ALL';

interface Place {
  base: string;
  dir: string;
  keyFile: string;
}

async function place(t: { after: (done: () => void) => void }): Promise<Place> {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-hunt-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const made = { base, dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger(made);
  return made;
}

async function append({ dir, keyFile }: Place, from: number, many: number): Promise<void> {
  await using ledger = await openLedger({ dir, keyFile });
  const entries = Array.from({ length: many }, (_one, n) => ({
    classUid: 3002,
    retention: 'record' as const,
    normal: JSON.stringify({
      class_uid: 3002,
      time: Date.UTC(2026, 10, 24, 8, 0, from + n),
      status_id: 2,
      user: { name: n === 0 ? '=root()' : 'root' },
      src_endpoint: { ip: `192.0.2.${n % 9}` },
    }),
    raw: new Uint8Array(0),
    patient: null,
  }));
  await ledger.append(entries);
}

async function* noInput(): AsyncGenerator<Buffer> {
  // Nothing stands on standard input.
}

async function cli(at: Place, name: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: CliIo = {
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    stdin: noInput,
    interactive: false,
    color: false,
    columns: 100,
    env: {},
    cwd: at.base,
  };
  const code = await run([name, '--data', at.dir, '--key-file', at.keyFile, ...args], io);
  return { code, out, err };
}

test('a hunt brings the archive up to date, and beside a writer it reads the newest entries, too', async (t) => {
  const at = await place(t);
  await append(at, 0, 200);
  assert.deepEqual(await cli(at, 'hunt', '--output', 'ndjson', COUNT), {
    code: 0,
    err: '',
    out: '{"class":"authentication","events":200}\n',
  });
  await append(at, 200, 50);
  const files = (): string[] => readdirSync(join(at.dir, 'archive'), { recursive: true, encoding: 'utf8' }).toSorted();
  {
    await using writer = await openLedger(at);
    const before = files();
    assert.equal(writer.size, 250);
    assert.equal((await cli(at, 'hunt', '--output', 'csv', COUNT)).out, 'class,events\r\nauthentication,250\r\n');
    assert.deepEqual(files(), before);
    assert.equal((await cli(at, 'rebuild')).code, 1);
    assert.deepEqual(files(), before);
  }
  assert.match((await cli(at, 'rebuild')).out, /^The archive was made anew: 250 entries in 1 file, /);
  assert.equal(
    (await cli(at, 'hunt', 'SELECT src_ip, status, time FROM logins ORDER BY "index" LIMIT 1')).out,
    'src_ip     status  time\n192.0.2.0       2  2026-11-24T08:00:00.000Z\n',
  );
});

test('a hunt is written to a file, the views are listed, and wrong SQL is answered with words', async (t) => {
  const at = await place(t);
  await append(at, 0, 3);
  assert.equal((await cli(at, 'hunt', '--to', 'out.csv', 'SELECT "index", user_name FROM events ORDER BY 1')).code, 0);
  assert.equal(readFileSync(join(at.base, 'out.csv'), 'utf8'), "index,user_name\n0,'=root()\n1,root\n2,root\n");
  assert.match((await cli(at, 'hunt', '--views')).out, /^events: Everything: one row an event\.\n {2}index /);
  const bad = await cli(at, 'hunt', "SELECT * FROM read_text('/etc/passwd')");
  assert.equal(bad.code, 1);
  assert.match(bad.err, /^wardkeep hunt: the table function "read_text" is not for hunts\nWhat to do: /);
  assert.equal((await cli(at, 'hunt')).code, 2);
});
