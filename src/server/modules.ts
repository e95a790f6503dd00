import { type Archive, openArchive } from '#archive';
import { type RuleDesk, openRules } from '#console';
import { type TunableDetector, findingsSince, openLiveDetector, tapUrl } from '#detect/live';
import { importedRulesDir, shippedRulesDir } from '#detect/sigma';
import { type LiveIntake, openIntake } from '#ingest/live';
import type { Clock, Log, RandomFill } from '#kernel';
import type { Config } from '#kernel/config';
import { type Incidents, openIncidents } from '#respond/incidents';
import type { OpenedData } from './data.ts';

export interface ModuleOptions {
  dir: string;
  data: OpenedData;
  config: Config;
  env: Readonly<Record<string, string | undefined>>;
  /** The hospital's zone, as settings have it. */
  zone: () => string;
  clock: Clock;
  random: RandomFill;
  log: Log;
  onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

/** The modules through which events flow. */
export interface Flow extends AsyncDisposable {
  intake: LiveIntake;
  archive: Archive;
  detector: TunableDetector;
  incidents: Incidents;
  ruleDesk: RuleDesk;
  /** Appends what Wardkeep itself has to say. */
  record: (event: Readonly<Record<string, unknown>>) => Promise<number>;
  /** Findings since the start. */
  findings: () => number;
  /** Notes how far incidents have come, so that a start after a crash has little to look through. */
  keepPlace: () => Promise<void>;
}

/**
 * Opens them in the order of the flow. Detection and incidents first catch up with what the ledger holds; only then does
 * intake let anything in. They close in reverse, after detection has looked at everything that came in.
 */
export async function openFlow(options: ModuleOptions): Promise<Flow> {
  const { data, dir, config, clock, random, log, zone } = options;
  const { ledger, state } = data;
  await using stack = new AsyncDisposableStack();
  let intake: LiveIntake | null = null;
  const record = async (event: Readonly<Record<string, unknown>>): Promise<number> => {
    if (intake === null) throw new Error('nothing is recorded before intake is open');
    return intake.record(event);
  };
  const dirs = { shipped: shippedRulesDir(), imported: importedRulesDir(options.env, dir) };
  const rules = await openRules({ state, dirs, load: config.rules, clock, log });
  const ruleSet = rules.ruleSet();
  const detector = stack.use(openLiveDetector({ ledger, state, ruleSet, record, clock, log }));
  await detector.catchUp((done, total) => options.onProgress?.('detection catches up', done, total));
  const incidents = openIncidents({ state, clock, random, log, zone, record });
  await incidents.acceptAll(findingsSince(ledger, await incidents.position()));
  // Both begin a thread, which takes its time: they begin beside each other.
  const opening = openArchive({
    dir,
    origin: ledger.origin,
    readFrom: (from, to) => ledger.read({ from, to }),
    ledgerSize: () => ledger.size,
    retentionDays: () => ledger.manifest.retentionDays,
    keepsTrying: true,
    clock,
    log,
  });
  const tap = { module: tapUrl, options: detector.tapOptions() };
  const defaults = { raw: config.raw, zone: config.zone ?? 'UTC' };
  const entering = openIntake({ ledger, state, dir, tap, ...defaults, clock, random, log });
  // What came to be beside a failure is closed, too.
  for (const one of await Promise.allSettled([opening, entering])) if (one.status === 'fulfilled') stack.use(one.value);
  const [archive, door] = [await opening, await entering];
  intake = door;
  // What was looked at need not be looked through for findings at the next start; nor read again what is sealed.
  const keepPlace = (): Promise<void> => incidents.passed(detector.position);
  await keepPlace();
  stack.defer(() =>
    keepPlace().catch((error: unknown) => log.error('the place of the incidents could not be noted', error)),
  );
  stack.defer(() =>
    archive.seal({ all: true }).catch((error: unknown) => log.error('the archive could not be sealed', error)),
  );
  stack.defer(() => detector.settled());
  const findings = follow({ intake, archive, detector, incidents, log });
  const ruleDesk = rules.desk({
    ledger,
    archive,
    apply: (changed) => door.updateTap(detector.setRules(changed)),
  });
  const opened = stack.move();
  const flow = { intake, archive, detector, incidents, ruleDesk, record, findings, keepPlace };
  return { ...flow, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Who reads the stream. Gives the number of findings so far. */
function follow({
  intake,
  archive,
  detector,
  incidents,
  log,
}: Pick<Flow, 'intake' | 'archive' | 'detector' | 'incidents'> & { log: Log }): () => number {
  let findings = 0;
  intake.onAppended((batch) => archive.accept(batch));
  intake.onAppended((batch) => detector.accept(batch));
  detector.onFinding((finding) => {
    findings += 1;
    incidents
      .accept(finding)
      .catch((error: unknown) => log.error('a finding did not reach its incident; a restart brings it there', error));
  });
  return () => findings;
}
