import type { Kysely } from 'kysely';
import {
  BaseMatcher,
  CursorStore,
  DETECTION_FINDING,
  type DetectTables,
  FindingMaker,
  type LedgerFinding,
  type RuleSet,
  detect,
  findingEvent,
  findingUid,
  matchedEvent,
} from '#detect/sigma';
import type { OcsfEvent } from '#ingest';
import type { AppendedBatch, AppendedEntry } from '#ingest/live';
import { type Clock, type Log, MIB } from '#kernel';
import type { Ledger } from '#ledger';
import { RecentEvents, eventsOf } from './evidence.ts';
import type { TapOptions, Tapped } from './tap.ts';
import type { DurableFinding, LiveDetector } from './types.ts';

/** The cursor is saved after so many events or so long, whichever comes first: what lies between is run again after a crash. */
const SAVE_EVENTS = 20_000;
const SAVE_MS = 5_000;
/** Memory for events that rules matched, for the findings that come to rest on them: some 4,000 of 2 kB. */
const RECENT_BYTES = 8 * MIB;
/** Uids of the latest findings: the same finding is not appended twice. */
const RECENT_UIDS = 50_000;

export interface DetectorOptions {
  ledger: Ledger;
  /** Opened with `DETECT_MIGRATIONS`. */
  state: Kysely<DetectTables>;
  ruleSet: RuleSet;
  /** Appends an event to the ledger, so that all who follow the stream see it, and gives its index. */
  record: (event: Readonly<Record<string, unknown>>) => Promise<number>;
  clock: Clock;
  log: Log;
}

/** A detector whose rules can be changed; the mapping thread's tap finds the base matches for it. */
export interface TunableDetector extends LiveDetector {
  tapOptions(): TapOptions;
  /** Other rules from the next event on; correlations that did not change keep their state. Gives the tap's new options. */
  setRules(ruleSet: RuleSet): TapOptions;
}

export function openLiveDetector(options: DetectorOptions): TunableDetector {
  return new Detector(options);
}

class Detector implements TunableDetector {
  readonly #options: DetectorOptions;
  readonly #cursors: CursorStore;
  readonly #recent = new RecentEvents(RECENT_BYTES);
  readonly #uids = new Set<string>();
  readonly #listeners: ((finding: DurableFinding) => void)[] = [];
  #rules: RuleSet;
  #maker: FindingMaker;
  /** For what Wardkeep itself records, which passes no mapping thread; made when it is first needed. */
  #own: BaseMatcher | null = null;
  #position = 0;
  #work: Promise<void> = Promise.resolve();
  #unsaved = 0;
  #savedMs = 0;
  #isOpen = true;

  constructor(options: DetectorOptions) {
    this.#options = options;
    this.#cursors = new CursorStore(options.state);
    this.#rules = options.ruleSet;
    this.#maker = new FindingMaker(options.ruleSet);
  }

  get position(): number {
    return this.#position;
  }

  tapOptions(): TapOptions {
    return { rules: this.#rules.rules, fieldsRead: this.#maker.fieldsRead };
  }

  setRules(ruleSet: RuleSet): TapOptions {
    const maker = new FindingMaker(ruleSet);
    maker.restore(this.#maker.save());
    this.#rules = ruleSet;
    this.#maker = maker;
    this.#own = null;
    return this.tapOptions();
  }

  async catchUp(onProgress?: (done: number, total: number) => void): Promise<void> {
    const { ledger, state, clock } = this.#options;
    const fresh: { finding: LedgerFinding; index: number }[] = [];
    const onFinding = (finding: LedgerFinding, index: number): void => void fresh.push({ finding, index });
    const progress = onProgress === undefined ? {} : { onProgress };
    await detect({ ledger, state, ruleSet: this.#rules, clock, onFinding, ...progress });
    const cursor = await this.#cursors.load();
    if (cursor !== null) this.#maker.restore(cursor.correlations);
    // Behind the cursor stand the findings that were appended just now.
    this.#position = ledger.size;
    this.#savedMs = clock.nowMs();
    for (const { finding, index } of fresh) await this.#tell(finding, index);
  }

  accept(batch: AppendedBatch): void {
    this.#work = this.#work
      .then(() => this.#take(batch))
      .catch((error: unknown) =>
        this.#options.log.error('detection failed on a batch; a restart runs it again', error),
      );
  }

  onFinding(listener: (finding: DurableFinding) => void): void {
    this.#listeners.push(listener);
  }

  async settled(): Promise<void> {
    let last: Promise<void>;
    do {
      last = this.#work;
      await last;
    } while (last !== this.#work);
  }

  forget(indexes: readonly number[]): Promise<number> {
    const forgotten = this.#work.then(async () => {
      this.#recent.forget(indexes);
      const dropped = this.#maker.forget(indexes);
      await this.#saveNow();
      return dropped;
    });
    this.#work = forgotten.then(
      () => undefined,
      () => undefined,
    );
    return forgotten;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.settled();
    await this.#save();
  }

  async #take({ entries }: AppendedBatch): Promise<void> {
    const found: LedgerFinding[] = [];
    for (const entry of entries) {
      if (entry.index < this.#position) continue;
      found.push(...this.#findingsOf(entry).filter((finding) => this.#isNew(finding)));
    }
    // Durable before the cursor moves: a crash in between finds them again, and knows them by their uids.
    const nowMs = this.#options.clock.nowMs();
    const indexes = await Promise.all(found.map((finding) => this.#options.record(findingEvent(finding, nowMs))));
    for (const [at, finding] of found.entries()) await this.#tell(finding, indexes[at] ?? -1);
    this.#position = Math.max(this.#position, (entries.at(-1)?.index ?? -1) + 1);
    this.#unsaved += entries.length;
    if (this.#unsaved >= SAVE_EVENTS || nowMs - this.#savedMs >= SAVE_MS) await this.#save();
  }

  #findingsOf(entry: AppendedEntry): LedgerFinding[] {
    const tapped = entry.tapped as Tapped | null;
    if (tapped !== null) {
      this.#recent.add(entry.index, entry.normal);
      return this.#maker.feed({ ...tapped, index: entry.index }, tapped.matches);
    }
    return entry.isOwn === true && entry.classUid !== DETECTION_FINDING ? this.#ownFindings(entry) : [];
  }

  #ownFindings(entry: AppendedEntry): LedgerFinding[] {
    this.#own ??= new BaseMatcher(this.#rules.rules, this.#maker.fieldsRead);
    const event = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
    const matches = this.#own.match('', null, event);
    if (matches.length === 0) return [];
    this.#recent.add(entry.index, entry.normal);
    return this.#maker.feed(matchedEvent(entry.index, event), matches);
  }

  #isNew(finding: LedgerFinding): boolean {
    const uid = findingUid(finding);
    if (this.#uids.has(uid)) return false;
    this.#uids.add(uid);
    const [oldest] = this.#uids;
    if (this.#uids.size > RECENT_UIDS && oldest !== undefined) this.#uids.delete(oldest);
    return true;
  }

  async #tell(finding: LedgerFinding, index: number): Promise<void> {
    const { rule, kind, indexes, total, firstMs, timeMs, match, group } = finding;
    const events = await eventsOf(this.#options.ledger, indexes, this.#recent);
    const uid = findingUid(finding);
    const told = {
      index,
      uid,
      rule,
      level: rule.level,
      kind,
      indexes,
      total,
      firstMs,
      atMs: timeMs,
      match,
      group,
      events,
    };
    for (const listener of this.#listeners) listener(told);
  }

  async #save(): Promise<void> {
    if (this.#unsaved > 0) await this.#saveNow();
  }

  async #saveNow(): Promise<void> {
    await this.#cursors.save({ position: this.#position, correlations: this.#maker.save() });
    this.#unsaved = 0;
    this.#savedMs = this.#options.clock.nowMs();
  }
}
