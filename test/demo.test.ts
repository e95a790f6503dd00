import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { demoCommand } from '../src/cli/commands/demo.ts';
import { ledgerCommand } from '../src/cli/commands/ledger.ts';
import { riversideNight } from '#sample';
import { bufferIo } from './support/buffer-io.ts';

test('the demo finds the attack, tells it in order, and proves its evidence', async () => {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-demo-test-'));
  const io = bufferIo();
  assert.equal(await demoCommand(['--terminal', '--dir', base], io), 0, io.err());
  const text = io.out();
  const order = [
    'Sign-in approved after a series of refused prompts',
    'Password store of a computer was read',
    'One device tries DICOM or HL7 on many others',
    'Emergency access to many patients by one person',
    'Recovery is being destroyed on a computer',
    'One program changes very many files',
    'entries: good',
    'GOOD: entry',
  ].map((words) => text.indexOf(words));
  assert.ok(!order.includes(-1), text);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );

  const journal = join(base, 'data', 'ledger', 'journal');
  const segment = join(journal, readdirSync(journal)[0] ?? '');
  const bytes = readFileSync(segment);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
  writeFileSync(segment, bytes);
  const after = bufferIo();
  const args = ['verify', '--data', join(base, 'data'), '--key-file', join(base, 'master.key')];
  assert.equal(await ledgerCommand(args, after), 1);
  assert.match(after.out() + after.err(), /BAD/i);
});

test('the same seed gives the same night, another seed another', () => {
  const night = (seed: number): string => [...riversideNight(0, seed).values()].join('');
  assert.equal(night(1), night(1));
  assert.notEqual(night(1), night(2));
});
