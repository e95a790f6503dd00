import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ledger, type StoredEntry, openLedger } from '#ledger';
import type { OcsfEvent } from '#ingest';

const LAUNCHER = fileURLToPath(new URL('../../bin/wardkeep', import.meta.url));
/** A command that takes longer hangs. */
const COMMAND_MS_MAX = 120_000;

/** A temporary place of one test: a data directory, inputs, and a home of its own for keys and rules. */
export interface Place {
  base: string;
  data: string;
  env: Record<string, string>;
}

export function temporaryPlace(t: { after: (done: () => void) => void }): Place {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-flow-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return { base, data: join(base, 'data'), env: homeIn(base) };
}

/** Shared by all processes of a run: compiled once, a command starts in half the time. */
const COMPILED = join(tmpdir(), `wardkeep-tests-compiled-${process.getuid?.() ?? 0}`);

function homeIn(base: string): Record<string, string> {
  const path = process.env['PATH'] ?? '';
  return {
    PATH: path,
    NODE_COMPILE_CACHE: COMPILED,
    HOME: base,
    XDG_CONFIG_HOME: join(base, 'config'),
    XDG_DATA_HOME: join(base, 'share'),
  };
}

export interface Ran {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  stdin?: Buffer;
  /** Kill with SIGKILL so long after the start. */
  killAfterMs?: number;
  /** Called with the process, for kills of other kinds. */
  onStart?: (child: ChildProcess) => void;
  uid?: number;
  cwd?: string;
}

/** Runs `bin/wardkeep` as a process of its own. */
export function wardkeep(place: Place, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const user = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(LAUNCHER, args, { env: place.env, cwd: options.cwd ?? place.base, ...user });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // A command that does not read its input closes it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  options.onStart?.(child);
  const limit = setTimeout(() => child.kill('SIGKILL'), options.killAfterMs ?? COMMAND_MS_MAX);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** The whole ledger of a place, read in this process. */
export async function entriesOf(place: Place): Promise<{ entry: StoredEntry; event: OcsfEvent }[]> {
  await using ledger = await openPlace(place);
  const all: { entry: StoredEntry; event: OcsfEvent }[] = [];
  for await (const batch of ledger.read())
    for (const entry of batch)
      all.push({ entry, event: JSON.parse(Buffer.from(entry.normal).toString()) as OcsfEvent });
  return all;
}

/** Opens the ledger with the key of the place. */
export function openPlace({ data, env }: Place): Promise<Ledger> {
  return withEnv(env, () => openLedger({ dir: data, mode: 'read' }));
}

async function withEnv<Result>(env: Record<string, string>, run: () => Promise<Result>): Promise<Result> {
  const before = process.env['XDG_CONFIG_HOME'];
  process.env['XDG_CONFIG_HOME'] = env['XDG_CONFIG_HOME'];
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
  }
}

/** The raw forms of all entries, as text. */
export async function rawsOf(place: Place): Promise<string[]> {
  return (await entriesOf(place)).map(({ entry }) => Buffer.from(entry.raw).toString('utf8'));
}
