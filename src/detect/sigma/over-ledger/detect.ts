import type { Kysely } from 'kysely';
import type { OcsfEvent } from '#ingest';
import type { Clock } from '#kernel';
import type { Ledger, StoredEntry } from '#ledger';
import type { RuleSet } from '../types.ts';
import { type BaseMatch, BaseMatcher } from './base-matches.ts';
import {
  DETECTION_FINDING,
  FINDING_FORMAT,
  type LedgerFinding,
  findingEntry,
  findingEvent,
  findingUid,
} from './finding-event.ts';
import { FindingMaker, type MatchedEvent } from './finding-maker.ts';
import { CursorStore, type DetectTables } from './store.ts';
import { nativeViewOf } from './stored-event.ts';

/** Findings of one append call; a batch of entries may give many more. */
const APPEND_FINDINGS_MAX = 1_000;

export interface DetectOptions {
  ledger: Ledger;
  state: Kysely<DetectTables>;
  ruleSet: RuleSet;
  clock: Clock;
  /** Begin at this index with empty correlations instead of at the cursor. */
  from?: number | undefined;
  /** False leaves the ledger as it is: findings that are not in it are counted alone. Default true. */
  append?: boolean;
  /** `index`: where the finding itself stands in the ledger. */
  onFinding?: (finding: LedgerFinding, index: number) => void;
  onProgress?: (done: number, total: number) => void;
}

export interface DetectSummary {
  /** First and last (exclusive) index looked at. */
  from: number;
  to: number;
  events: number;
  findings: number;
  /** Findings that are not in the ledger, where nothing was to be appended. */
  missing: number;
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
  const maker = new FindingMaker(ruleSet);
  if (cursor !== null) maker.restore(cursor.correlations);
  const from = Math.min(options.from ?? cursor?.position ?? 0, ledger.size);
  const to = ledger.size;
  const appended = await uidsFrom(ledger, from, to);
  const matcher = new BaseMatcher(ruleSet.rules, maker.fieldsRead);
  const summary: DetectSummary = { from, to, events: 0, findings: 0, missing: 0, known: 0, unreadable: 0 };
  for await (const batch of ledger.read({ from, to })) {
    const fresh: LedgerFinding[] = [];
    for (const entry of batch) {
      if (entry.state !== 'present') summary.unreadable += 1;
      if (entry.state !== 'present' || ownFinding(entry) !== null) continue;
      summary.events += 1;
      const event = parse(entry);
      for (const finding of maker.feed(matchedEvent(entry.index, event), matchesOf(matcher, event))) {
        const uid = findingUid(finding);
        if (appended.has(uid)) summary.known += 1;
        else fresh.push(finding);
        appended.add(uid);
      }
    }
    if (options.append === false) summary.missing += fresh.length;
    else if (fresh.length > 0) {
      const nowMs = options.clock.nowMs();
      for (let at = 0; at < fresh.length; at += APPEND_FINDINGS_MAX) {
        const some = fresh.slice(at, at + APPEND_FINDINGS_MAX);
        const { firstIndex } = await ledger.append(some.map((one) => findingEntry(findingEvent(one, nowMs))));
        for (const [place, finding] of some.entries()) options.onFinding?.(finding, firstIndex + place);
      }
      summary.findings += fresh.length;
    }
    const position = (batch.at(-1)?.index ?? from) + 1;
    await cursors.save({ position, correlations: maker.save() });
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

/** What the rules find in a stored event: on the native names that its family gives back, and on the OCSF event itself. */
export function matchesOf(matcher: BaseMatcher, event: OcsfEvent): BaseMatch[] {
  const { family, fields } = nativeViewOf(event);
  return matcher.match(family, fields, event);
}

/** What correlations need of an event. A time that its source does not state has a label that says so. */
export function matchedEvent(index: number, event: OcsfEvent): MatchedEvent {
  return {
    index,
    timeMs: event.time,
    orderable: event.metadata.labels?.some((label) => label.startsWith('time:')) !== true,
    sourceId: event.metadata.log_format ?? '',
  };
}

function parse(entry: StoredEntry): OcsfEvent {
  return JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
}
