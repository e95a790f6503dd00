import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLedger, openLedger } from '#ledger';
import { bufferIo } from '../../../test/support/buffer-io.ts';
import { UsageError } from '../usage.ts';
import { detectCommand } from './detect.ts';

test('a beginning behind the end of the ledger is wrong usage, which names the end', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-detect-command-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger({ ...place, origin: 'log.test/detect' });
  {
    await using ledger = await openLedger(place);
    const rest = { retention: 'record', raw: new Uint8Array(0), patient: null } as const;
    await ledger.append([{ ...rest, classUid: 0, normal: '{"class_uid":0,"time":0,"metadata":{"version":"1.8.0"}}' }]);
  }
  const where = ['--data', place.dir, '--key-file', place.keyFile];
  const io = bufferIo({ cwd: base, env: { XDG_DATA_HOME: base } });
  await assert.rejects(detectCommand([...where, '--from', '99999'], io), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, '--from 99999 lies behind the end: the ledger has 1 entry');
    return true;
  });
  for (const from of ['0', '1']) assert.equal(await detectCommand([...where, '--from', from], io), 0);
});
