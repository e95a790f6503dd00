/**
 * A data directory with many events, as a server leaves it: ledger, archive, and detection that has looked at all of it. Then
 * how quickly its archive answers, and how long `wardkeep up` takes on it until the first page is served.
 *
 *   node bench/big-directory.ts [10m|1m|NUMBER] [DIR]     DIR is kept and used again; without one, a temporary place
 *
 * Events lie within the last 25 days, so that retention takes nothing away. Detection is told that it has seen them, which is
 * so in a directory that grew while the server ran.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArchive } from '#archive';
import { openLiveDetector } from '#detect/live';
import { DETECT_MIGRATIONS, type DetectTables, loadRules, shippedRulesDir } from '#detect/sigma';
import { INGEST_MIGRATIONS, type IngestTables, PatientCounter } from '#ingest';
import { openState } from '#kernel/database';
import { type EntryInput, type Ledger, createLedger, openLedger } from '#ledger';
import { INCIDENTS_MIGRATIONS, type IncidentsTables, openIncidents } from '#respond/incidents';
import { silentLog, systemClock, systemRandom } from '#kernel';
import { firstPage } from './first-page.ts';
import { huntFigures } from './hunt-figures.ts';
import { madeEntry } from './made-events.ts';

const BATCH = 2_000;
const DAYS = 25;

const [size = '10m', given] = process.argv.slice(2);
const many = size === '10m' ? 10_000_000 : size === '1m' ? 1_000_000 : Number(size);
const dir = given ?? mkdtempSync(join(process.env['WARDKEEP_BENCH_DIR'] ?? tmpdir(), 'wardkeep-bench-'));
mkdirSync(dir, { recursive: true });
const place = { dir: join(dir, 'data'), keyFile: join(dir, 'key') };
if (!existsSync(place.dir)) await createLedger({ ...place, origin: 'bench.invalid/big' });

{
  await using ledger = await openLedger(place);
  if (ledger.size < many) await fill(ledger);
  await bringUp(ledger);
  await using archive = await archiveOf(ledger);
  await archive.settled();
  await archive.seal({ all: true });
  const { files, bytes } = archive.status();
  console.log(`${ledger.size} entries; archive: ${files} files, ${(bytes / ledger.size).toFixed(1)} bytes an event`);
  await huntFigures(archive, Date.now());
}
for (const label of ['first start', 'second start', 'third start']) {
  const { firstPageMs, idleMib } = await firstPage(place);
  console.log(`${label}: first page after ${firstPageMs} ms, resident ${idleMib} MiB after 20 s`);
}
if (given === undefined) rmSync(dir, { recursive: true, force: true });
console.log(
  `node bench/big-directory.ts ${size}   (${cpus().length} x ${cpus()[0]?.model.trim()}, node ${process.version}, load of the machine ${loadavg()[0]?.toFixed(1)})`,
);

async function fill(ledger: Ledger): Promise<void> {
  const making = { many, days: DAYS, endMs: Date.now() };
  const began = performance.now();
  const from = ledger.size;
  for (let at = from; at < many; at += BATCH) {
    let receivedMs = 0;
    const entries: EntryInput[] = [];
    for (let index = at; index < Math.min(many, at + BATCH); index += 1) {
      const { classUid, retention, normal, raw, receivedMs: ms } = madeEntry(index, making);
      receivedMs = ms;
      entries.push({ classUid, retention, normal, raw, patient: null });
    }
    await ledger.append(entries, { receivedMs });
    if (at % 1_000_000 === 0) console.error(`${at} of ${many}`);
  }
  const seconds = (performance.now() - began) / 1000;
  if (many > from)
    console.log(`${many - from} entries appended in ${seconds.toFixed(0)} s, making and durability included`);
}

/** What a server would have noted by now: all of it has been looked at. */
async function bringUp(ledger: Ledger): Promise<void> {
  type Tables = IngestTables & DetectTables & IncidentsTables;
  const migrations = { ...INGEST_MIGRATIONS, ...DETECT_MIGRATIONS, ...INCIDENTS_MIGRATIONS };
  const state = await openState<Tables>(place.dir, migrations);
  const record = (): Promise<number> => Promise.resolve(0);
  const world = { clock: systemClock, random: systemRandom, log: silentLog, record };
  {
    const ruleSet = await loadRules([shippedRulesDir()]);
    await using detector = openLiveDetector({ ...world, ledger, state, ruleSet });
    // Saves a cursor of detection that has seen nothing; it is then moved.
    await detector.forget([]);
  }
  await state.updateTable('detect_cursor').set({ position: ledger.size }).execute();
  const patients = await PatientCounter.open(state, ledger);
  await patients.save();
  await openIncidents({ ...world, state, zone: () => 'UTC' }).passed(ledger.size);
  await state.destroy();
}

function archiveOf(ledger: Ledger) {
  return openArchive({
    dir: place.dir,
    origin: ledger.origin,
    readFrom: (from, to) => ledger.read({ from, to }),
    ledgerSize: () => ledger.size,
  });
}
