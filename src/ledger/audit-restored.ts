import { messageOf, systemRandom } from '#kernel';
import type { AuditKeys } from './audit-keys.ts';
import type { AuditReport } from './audit-report.ts';
import { DayKeys, nameOf } from './day-keys.ts';
import type { Layout } from './layout.ts';
import { segmentName } from './layout.ts';
import { readPending } from './pending.ts';
import { BodyOpener, lastAtOrBelow } from './reader.ts';
import { SegmentScanner, listSegments, partsOf } from './segment.ts';

/** Entries of one page of `PresentBodies`. */
const PAGE_ENTRIES = 65_536;

/** Which bodies an audit has opened: a bit an entry, so that a billion entries take 125 MB and no more. */
export class PresentBodies {
  readonly #pages = new Map<number, Uint8Array>();

  add(index: number): void {
    const page = Math.floor(index / PAGE_ENTRIES);
    const bits = this.#pages.get(page) ?? new Uint8Array(PAGE_ENTRIES / 8);
    this.#pages.set(page, bits);
    const at = index % PAGE_ENTRIES;
    bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }

  has(index: number): boolean {
    const at = index % PAGE_ENTRIES;
    return (((this.#pages.get(Math.floor(index / PAGE_ENTRIES))?.[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
  }
}

/** What the ledger's own events say was removed: an index or the name of a day key, and the entry that says so. */
export interface NamedRemovals {
  indexes: ReadonlyMap<number, number>;
  keys: ReadonlyMap<string, number>;
}

/** What an audit has opened: bodies, and by name the day keys with the first index that each one covered. */
export interface OpenedBodies {
  bodies: PresentBodies;
  keys: ReadonlyMap<string, number>;
}

export interface RestoredOptions {
  origin: string;
  layout: Layout;
  keys: AuditKeys;
  named: NamedRemovals;
  opened: OpenedBodies;
  report: AuditReport;
}

/**
 * Reports what was removed once and is there again, as it is when a segment or a key file comes back from an old
 * backup. Each suspect is looked at anew, because a writer may have removed it while the audit was on its way; one
 * whose removal has only begun is a note.
 */
export function reportRestored(options: RestoredOptions): void {
  const { named, opened } = options;
  const bodies = [...named.indexes.keys()].filter((index) => opened.bodies.has(index)).toSorted((a, b) => a - b);
  const keys = [...opened.keys.keys()].filter((key) => named.keys.has(key));
  if (bodies.length === 0 && keys.length === 0) return;
  const pending = pendingRemovals(options);
  reportBodies(options, { indexes: bodies, pending });
  reportKeys(options, { keys, pending });
}

function reportBodies(
  options: RestoredOptions,
  { indexes, pending }: { indexes: readonly number[]; pending: ReadonlySet<number | string> },
): void {
  const { report, named } = options;
  for (const [index, segment] of stillPresent(options, indexes)) {
    report.bodiesVerified -= 1;
    if (pending.has(index)) {
      report.note(`the erasure of entry ${index} is not finished: the next opening of the ledger finishes it`);
      continue;
    }
    const what = `erased by entry ${named.indexes.get(index)} but present in segment ${segmentName(segment)}`;
    report.bad(index, `${what}; run the erasure again: wardkeep ledger erase --index ${index}`);
  }
}

function reportKeys(
  { report, named, opened, layout, keys: { master } }: RestoredOptions,
  { keys, pending }: { keys: readonly string[]; pending: ReadonlySet<number | string> },
): void {
  const now = new DayKeys({ dir: layout.keys, master, random: systemRandom });
  const present = new Set(
    now
      .list()
      .filter((id) => now.state(id) === 'present')
      .map(nameOf),
  );
  for (const key of keys.filter((one) => present.has(one))) {
    if (pending.has(key)) {
      report.note(`the expiry of ${key} is not finished: the next opening of the ledger finishes it`);
      continue;
    }
    const what = `the bodies of ${key} expired by entry ${named.keys.get(key)}, but they and their key are back`;
    report.bad(opened.keys.get(key) ?? null, `${what}; apply the retention again: wardkeep ledger retention --apply`);
  }
}

/** Which of these indexes (ascending) have a body in the journal as it is now, and in which segment. */
function stillPresent({ layout, origin, keys }: RestoredOptions, indexes: readonly number[]): Map<number, number> {
  const segments = listSegments(layout.journal);
  const wanted = Map.groupBy(indexes, (index) => segments[lastAtOrBelow(segments, index)] ?? 0);
  const opener = new BodyOpener(origin, keys.dayKeys);
  const found = new Map<number, number>();
  for (const [segment, list] of wanted) {
    const ones = new Set(list);
    using scanner = new SegmentScanner(layout.journal, segment);
    for (let scanned = scanner.next(); scanned !== null; scanned = scanner.next()) {
      const { firstIndex, count } = scanned.head;
      const next = list[lastAtOrBelow(list, firstIndex + count - 1)] ?? -1;
      if (next < firstIndex || next >= firstIndex + count) continue;
      for (const { index, state } of opener.entries(partsOf(scanned), firstIndex, firstIndex + count))
        if (state === 'present' && ones.has(index)) found.set(index, segment);
    }
  }
  return found;
}

/** Indexes and names of keys whose removal a crash interrupted, or another process is at. */
function pendingRemovals({ layout, keys: { master }, report }: RestoredOptions): Set<number | string> {
  try {
    const work = readPending({ layout, master });
    if (work === null) return new Set();
    return new Set<number | string>(work.kind === 'erase' ? work.indexes : work.keys.map(nameOf));
  } catch (error) {
    report.bad(null, messageOf(error));
    return new Set();
  }
}
