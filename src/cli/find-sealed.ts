import { type Archive, ArchiveError, type EventQuery, archiveExtent, openArchive } from '#archive';
import { className, classUids } from '#ingest';
import type { Ledger, StoredEntry } from '#ledger';
import { type EventFilter, type Match, type Sealed, type Walked, matchOf } from './find-events.ts';

/** Rows of one question to the archive. */
const PAGE_ROWS = 1_000;
/** More are found faster by reading the ledger as a whole. */
const WANTED_MAX = 1_000;
/** So many that only seemed to fit say that the archive is no help with this question. */
const MISSES_MAX = 300;
/** Entries that lie so near to each other are read at once. */
const NEAR = 512;
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
  const extent = archiveExtent(dir, ledger.origin);
  if (extent === null || extent.sealedTo === 0 || extent.sealedTo > ledger.size || limit > WANTED_MAX) return null;
  const { sealedTo: to, rows } = extent;
  const queries = queriesFor(filter, to);
  if (queries === null) return null;
  const archive = await openFiles(dir, ledger.origin, to);
  if (archive === null) return null;
  return {
    to,
    async older(wanted): Promise<Walked | null> {
      try {
        const matches = await newestOf(ledger, { archive, queries, filter, wanted });
        return matches === null ? null : { matches, unreadable: to - rows };
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

/** The fields of a user that the command looks at, as they stand in the JSON. */
const USER_FIELDS = ['name', 'uid', 'email_addr'];

/**
 * Questions that together find at least every event that fits; null where there are none. The archive's columns hold one user
 * an event and the command asks for any of several, so that users are looked for in the JSON.
 */
function queriesFor(filter: EventFilter, before: number): Omit<EventQuery, 'limit'>[] | null {
  const { sinceMs, untilMs, patient, ip, user, text } = filter;
  const classUid = filter.class === undefined ? undefined : classUidOf(filter.class);
  // The JSON of all events is read slower than the ledger; with a patient or an address only that of few is.
  if (user !== undefined && patient === undefined && ip === undefined) return null;
  // Upper and lower case are the same to the archive and to us in ASCII alone.
  if (classUid === null || [user, text].some((one) => one !== undefined && !ASCII.test(one))) return null;
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
  return ip === undefined
    ? [base]
    : [
        { ...base, ip },
        { ...base, device: ip },
      ];
}

function classUidOf(wanted: string): number | null {
  if (/^\d+$/.test(wanted)) return Number(wanted);
  return classUids().find((uid) => className(uid) === wanted.toLowerCase()) ?? null;
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

/** Indexes, newest first, in groups that lie near to each other. */
function runsOf(indexes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const index of indexes) {
    const run = runs.at(-1);
    if (run !== undefined && (run[0] ?? 0) - index < NEAR) run.push(index);
    else runs.push([index]);
  }
  return runs;
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
