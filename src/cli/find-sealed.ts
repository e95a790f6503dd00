import { type Archive, ArchiveError, type EventQuery, archiveExtent, openArchive } from '#archive';
import type { Ledger, StoredEntry } from '#ledger';
import type { EventFilter } from './event-filter.ts';
import { type Match, type Sealed, type Walked, matchOf } from './find-events.ts';
import { runsOf } from './runs.ts';

/** Rows of one question to the archive. */
const PAGE_ROWS = 1_000;
/** More are found faster by reading the ledger as a whole. */
const WANTED_MAX = 1_000;
/** So many that only seemed to fit say that the archive is no help with this question. */
const MISSES_MAX = 300;
const ASCII = /^[\x20-\x7e]+$/;

/**
 * The archive's files beside a ledger, opened for reading alone; null where there are none that fit, where they
 * know nothing of what is asked for, or where the limit is large.
 * Works beside a running server, which may merge files meanwhile: what then cannot be told is told by the ledger itself.
 */
export async function openSealed(
  dir: string,
  ledger: Ledger,
  { filter, limit }: { filter: EventFilter; limit: number },
): Promise<(Sealed & AsyncDisposable) | null> {
  const extent = archiveExtent(dir, ledger.origin, filter.sinceMs);
  if (extent === null || extent.sealedTo === 0 || extent.sealedTo > ledger.size || limit > WANTED_MAX) return null;
  const { sealedTo: to, missing } = extent;
  const queries = queriesFor(filter, to);
  if (queries === null) return null;
  const archive = await openFiles(dir, ledger.origin, to);
  if (archive === null) return null;
  return {
    to,
    async older(wanted): Promise<Walked | null> {
      try {
        const matches = await newestOf(ledger, { archive, queries, filter, wanted });
        return matches === null ? null : { matches, unreadable: missing };
      } catch (error) {
        if (error instanceof ArchiveError) return null;
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose](),
  };
}

/** What lies behind the files comes from the ledger: the archive is to read nothing of it. */
async function* nothing(): AsyncGenerator<StoredEntry[]> {
  // There is nothing to read.
}

async function openFiles(dir: string, origin: string, to: number): Promise<Archive | null> {
  try {
    const archive = await openArchive({ dir, mode: 'read', origin, readFrom: nothing, ledgerSize: () => to });
    const { sealedTo, damaged } = archive.status();
    if (sealedTo === to && damaged.length === 0) return archive;
    await archive[Symbol.asyncDispose]();
    return null;
  } catch (error) {
    if (error instanceof ArchiveError) return null;
    throw error;
  }
}

/** How the label of what was rejected begins, as it stands in the JSON. */
const REJECTED_MARK = '"rejected:';

/** The fields of a user that the command looks at, as they stand in the JSON. */
const USER_FIELDS = ['name', 'uid', 'email_addr'];

/**
 * Questions that together find at least every event that fits; null where there are none. The archive's columns hold one user
 * an event and the command asks for any of several, so that users are looked for in the JSON.
 */
function queriesFor(filter: EventFilter, before: number): Omit<EventQuery, 'limit'>[] | null {
  const { sinceMs, untilMs, classUid, patient, ip, user, text } = filter;
  // The JSON of all events is read slower than the ledger; with a patient or an address only that of few is.
  if (user !== undefined && patient === undefined && ip === undefined) return null;
  // Upper and lower case are the same to the archive and to us in ASCII alone.
  if ([user, text].some((one) => one !== undefined && !ASCII.test(one))) return null;
  const base: Omit<EventQuery, 'limit'> = {
    before,
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(classUid === undefined ? {} : { classUid }),
    ...(patient === undefined ? {} : { patient }),
    ...(text === undefined ? {} : { text }),
    ...(user === undefined ? {} : { anyInJson: USER_FIELDS.map((field) => `"${field}":${JSON.stringify(user)}`) }),
  };
  // An address may be a name, too, which is a column of its own.
  if (ip !== undefined)
    return [
      { ...base, ip },
      { ...base, device: ip },
    ];
  // The archive does not hold the raw records of what was rejected.
  const { text: _text, ...textless } = base;
  const rejected = { ...textless, classUid: 0, anyInJson: [REJECTED_MARK] };
  const isAboutRejected = text !== undefined && user === undefined && patient === undefined && (classUid ?? 0) === 0;
  return isAboutRejected ? [base, rejected] : [base];
}

interface Asked {
  archive: Archive;
  queries: readonly Omit<EventQuery, 'limit'>[];
  filter: EventFilter;
  wanted: number;
}

/** The newest matches, oldest first; null where too few of what the archive names do fit. */
async function newestOf(ledger: Ledger, { archive, queries, filter, wanted }: Asked): Promise<Match[] | null> {
  const matches: Match[] = [];
  let misses = 0;
  let before = Number.MAX_SAFE_INTEGER;
  while (matches.length < wanted) {
    const { indexes, next } = await page(archive, queries, before);
    for (const run of runsOf(indexes)) {
      const fitting = await read(ledger, run, filter);
      // A body that the ledger has let go of, and the archive not yet.
      if (fitting === null) return null;
      misses += run.length - fitting.length;
      matches.push(...fitting);
      if (matches.length >= wanted) break;
    }
    if (next === null) break;
    if (misses > MISSES_MAX) return null;
    before = next;
  }
  return matches.slice(0, wanted).toSorted((a, b) => a.index - b.index);
}

/** Indexes that may fit, newest first, and below which index the next page begins; null when there is none. */
async function page(
  archive: Archive,
  queries: Asked['queries'],
  before: number,
): Promise<{ indexes: number[]; next: number | null }> {
  const pages = await Promise.all(
    queries.map((query) =>
      archive.events({ ...query, before: Math.min(before, query.before ?? before), limit: PAGE_ROWS }),
    ),
  );
  const ends = pages.flatMap((rows) => (rows.length < PAGE_ROWS ? [] : (rows.at(-1)?.index ?? [])));
  const next = ends.length === 0 ? null : Math.max(...ends);
  const all = new Set(pages.flat().map(({ index }) => index));
  const indexes = [...all].filter((index) => next === null || index >= next).toSorted((a, b) => b - a);
  return { indexes, next };
}

/** Those of the entries that fit, newest first; null where one of them cannot be read. */
async function read(ledger: Ledger, run: readonly number[], filter: EventFilter): Promise<Match[] | null> {
  const [last = 0] = run;
  const first = run.at(-1) ?? last;
  const asked = new Set(run);
  const matches: Match[] = [];
  for await (const batch of ledger.read({ from: first, to: last + 1 })) {
    for (const entry of batch) {
      if (!asked.has(entry.index)) continue;
      if (entry.state !== 'present') return null;
      const match = matchOf(entry, filter);
      if (match !== null) matches.push(match);
    }
  }
  return matches.toReversed();
}
