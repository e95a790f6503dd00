import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  BaseMatcher,
  DETECTION_FINDING,
  FINDING_FORMAT,
  FindingMaker,
  type LedgerFinding,
  type RuleSet,
  matchedEvent,
  matchesOf,
} from '#detect/sigma';
import type { OcsfEvent } from '#ingest';
import { type Clock, utcDay } from '#kernel';
import type { Ledger, StoredEntry } from '#ledger';
import type { RulePreview } from '../api.ts';
import { classWords, summaryOfEvent } from '../event-shown.ts';

/** Reading stops at this time; the newest events were looked at by then. */
const PREVIEW_MS_MAX = 5_000;
/** Entries that are read at a time, from the newest back. */
const CHUNK = 2_000;
/** Events that match are kept until they are put in order; beyond it reading stops. */
const MATCHES_MAX = 50_000;
const EXAMPLES_MAX = 10;
const DAY_MS = 86_400_000;

interface Matched {
  index: number;
  receivedMs: number;
  event: OcsfEvent;
  matches: ReturnType<BaseMatcher['match']>;
}

/** What these rules would have found in the events of the last days, before anybody is told of it. */
export async function previewRules(
  rules: Pick<RuleSet, 'rules' | 'correlations'>,
  options: { ledger: Pick<Ledger, 'read' | 'size'>; days: number; clock: Clock },
): Promise<RulePreview> {
  const maker = new FindingMaker(rules);
  const read = await readBack(new BaseMatcher(rules.rules, maker.fieldsRead), options);
  const matched = read.matched.toSorted((a, b) => a.index - b.index);
  const byIndex = new Map(matched.map((one) => [one.index, one]));
  const findings = matched.flatMap(({ index, event, matches }) => maker.feed(matchedEvent(index, event), matches));
  return {
    events: read.events,
    findings: findings.length,
    perDay: countDays(findings, byIndex),
    examples: examplesOf(findings, byIndex),
    isPartial: read.isPartial,
  };
}

async function readBack(
  matcher: BaseMatcher,
  { ledger, days, clock }: { ledger: Pick<Ledger, 'read' | 'size'>; days: number; clock: Clock },
): Promise<{ matched: Matched[]; events: number; isPartial: boolean }> {
  const sinceMs = clock.nowMs() - days * DAY_MS;
  // Of the machine, not of the clock that may stand still: it bounds work.
  const until = performance.now() + PREVIEW_MS_MAX;
  const matched: Matched[] = [];
  let events = 0;
  for (let to = ledger.size; to > 0; to -= CHUNK) {
    let isOlder = false;
    for await (const batch of ledger.read({ from: Math.max(0, to - CHUNK), to })) {
      for (const entry of batch) {
        if (entry.receivedMs < sinceMs) isOlder = true;
        const event = entry.receivedMs < sinceMs ? null : eventIn(entry);
        if (event === null) continue;
        events += 1;
        const matches = matchesOf(matcher, event);
        if (matches.length > 0) matched.push({ index: entry.index, receivedMs: entry.receivedMs, event, matches });
      }
      await nextTurn();
    }
    if (isOlder || to <= CHUNK) break;
    if (performance.now() > until || matched.length > MATCHES_MAX) return { matched, events, isPartial: true };
  }
  return { matched, events, isPartial: false };
}

/** Null for what is gone, and for findings of our own: no rule is asked about those. */
function eventIn(entry: StoredEntry): OcsfEvent | null {
  if (entry.state !== 'present') return null;
  const event = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
  return entry.classUid === DETECTION_FINDING && event.metadata.log_format === FINDING_FORMAT ? null : event;
}

function countDays(findings: readonly LedgerFinding[], byIndex: ReadonlyMap<number, Matched>): RulePreview['perDay'] {
  const days = new Map<string, number>();
  for (const { indexes } of findings) {
    const last = byIndex.get(indexes.at(-1) ?? -1);
    // By the day of receipt, which no sender can choose.
    if (last !== undefined) days.set(utcDay(last.receivedMs), (days.get(utcDay(last.receivedMs)) ?? 0) + 1);
  }
  return [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([day, findings]) => ({ day, findings }));
}

function examplesOf(
  findings: readonly LedgerFinding[],
  byIndex: ReadonlyMap<number, Matched>,
): RulePreview['examples'] {
  const last = findings.slice(-EXAMPLES_MAX).toReversed();
  return last.flatMap(({ indexes }) => {
    const one = byIndex.get(indexes.at(-1) ?? -1);
    if (one === undefined) return [];
    const row = summaryOfEvent(one.index, one.receivedMs, { ...one.event });
    return [{ ...row, className: classWords(row.classUid) }];
  });
}
