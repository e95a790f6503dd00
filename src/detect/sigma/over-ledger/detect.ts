import type { Kysely } from 'kysely';
import { FAMILIES, type NativeFields, type OcsfEvent } from '#ingest';
import type { Clock } from '#kernel';
import type { Ledger, StoredEntry } from '#ledger';
import { type Correlator, createCorrelator } from '../correlation/correlator.ts';
import { createEngine } from '../engine.ts';
import { fieldsForRule } from '../fields.ts';
import type { CorrelationRule, Engine, Match, Rule, RuleSet } from '../types.ts';
import {
  DETECTION_FINDING,
  FINDING_FORMAT,
  type LedgerFinding,
  findingEntry,
  findingEvent,
  findingUid,
} from './finding-event.ts';
import { CursorStore, type DetectTables } from './store.ts';

/** Findings of one append call; a batch of entries may give many more. */
const APPEND_FINDINGS_MAX = 1_000;

export interface DetectOptions {
  ledger: Ledger;
  state: Kysely<DetectTables>;
  ruleSet: RuleSet;
  clock: Clock;
  /** Begin at this index with empty correlations instead of at the cursor. */
  from?: number | undefined;
  onFinding?: (finding: LedgerFinding) => void;
  onProgress?: (done: number, total: number) => void;
}

export interface DetectSummary {
  /** First and last (exclusive) index looked at. */
  from: number;
  to: number;
  events: number;
  findings: number;
  /** Findings that a run before this one had appended already. */
  known: number;
  /** Entries whose body is erased, expired or sealed. */
  unreadable: number;
}

/**
 * Runs the rules over all entries behind the cursor and appends each finding to the ledger as a Detection Finding (2004).
 * Findings are durable before the cursor moves; what a crash in between makes run again is told by its uid, so that no
 * finding stands twice. Findings themselves are not fed to rules.
 * @throws {LedgerError} when the ledger cannot be read or written.
 */
export async function detect(options: DetectOptions): Promise<DetectSummary> {
  const { ledger, state, ruleSet } = options;
  const cursors = new CursorStore(state);
  const cursor = options.from === undefined ? await cursors.load() : null;
  const correlator = createCorrelator(ruleSet.correlations, ruleSet.rules);
  if (cursor !== null) correlator.restore(cursor.correlations);
  const from = Math.min(options.from ?? cursor?.position ?? 0, ledger.size);
  const to = ledger.size;
  const appended = await uidsFrom(ledger, from, to);
  const evaluator = new StoredEvaluator(ruleSet, correlator);
  const summary: DetectSummary = { from, to, events: 0, findings: 0, known: 0, unreadable: 0 };
  for await (const batch of ledger.read({ from, to })) {
    const fresh: LedgerFinding[] = [];
    for (const entry of batch) {
      if (entry.state !== 'present') summary.unreadable += 1;
      if (entry.state !== 'present' || ownFinding(entry) !== null) continue;
      summary.events += 1;
      for (const finding of evaluator.evaluate(entry)) {
        const uid = findingUid(finding);
        if (appended.has(uid)) summary.known += 1;
        else fresh.push(finding);
        appended.add(uid);
      }
    }
    if (fresh.length > 0) {
      const nowMs = options.clock.nowMs();
      const entries = fresh.map((finding) => findingEntry(findingEvent(finding, nowMs)));
      for (let at = 0; at < entries.length; at += APPEND_FINDINGS_MAX)
        await ledger.append(entries.slice(at, at + APPEND_FINDINGS_MAX));
      summary.findings += fresh.length;
      for (const finding of fresh) options.onFinding?.(finding);
    }
    const position = (batch.at(-1)?.index ?? from) + 1;
    await cursors.save({ position, correlations: correlator.save() });
    options.onProgress?.(position - from, to - from);
  }
  return summary;
}

/** The uids of findings that stand at or behind `from`: those that a replay from there could append again. */
async function uidsFrom(ledger: Ledger, from: number, to: number): Promise<Set<string>> {
  const uids = new Set<string>();
  for await (const batch of ledger.read({ from, to }))
    for (const entry of batch) {
      const finding = entry.state === 'present' ? ownFinding(entry) : null;
      const info = finding?.['finding_info'] as { uid?: unknown } | undefined;
      if (typeof info?.uid === 'string') uids.add(info.uid);
    }
  return uids;
}

/** A finding that Wardkeep appended, or null. Alerts of other products have the same class, and rules look at those. */
function ownFinding(entry: StoredEntry): OcsfEvent | null {
  if (entry.classUid !== DETECTION_FINDING) return null;
  const event = parse(entry);
  return event.metadata.log_format === FINDING_FORMAT ? event : null;
}

/** Evaluates rules on stored events: on the native names that a family gives back, and on the OCSF event itself. */
class StoredEvaluator {
  readonly #engine: Engine;
  readonly #ocsf: boolean;
  readonly #correlator: Correlator<CorrelationRule['rule']>;

  constructor(ruleSet: RuleSet, correlator: Correlator<CorrelationRule['rule']>) {
    this.#engine = createEngine(ruleSet);
    this.#ocsf = ruleSet.rules.some(({ logsource }) => logsource.product === 'wardkeep');
    this.#correlator = correlator;
  }

  evaluate(entry: StoredEntry): LedgerFinding[] {
    const event = parse(entry);
    const format = event.metadata.log_format ?? '';
    const familyName = format.slice(0, format.indexOf('/'));
    const family = FAMILIES.get(familyName);
    const findings: LedgerFinding[] = [];
    const seen = new Set<Rule>();
    const view = (family: string, fields: NativeFields): void => {
      const matches = this.#engine.match(family, fields).filter(({ rule }) => !seen.has(rule));
      for (const { rule } of matches) seen.add(rule);
      this.#take(matches, { entry, event, family, fields }, findings);
    };
    if (family !== undefined && familyName !== 'ocsf') view(familyName, family.unmap(event));
    if (this.#ocsf || familyName === 'ocsf') view('ocsf', event);
    return findings;
  }

  #take(matches: readonly Match[], { entry, event, family, fields }: View, into: LedgerFinding[]): void {
    for (const match of matches) {
      if (!this.#correlator.silent.has(match.rule.id)) into.push(eventFinding(match, entry, event));
      if (!this.#correlator.wants(match.rule.id)) continue;
      const found = this.#correlator.feed({
        ruleId: match.rule.id,
        timeMs: event.time,
        orderable: event.metadata.labels?.some((label) => label.startsWith('time:')) !== true,
        sourceId: event.metadata.log_format ?? '',
        fields: fieldsForRule(match.rule, family, fields),
        ref: entry.index,
      });
      for (const { rule, events, eventsTotal, firstMs, lastMs, value, group } of found)
        into.push({
          rule,
          kind: 'correlation',
          indexes: events.map(Number),
          total: eventsTotal,
          timeMs: lastMs,
          firstMs,
          match: { value },
          group,
        });
    }
  }
}

/** A stored event in the words of one family. */
interface View {
  entry: StoredEntry;
  event: OcsfEvent;
  family: string;
  fields: NativeFields;
}

function eventFinding({ rule, matched }: Match, { index }: StoredEntry, { time }: OcsfEvent): LedgerFinding {
  return { rule, kind: 'event', indexes: [index], total: 1, timeMs: time, firstMs: time, match: matched, group: null };
}

function parse(entry: StoredEntry): OcsfEvent {
  return JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
}
