import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '#kernel';

/** Pause between two writings of the status, ms. */
export const STATUS_EVERY_MS = 5_000;
/** A status older than this is of a server that hangs or was killed, ms. */
const STALE_MS = 6 * STATUS_EVERY_MS;

/** What a running server says of itself, for `wardkeep status` on the same machine. No personal data, no secrets. */
export interface ServerStatus {
  pid: number;
  version: string;
  startedMs: number;
  writtenMs: number;
  consoleUrl: string;
  /** Where systems send to: `syslog over TCP` → `tcp://127.0.0.1:5514`. */
  intake: Record<string, string>;
  ready: boolean;
  ledger: { origin: string; size: number; checkpointMs: number | null };
  events: { total: number; rejected: number; perSecond: number; queued: number; lost: number };
  sources: { total: number; silent: number; troubled: number };
  /** What each listener could not take since the start: connections that were turned away, datagrams. */
  listenersLost: Record<string, number>;
  archive: 'up' | 'restarting' | 'degraded';
  findings: number;
  incidents: { open: number; critical: number; high: number };
  memoryBytes: number;
  troubles: { code: string; text: string; advice: string }[];
}

export type StatusReading =
  | { kind: 'running'; status: ServerStatus }
  /** It was there, and says nothing any more. */
  | { kind: 'stale'; status: ServerStatus; alive: boolean }
  | { kind: 'none' };

export function statusPath(dir: string): string {
  return join(dir, 'run', 'status.json');
}

/** Whole or not at all; for the owner alone. */
export function writeStatus(dir: string, status: ServerStatus): void {
  const path = statusPath(dir);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(status), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function removeStatus(dir: string): void {
  rmSync(statusPath(dir), { force: true });
}

/** The status that a server left in its data directory, and whether it can be believed. */
export function readStatus(dir: string, clock: Clock): StatusReading {
  let status: ServerStatus;
  try {
    status = JSON.parse(readFileSync(statusPath(dir), 'utf8')) as ServerStatus;
  } catch {
    return { kind: 'none' };
  }
  const alive = isAlive(status.pid);
  const isFresh = Math.abs(clock.nowMs() - status.writtenMs) <= STALE_MS;
  return alive && isFresh ? { kind: 'running', status } : { kind: 'stale', status, alive };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: it is there all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
