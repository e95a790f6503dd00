import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ledger, createLedger, openLedger } from '#ledger';
import { parseCheckpoint } from '../src/ledger/tlog/checkpoint.ts';
import { type VerifierKey, parseVkey, verifierKey } from '../src/ledger/tlog/keys.ts';
import { joinNote, openNote, parseNote, parseSignatureLines } from '../src/ledger/tlog/note.ts';
import { parsePolicy } from '../src/ledger/tlog/policy.ts';
import { encodeProof } from '../src/ledger/tlog/proof.ts';
import { type ReadTile, consistencyProof } from '../src/ledger/tlog/prove.ts';
import { parseReceipt } from '../src/ledger/tlog/receipt.ts';
import { tilePath } from '../src/ledger/tlog/tiles.ts';
import { verifyReceipt } from '../src/ledger/tlog/verify-receipt.ts';
import { outsidePath, skipWithoutWitness, torchwoodProof } from './support/outside.ts';
import { freePort } from './support/ports.ts';

const ORIGIN = 'hospital.example/ledger';
const WITNESS = 'witness.example/w1';

suite('a log of ours before litewitness', skipWithoutWitness, () => {
  let base: string;
  let ledger: Ledger;
  let logVkey: string;
  let witnessKey: VerifierKey;
  let url: string;
  const children: ChildProcess[] = [];

  before(async () => {
    base = mkdtempSync(join(tmpdir(), 'wk-lw-'));
    const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
    await createLedger({ ...place, origin: ORIGIN });
    ledger = await openLedger({ ...place, publishEveryMs: 0 });
    logVkey = ledger.manifest.signing[0]?.ed25519 ?? '';
    witnessKey = await startWitness();
  });
  after(async () => {
    for (const child of children) child.kill();
    await ledger[Symbol.asyncDispose]();
    rmSync(base, { recursive: true, force: true });
  });

  test('it cosigns our first checkpoint and each consistent later one, and the receipt satisfies a quorum', async () => {
    await appendSome(3);
    const first = await ledger.publish();
    assert.equal((await addCheckpoint({ oldSize: 0, checkpoint: first })).status, 200);
    await appendSome(700);
    const second = await ledger.publish();
    const { status, body } = await addCheckpoint({ oldSize: 3, checkpoint: second });
    assert.equal(status, 200, body);
    const cosigned = joinNote(
      parseNote(second).text,
      [...parseNote(second).signatures, ...parseSignatureLines(body)].map(({ line }) => line),
    );
    const opened = openNote(cosigned, [parseVkey(logVkey), witnessKey]);
    assert.ok(opened.outcome === 'good');
    assert.equal(opened.signatures.length, 2);

    const { proof, leafBytes } = parseReceipt((await ledger.prove(600)).proof);
    const receipt = encodeProof({ ...proof, checkpoint: cosigned });
    const policy = `log ${logVkey}\nwitness w1 ${witnessKey.vkey}\nquorum w1\n`;
    assert.equal(verifyReceipt({ receipt, trust: { policy: parsePolicy(policy) } }).outcome, 'good');
    assert.equal(verifyReceipt({ receipt: encodeProof(proof), trust: { policy: parsePolicy(policy) } }).outcome, 'bad');
    const files = { policy: join(base, 'policy'), entry: join(base, 'entry'), proof: join(base, 'receipt') };
    writeFileSync(files.policy, policy);
    writeFileSync(files.entry, leafBytes);
    writeFileSync(files.proof, receipt);
    const verdict = torchwoodProof(files);
    assert.ok(verdict.verified, verdict.output);
    writeFileSync(files.proof, encodeProof(proof));
    assert.equal(torchwoodProof(files).verified, false);
  });

  test('it refuses a stale size, a wrong proof and a changed checkpoint', async () => {
    await appendSome(10);
    const checkpoint = await ledger.publish();
    const { size } = parseCheckpoint(parseNote(checkpoint).text);
    assert.equal((await addCheckpoint({ oldSize: 3, checkpoint })).status, 409);
    const { status } = await addCheckpoint({ oldSize: size - 10, checkpoint, proof: [Buffer.alloc(32)] });
    assert.equal(status, 422);
    const changed = checkpoint.replace(`\n${size}\n`, `\n${size + 1}\n`);
    assert.equal((await addCheckpoint({ oldSize: size - 10, checkpoint: changed, proof: [] })).status, 403);
    assert.equal((await addCheckpoint({ oldSize: size - 10, checkpoint })).status, 200);
  });

  async function appendSome(count: number): Promise<void> {
    const entry = {
      classUid: 3002,
      retention: 'telemetry' as const,
      normal: '{}',
      raw: new Uint8Array(0),
      patient: null,
    };
    await ledger.append(Array.from({ length: count }, () => entry));
  }

  /** A request of tlog-witness, by default with our consistency proof. */
  async function addCheckpoint(options: {
    oldSize: number;
    checkpoint: string;
    proof?: Buffer[];
  }): Promise<{ status: number; body: string }> {
    const { oldSize, checkpoint } = options;
    const { size } = parseCheckpoint(parseNote(checkpoint).text);
    const proof = options.proof ?? consistencyProof(oldSize, size, readTile);
    const lines = proof.map((hash) => `${hash.toString('base64')}\n`).join('');
    const response = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: `old ${oldSize}\n${lines}\n${checkpoint}`,
    });
    return { status: response.status, body: await response.text() };
  }

  function readTile({ level, index, width }: Parameters<ReadTile>[0]): Buffer {
    return readFileSync(join(base, 'data', 'ledger', 'tree', tilePath(level, index, width)));
  }

  /** An ssh-agent with a fresh key and litewitness on a free port; gives the witness's key. */
  async function startWitness(): Promise<VerifierKey> {
    const [agent, db, key] = [join(base, 'agent'), join(base, 'witness.db'), join(base, 'witness-key')];
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    children.push(spawn('ssh-agent', ['-D', '-a', agent], { stdio: 'ignore' }));
    await until(() => existsSync(agent));
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: agent }, stdio: 'ignore' });
    execFileSync(outsidePath('witnessctl'), ['add-log', '-db', db, '-origin', ORIGIN], { stdio: 'ignore' });
    execFileSync(outsidePath('witnessctl'), ['add-key', '-db', db, '-origin', ORIGIN, '-key', logVkey], {
      stdio: 'ignore',
    });
    const fingerprint = execFileSync('ssh-keygen', ['-lf', `${key}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
    const port = await freePort();
    const args = [
      '-db',
      db,
      '-key',
      fingerprint,
      '-name',
      WITNESS,
      '-ssh-agent',
      agent,
      '-listen',
      `localhost:${port}`,
    ];
    const child = spawn(outsidePath('litewitness'), args, { stdio: 'ignore' });
    children.push(child);
    url = `http://localhost:${port}`;
    await until(() => answers(url));
    // An OpenSSH public key line ends in the 32 raw bytes of the key.
    const blob = Buffer.from(readFileSync(`${key}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
    return verifierKey({ name: WITNESS, kind: 'ed25519-cosignature', publicKey: blob.subarray(-32) });
  }
});

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something holds, at most ten seconds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('a program of the test did not start within ten seconds');
}
