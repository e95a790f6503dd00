import { isRenewal } from './group.ts';
import { type SavedChained, type SavedGroup, parseState } from './state.ts';
import type { EventRef } from './types.ts';

/**
 * A saved state without what it holds of these events: they leave their windows, and so do findings of other
 * correlations that rest on them. A group goes where none of its events is left, since its group-by values were theirs.
 * That an episode goes on (a renewal) is forgotten everywhere until its next event: the values of the event that renewed
 * it are not told apart. The same bytes come back where there is nothing to forget.
 * @throws {CorrelationStateError} when the bytes are no such state, or one of a newer version.
 */
export function forgetEvents(state: Uint8Array, events: ReadonlySet<EventRef>): { state: Uint8Array; dropped: number } {
  const saved = parseState(state);
  let dropped = 0;
  const groups = saved.groups.flatMap((group) => {
    const rest = withoutEvents(group, events);
    dropped += group.entries.length - (rest?.entries.length ?? 0);
    return rest ?? [];
  });
  const bytes = Buffer.from(JSON.stringify({ ...saved, groups }));
  return bytes.equals(state) ? { state, dropped: 0 } : { state: bytes, dropped };
}

function withoutEvents(group: SavedGroup, events: ReadonlySet<EventRef>): SavedGroup | null {
  const entries = group.entries.filter(
    ([, ref, , , , chained]) => !events.has(ref) && !isRenewal(ref) && !restsOn(chained, events),
  );
  if (entries.length === 0) return null;
  const last = group.last !== null && events.has(group.last) ? null : group.last;
  const episodes = group.episodes.map((episode): SavedGroup['episodes'][number] => {
    const [id, fromMs, lastMs, chained] = episode;
    return chained === undefined ? episode : [id, fromMs, lastMs, unlisted(chained, events)];
  });
  return { ...group, last, entries, episodes };
}

function restsOn(chained: SavedChained | undefined, events: ReadonlySet<EventRef>): boolean {
  if (chained === undefined) return false;
  const [refs, total] = chained;
  // More than are listed: any of these events may be among the others.
  return total > refs.length || refs.some((ref) => events.has(ref));
}

/** The number of its events stays: it is what was found then. */
function unlisted([refs, total, firstMs]: SavedChained, events: ReadonlySet<EventRef>): SavedChained {
  return [refs.filter((ref) => !events.has(ref)), total, firstMs];
}
