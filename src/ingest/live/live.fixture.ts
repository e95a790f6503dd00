import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INGEST_MIGRATIONS, type IngestTables, type OcsfEvent } from '#ingest';
import { openState } from '#kernel/database';
import { type Faults, type Ledger, createLedger, openLedger } from '#ledger';
import { INTAKE_MIGRATIONS, type IntakeOptions, type IntakeTables, type LiveIntake, openIntake } from './index.ts';

type After = { after: (done: () => void | Promise<void>) => void };

/** A data directory with a ledger that goes away with the test. */
export interface LivePlace {
  dir: string;
  keyFile: string;
}

export async function livePlace(t: After): Promise<LivePlace> {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-live-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const place = { dir: join(base, 'data'), keyFile: join(base, 'key') };
  await createLedger({ ...place, origin: 'log.test/live' });
  return place;
}

export interface Opened extends AsyncDisposable {
  ledger: Ledger;
  intake: LiveIntake;
}

/** An intake over the ledger of a place, closed in the right order. */
export async function openLive(
  place: LivePlace,
  options: Partial<IntakeOptions> & { faults?: Faults } = {},
): Promise<Opened> {
  const { faults, ...others } = options;
  const ledger = await openLedger({ ...place, ...(faults === undefined ? {} : { faults }) });
  const state = await openState<IntakeTables & IngestTables>(place.dir, { ...INGEST_MIGRATIONS, ...INTAKE_MIGRATIONS });
  const intake = await openIntake({ ledger, state, dir: place.dir, ...others });
  return {
    ledger,
    intake,
    async [Symbol.asyncDispose]() {
      await intake[Symbol.asyncDispose]();
      await state.destroy();
      await ledger[Symbol.asyncDispose]();
    },
  };
}

/** All events of a ledger, oldest first. */
export async function eventsOf(ledger: Ledger): Promise<OcsfEvent[]> {
  const all: OcsfEvent[] = [];
  for await (const batch of ledger.read())
    for (const { normal } of batch) all.push(JSON.parse(Buffer.from(normal).toString()) as OcsfEvent);
  return all;
}

/** A Windows event as its senders write it. */
export function windowsEvent(n: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    EventID: 4624,
    Channel: 'Security',
    Hostname: 'pc-1.example.org',
    EventRecordID: n,
    EventTime: '2026-11-24T10:00:00Z',
    TargetUserName: `user${n}`,
    LogonType: 3,
    ...more,
  });
}
