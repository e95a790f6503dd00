import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppendedBatch } from '#ingest/live';
import type { BodyState, StoredEntry } from '#ledger';
import { openArchive } from './archive.ts';
import type { Archive } from './types.ts';

export const NOW = Date.UTC(2026, 10, 24, 12, 0, 30);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Made {
  receivedMs: number;
  classUid: number;
  retention: 'record' | 'telemetry';
  event: Record<string, unknown>;
}

const USERS = ['a.meyer', 'b.osei', 'c.lindqvist', 'svc-backup'];

/** Event `n` of a made-up hospital: record access, sign-ins, connections, DNS, processes, findings in turn. */
export function eventOf(n: number, receivedMs: number = NOW): Made {
  const user = USERS[n % USERS.length] ?? '';
  const common = {
    time: receivedMs - (n % 7) * 1_000,
    severity_id: 1 + (n % 4),
    activity_id: 1,
    status_id: 1 + (n % 2),
    metadata: { version: '1.8.0', log_format: 'made/up', labels: ['source:made-up'] },
  };
  const shape = SHAPES[n % SHAPES.length] ?? SHAPES[0];
  return { receivedMs, ...(shape?.(n, user, common) ?? { classUid: 0, retention: 'telemetry', event: common }) };
}

type Shape = (n: number, user: string, common: Record<string, unknown>) => Omit<Made, 'receivedMs'>;

const SHAPES: readonly Shape[] = [
  (n, user, common) => ({
    classUid: 6005,
    retention: 'record',
    event: {
      ...common,
      class_uid: 6005,
      actor: { user: { name: user, uid: `u-${user}` } },
      patient: { uid: patientOf(n) },
      message: `${user} opened the chart of ${patientOf(n)}`,
      purpose_of_use: n % 24 === 0 ? 'BTG' : 'TREAT',
      record_types: ['Observation'],
      record_count: 1 + (n % 9),
      unmapped: { PatientName: `Name of ${patientOf(n)}` },
    },
  }),
  (n, user, common) => ({
    classUid: 3002,
    retention: 'record',
    event: {
      ...common,
      class_uid: 3002,
      user: { name: user },
      src_endpoint: { ip: `10.0.0.${n % 20}` },
      device: { hostname: `PC-${n % 9}` },
    },
  }),
  (n, _user, common) => ({
    classUid: 4001,
    retention: 'telemetry',
    event: {
      ...common,
      class_uid: 4001,
      src_endpoint: { ip: `10.0.0.${n % 20}`, port: 1024 + n },
      dst_endpoint: { ip: `192.0.2.${n % 50}`, port: 443 },
      traffic: { bytes_in: n * 10, bytes_out: n * 100 },
    },
  }),
  (n, _user, common) => ({
    classUid: 4003,
    retention: 'telemetry',
    event: {
      ...common,
      class_uid: 4003,
      src_endpoint: { ip: `10.0.0.${n % 20}` },
      query: { hostname: `host${n % 30}.example` },
    },
  }),
  (n, user, common) => ({
    classUid: 1007,
    retention: 'telemetry',
    event: {
      ...common,
      class_uid: 1007,
      device: { hostname: `PC-${n % 9}` },
      actor: { user: { name: user } },
      process: { name: 'cmd.exe', cmd_line: `cmd.exe /c echo ${n}` },
    },
  }),
  (n, user, common) => ({
    classUid: 2004,
    retention: 'record',
    event: {
      ...common,
      class_uid: 2004,
      message: 'Mass access to records',
      finding_info: { uid: `f${n}`, title: 'Mass access to records', analytic: { uid: 'rule-1' } },
      evidences: [{ data: { match: { patient: patientOf(n), user } } }],
    },
  }),
];

export function patientOf(n: number): string {
  return `urn:oid:1.2.3|P${1000 + (n % 40)}`;
}

/** A ledger in memory, as the archive sees one. */
export class FakeLedger {
  readonly entries: StoredEntry[] = [];

  /** Appends and gives the batch as the live stream would. */
  append(made: readonly Made[], sourceId: string | null = 'made-up'): AppendedBatch {
    const from = this.entries.length;
    for (const { receivedMs, classUid, retention, event } of made) {
      this.entries.push({
        index: this.entries.length,
        classUid,
        receivedMs: Math.floor(receivedMs / 60_000) * 60_000,
        retention,
        state: 'present',
        normal: Buffer.from(JSON.stringify(event)),
        raw: new Uint8Array(0),
        patient: null,
      });
    }
    const entries = this.entries.slice(from).map((entry) => Object.assign({}, entry, { tapped: null }));
    return { receivedMs: made[0]?.receivedMs ?? NOW, sourceId, entries };
  }

  setState(index: number, state: BodyState): void {
    const entry = this.entries[index];
    if (entry !== undefined) this.entries[index] = { ...entry, state, normal: new Uint8Array(0) };
  }

  async *read(from: number, to: number): AsyncGenerator<StoredEntry[]> {
    for (let at = from; at < Math.min(to, this.entries.length); at += 1_000)
      yield this.entries.slice(at, Math.min(at + 1_000, to));
  }
}

export function temporaryDirectory(t: { after: (done: () => void) => void }): string {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-archive-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  return base;
}

/** An archive over a ledger; `nowMs` is the time in the archive's thread. */
export function openOver(ledger: FakeLedger, dir: string, nowMs: number = NOW): Promise<Archive> {
  return openArchive({
    dir,
    origin: 'log.test/one',
    readFrom: (from, to) => ledger.read(from, to),
    ledgerSize: () => ledger.entries.length,
    nowMs,
  });
}

export async function count(archive: Archive, view = 'events'): Promise<number> {
  const { rows } = await archive.hunt(`SELECT count(*) FROM ${view}`, { limit: 1, seesPatients: true });
  return Number(rows[0]?.[0]);
}

export function manyEvents(many: number, options: { from?: number; receivedMs?: number } = {}): Made[] {
  const { from = 0, receivedMs = NOW } = options;
  return Array.from({ length: many }, (_one, n) => eventOf(from + n, receivedMs));
}
