import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { EVENT, RAW, type SampleReceipt, makeSampleReceipt, testSigner } from '../../../test/support/tlog.ts';
import type { CliIo } from '../io.ts';
import { receiptCommand } from './receipt.ts';

suite('receipt verify', () => {
  let cwd: string;
  let sample: SampleReceipt;
  let out = '';
  let err = '';

  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'wardkeep-receipt-'));
    sample = makeSampleReceipt();
    const files: Record<string, string | Buffer> = {
      'a.tlog-proof': sample.receipt,
      'compact.tlog-proof': sample.compact,
      'bad.tlog-proof': sample.receipt.replace('index 123', 'index 124'),
      'a.openings.json': sample.openingsText(['normal', 'raw']),
      'shut.openings.json': sample.openingsText(['raw']),
      'event.json': EVENT,
      'raw.log': RAW,
      'other.json': '{"class_uid":3002}',
      policy: sample.policyText,
      'broken.policy': 'quorum nobody\n',
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  });
  after(() => rmSync(cwd, { recursive: true }));
  beforeEach(() => {
    out = '';
    err = '';
  });

  function run(...argv: string[]): Promise<number> {
    const io: CliIo = {
      stdout: (text) => void (out += text),
      stderr: (text) => void (err += text),
      stdin: () => {
        throw new Error('standard input is not read');
      },
      interactive: false,
      color: false,
      columns: 100,
      env: {},
      cwd,
    };
    return receiptCommand(argv, io);
  }

  test('a good receipt exits 0 and says what is and what is not proven', async () => {
    assert.equal(await run('verify', 'a.tlog-proof', '--policy', 'policy'), 0);
    assert.match(
      out,
      /^GOOD: entry 123 of the log hospital\.example\/ledger is an event of class 3002, received at 2026-01-01T00:00Z/,
    );
    assert.match(out, /signed by the log hospital\.example\/ledger with Ed25519 and ML-DSA-44/);
    assert.match(out, /cosigned by witness3\.example/);
    assert.match(out, /Nothing was opened/);
    assert.match(out, /Not proven/);
    assert.equal(err, '');
  });

  test('one key suffices, several may be given, and the full path of a file works', async () => {
    const [ed = '', pq = ''] = sample.keys.map(({ vkey }) => vkey);
    assert.equal(await run('verify', join(cwd, 'a.tlog-proof'), '--key', ed), 0);
    assert.equal(await run('verify', 'a.tlog-proof', '--key', pq), 0);
    assert.equal(await run('verify', 'compact.tlog-proof', '--key', pq, '--key', ed), 0);
    assert.equal(await run('verify', 'compact.tlog-proof', '--key', pq), 2);
  });

  test('a changed receipt exits 1 and names the check that failed', async () => {
    assert.equal(await run('verify', 'bad.tlog-proof', '--policy', 'policy'), 1);
    assert.match(out, /^BAD: the leaf and the proof do not lead to the signed root\n/);
    assert.match(out, /FAIL inclusion/);
    assert.equal(await run('verify', 'event.json', '--policy', 'policy'), 1);
  });

  test('without a trusted key it exits 2, whatever the receipt says', async () => {
    assert.equal(await run('verify', 'a.tlog-proof'), 2);
    assert.match(err, /no trusted key/);
    const foreign = testSigner(sample.origin, 'ed25519', 99).key.vkey;
    assert.equal(await run('verify', 'a.tlog-proof', '--key', foreign), 2);
    assert.match(out, /^UNDECIDABLE: no signature is of a key that you trust/);
  });

  test('wrong usage, missing files and broken policies exit 2 with words', async () => {
    const [key = ''] = sample.keys.map(({ vkey }) => vkey);
    const wrong: [string[], RegExp][] = [
      [['check', 'a.tlog-proof'], /verify/],
      [['verify'], /no trusted key|name one receipt/],
      [['verify', '--key', key], /name one receipt/],
      [['verify', 'a.tlog-proof', 'b', '--key', key], /name one receipt/],
      [['verify', 'a.tlog-proof', '--key', key, '--policy', 'policy'], /not both/],
      [['verify', 'a.tlog-proof', '--key', 'no+key'], /verifier key/],
      [['verify', 'a.tlog-proof', '--policy', 'broken.policy'], /line 1 of the policy/],
      [['verify', 'a.tlog-proof', '--policy', 'missing'], /could not read/],
      [['verify', 'missing', '--key', key], /could not read/],
      [['verify', '.', '--key', key], /could not read/],
      [['verify', '/dev/zero', '--key', key], /longer than/],
      [['verify', 'a.tlog-proof', '--keys', key], /--keys/],
      [['verify', 'a.tlog-proof', '--key'], /--key/],
    ];
    for (const [argv, message] of wrong) {
      err = '';
      assert.equal(await run(...argv), 2, argv.join(' '));
      assert.match(err, message);
    }
    assert.equal(out, '');
  });

  test('an event is compared through the openings beside the receipt, a named file, or as openings itself', async () => {
    const trust = ['--policy', 'policy'];
    for (const event of ['event.json', 'raw.log', 'a.openings.json']) {
      out = '';
      assert.equal(await run('verify', 'a.tlog-proof', ...trust, '--event', event), 0, event);
      assert.match(out, /The content of normal, raw in the openings file is what was logged/);
    }
    assert.equal(await run('verify', 'compact.tlog-proof', ...trust, '--event', 'event.json'), 2);
    assert.match(out, /without the openings file/);
    assert.equal(
      await run('verify', 'compact.tlog-proof', ...trust, '--event', 'event.json', '--openings', 'a.openings.json'),
      0,
    );
    assert.equal(
      await run('verify', 'a.tlog-proof', ...trust, '--event', 'event.json', '--openings', 'shut.openings.json'),
      2,
    );
    assert.equal(await run('verify', 'a.tlog-proof', ...trust, '--event', 'other.json'), 1);
    assert.equal(await run('verify', 'a.tlog-proof', ...trust, '--event', 'missing.json'), 2);
  });

  test('the JSON form has the verdict, the facts and the steps on one line', async () => {
    assert.equal(await run('verify', 'a.tlog-proof', '--policy', 'policy', '--event', 'event.json', '--json'), 0);
    const good = JSON.parse(out);
    assert.equal(out.indexOf('\n'), out.length - 1);
    assert.equal(good.outcome, 'good');
    assert.equal(good.index, 123);
    assert.equal(good.size, 300);
    assert.equal(good.leaf.class_uid, 3002);
    assert.equal(good.signatures.length, 5);
    assert.deepEqual(good.opened, ['normal', 'raw']);
    assert.equal(out.includes('nurse'), false);
    out = '';
    assert.equal(await run('verify', 'bad.tlog-proof', '--policy', 'policy', '--json'), 1);
    const bad = JSON.parse(out);
    assert.equal(bad.reason, 'not_included');
    assert.equal(bad.steps.at(-1).ok, false);
  });

  test('help goes to standard output when asked for, to standard error when nothing was said', async () => {
    assert.equal(await run('--help'), 0);
    assert.match(out, /Example:/);
    assert.equal(await run(), 2);
    assert.match(err, /Example:/);
  });
});
