import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSigner } from '../../../test/support/tlog.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { signNote } from './note.ts';
import { parsePolicy, policyOfKeys } from './policy.ts';
import { verifyCheckpoint } from './trust.ts';

const ORIGIN = 'hospital.example/ledger';
const TIME = { timeMs: 1_767_225_600_000 };
const TEXT = formatCheckpoint({ origin: ORIGIN, size: 5, root: Buffer.alloc(32, 3) });
const log = testSigner(ORIGIN, 'ed25519', 1);
const pq = testSigner(ORIGIN, 'ml-dsa-44-cosignature', 2);
const witness = testSigner('witness.example', 'ed25519-cosignature', 3);
const pqWitness = testSigner('witness.example', 'ml-dsa-44-cosignature', 4);

test('a checkpoint is judged by the keys of its log and names who else signed', () => {
  const policy = parsePolicy(
    `log ${log.key.vkey}\nlog ${pq.key.vkey}\nwitness a ${witness.key.vkey}\nwitness b ${pqWitness.key.vkey}\ngroup g all a b\nquorum g\n`,
  );
  const signers = [log.signer, pq.signer, witness.signer, pqWitness.signer];
  const verdict = verifyCheckpoint(signNote(TEXT, signers, TIME), policy);
  assert.ok(verdict.outcome === 'good');
  assert.equal(verdict.logSignatures.length, 2);
  assert.equal(verdict.cosignatures.length, 2);
  const without = verifyCheckpoint(signNote(TEXT, signers.slice(0, 3), TIME), policy);
  assert.ok(without.outcome === 'bad');
  assert.equal(without.reason, 'quorum_not_met');
});

test('a key counts for the origin that is its whole name, not for one that it is a part of', () => {
  for (const name of ['hospital.example', 'hospital.example/ledger2', 'example/ledger', 'HOSPITAL.example/ledger']) {
    const other = testSigner(name, 'ed25519', 1);
    const verdict = verifyCheckpoint(signNote(TEXT, [other.signer]), policyOfKeys([other.key]));
    assert.equal(verdict.outcome, 'undecidable', name);
  }
});

test('a witness of the policy does not stand in for the log', () => {
  const named = testSigner(ORIGIN, 'ed25519-cosignature', 5);
  const policy = parsePolicy(`witness w ${named.key.vkey}\nquorum w\n`);
  assert.equal(verifyCheckpoint(signNote(TEXT, [named.signer], TIME), policy).outcome, 'undecidable');
});

test('a cosigned text that is no checkpoint is bad, whoever signed it', () => {
  const verdict = verifyCheckpoint(signNote('no checkpoint\n', [log.signer]), policyOfKeys([log.key]));
  assert.ok(verdict.outcome === 'bad');
  assert.equal(verdict.reason, 'malformed');
});

test('an ML-DSA-44 signature does not cover extension lines, so they stay visible to the caller', () => {
  const note = signNote(TEXT, [pq.signer], TIME);
  const extended = note.replace(TEXT, `${TEXT}added by somebody\n`);
  const verdict = verifyCheckpoint(extended, policyOfKeys([pq.key]));
  assert.ok(verdict.outcome === 'good');
  assert.deepEqual(verdict.checkpoint.extensions, ['added by somebody']);
});
