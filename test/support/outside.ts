import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Verifiers that other people wrote; test/oracle/install-verifiers.sh brings them here. */
const FOLDER =
  process.env['WARDKEEP_VERIFIERS'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wardkeep', 'verifiers');

/** How long a verifier may take: one of them hangs for ever on a corrupt tile, which counts as a refusal. */
const TIMEOUT_MS = 20_000;

const ORACLE = fileURLToPath(new URL('../oracle/', import.meta.url));

export interface OutsideVerdict {
  verified: boolean;
  /** What it printed. */
  output: string;
}

/** The path of one of the verifiers. */
export function outsidePath(name: 'outside' | 'litewitness' | 'witnessctl'): string {
  return join(FOLDER, name);
}

/** For `test(name, skipWithout…, …)`: skips with its reason where the verifiers were not brought. */
export const skipWithoutVerifiers: { skip: false | string } = {
  skip: existsSync(outsidePath('outside')) ? false : `no verifiers in ${FOLDER}: run test/oracle/install-verifiers.sh`,
};

/** As `skipWithoutVerifiers`, where an ssh-agent holds the key of a witness as well. */
export const skipWithoutWitness: { skip: false | string } = {
  skip:
    skipWithoutVerifiers.skip === false && !exists('ssh-agent')
      ? 'openssh-client is missing'
      : skipWithoutVerifiers.skip,
};

export const skipWithoutPython: { skip: false | string } = {
  skip: exists('python3') && exists('openssl') ? false : 'python3 or openssl is missing',
};

/** A full check of a static log by test/oracle/tile_audit.py. */
export function pythonAudit(folder: string, vkey: string): OutsideVerdict {
  return verdictOf(
    spawnSync('python3', [`${ORACLE}tile_audit.py`, folder, vkey], { timeout: TIMEOUT_MS, encoding: 'utf8' }),
  );
}

/** A full check of a static log by Tessera's fsck. */
export function tesseraFsck(options: {
  folder: string;
  origin: string;
  vkey: string;
  timeoutMs?: number;
}): OutsideVerdict {
  const { folder, origin, vkey, timeoutMs = TIMEOUT_MS } = options;
  return verdictOf(
    spawnSync(outsidePath('outside'), ['fsck', folder, origin, vkey], { timeout: timeoutMs, encoding: 'utf8' }),
  );
}

/** A check of a `.tlog-proof` by torchwood; all three are file names. */
export function torchwoodProof(files: { policy: string; entry: string; proof: string }): OutsideVerdict {
  const args = ['proof', files.policy, files.entry, files.proof];
  return verdictOf(spawnSync(outsidePath('outside'), args, { timeout: TIMEOUT_MS, encoding: 'utf8' }));
}

/** Verified only with both the exit code and the words: one of the tools exits 0 on what it did not check. */
function verdictOf({ status, stdout, stderr }: SpawnSyncReturns<string>): OutsideVerdict {
  return { verified: status === 0 && /^verified/m.test(stdout), output: stdout + stderr };
}

function exists(program: string): boolean {
  return spawnSync(program, ['--version'], { timeout: TIMEOUT_MS }).error === undefined;
}
