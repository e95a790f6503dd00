import type { CorrelationFinding, CorrelationRule, Level, Rule, RuleHead } from '#detect/sigma';
import type { BaseMatch, RecordRef, TimeSource } from './types.ts';

/** One finding as `scan --output ndjson` prints it; a contract with other programs. */
export interface Finding {
  kind: 'event' | 'correlation';
  rule: { id: string; title: string; level: Level; tags: readonly string[]; author: string | null };
  event: FindingEvent;
  /** Correlations alone: the events of the window, at most 100. */
  events?: FindingEvent[];
  events_total?: number;
  /** Correlations alone: group-by field → value. */
  group?: Readonly<Record<string, string>>;
  /** The fields that matched; for a correlation what was counted. */
  match: Record<string, unknown>;
}

export interface FindingEvent extends RecordRef {
  /** ISO 8601 in UTC; null when the source states no time. */
  time: string | null;
  time_source: TimeSource;
  class_uid: number;
}

export function eventFinding(match: BaseMatch, rule: Rule): Finding {
  return { kind: 'event', rule: ruleOf(rule), event: eventOf(match), match: match.matched };
}

export function correlationFinding(
  finding: CorrelationFinding<RuleHead | CorrelationRule>,
  eventAt: (ref: string | number) => BaseMatch,
): Finding {
  const events = finding.events.map((ref) => eventOf(eventAt(ref)));
  const last = events.at(-1);
  if (last === undefined) throw new TypeError('a correlation finding has events');
  return {
    kind: 'correlation',
    rule: ruleOf(finding.rule),
    event: last,
    events,
    events_total: finding.eventsTotal,
    group: finding.group,
    match: { value: finding.value },
  };
}

function ruleOf({ id, title, level, tags, author }: RuleHead): Finding['rule'] {
  return { id, title, level, tags, author: author ?? null };
}

function eventOf({ file, member, record, timeMs, timeSource, classUid }: BaseMatch): FindingEvent {
  const shown = timeMs !== null && Math.abs(timeMs) <= 8.64e15;
  return {
    file,
    member,
    record,
    time: shown ? new Date(timeMs).toISOString() : null,
    time_source: timeSource,
    class_uid: classUid,
  };
}
