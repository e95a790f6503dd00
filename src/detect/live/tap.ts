import { type BaseMatch, BaseMatcher, type FieldsRead, type Rule, matchedEvent } from '#detect/sigma';
import type { OcsfEvent } from '#ingest';
import type { Tap, TappedRecord } from '#ingest/live';

/** The mapping thread loads this module by its URL and hands it each record while it is an object already. */
export const tapUrl = new URL(import.meta.url);

/** What the thread needs of the rules; survives structured clone. */
export interface TapOptions {
  rules: readonly Rule[];
  /** What correlations read in their matches. */
  fieldsRead: FieldsRead;
}

/** What stands in `AppendedEntry.tapped`. */
export interface Tapped {
  timeMs: number;
  orderable: boolean;
  sourceId: string;
  matches: BaseMatch[];
}

/** Evaluates the rules on each record, which gives what `detect` finds in the stored event (a test holds it to that). */
export function createTap(options: unknown): Tap {
  let matcher = matcherOf(options as TapOptions);
  return {
    observe(record) {
      const matches = matcher.match(record.family, record.fields, record.event);
      return matches.length === 0 ? null : tapped(record, matches);
    },
    update(next) {
      matcher = matcherOf(next as TapOptions);
    },
  };
}

function matcherOf({ rules, fieldsRead }: TapOptions): BaseMatcher {
  return new BaseMatcher(rules, fieldsRead);
}

function tapped({ event }: TappedRecord, matches: BaseMatch[]): Tapped {
  const { timeMs, orderable, sourceId } = matchedEvent(0, event as unknown as OcsfEvent);
  return { timeMs, orderable, sourceId, matches };
}
