import { type OcsfEvent, className } from '#ingest';
import type { Ledger, StoredEntry } from '#ledger';
import type { EventFilter } from './event-filter.ts';
import { textsAt } from './event-text.ts';
import { isRejected } from './raw-record.ts';

export interface FoundEvent {
  index: number;
  event: OcsfEvent;
  what: string;
  who: string;
  from: string;
  /** What happened in the words of the event itself; empty where it has none. */
  detail: string;
}

export interface FoundEvents {
  /** Newest first. */
  found: FoundEvent[];
  /** Older ones fit, too. */
  isMore: boolean;
  /** Entries that might fit, whose bodies are erased, expired or sealed. */
  unreadable: number;
}

/** An event that fits, as it lies in the ledger. */
export interface Match {
  index: number;
  event: OcsfEvent;
}

/** Of a part of the ledger: the newest matches, oldest first, at most one more than are wanted, and how much that might fit cannot be read. */
export interface Walked {
  matches: Match[];
  unreadable: number;
}

/**
 * The newest events that fit. Entries from `sealed.to` on, or without `sealed` all of them, are read from the ledger; those
 * before it come from where the archive says that they may fit. Where it cannot say so, the ledger is read from its beginning.
 */
export async function findEvents(
  ledger: Ledger,
  { filter, limit, sealed }: { filter: EventFilter; limit: number; sealed: Sealed | null },
): Promise<FoundEvents> {
  const wanted = limit + 1;
  const newer = sealed === null ? null : await walk(ledger, { from: sealed.to, filter, wanted });
  const older = sealed === null || newer === null ? null : await sealed.older(wanted - newer.matches.length);
  const { matches, unreadable } =
    newer !== null && older !== null
      ? { matches: [...older.matches, ...newer.matches], unreadable: older.unreadable + newer.unreadable }
      : await walk(ledger, { from: 0, filter, wanted });
  const newestFirst = matches.toSorted((a, b) => b.index - a.index).slice(0, limit);
  return { found: newestFirst.map(describe), isMore: matches.length > limit, unreadable };
}

/** The part of the ledger in which an archive can look up what fits a filter. */
export interface Sealed {
  /** Behind the last index that it knows. */
  to: number;
  /** The newest matches before `to`, at most `wanted`; null where the archive cannot tell. */
  older: (wanted: number) => Promise<Walked | null>;
}

async function walk(
  ledger: Ledger,
  { from, filter, wanted }: { from: number; filter: EventFilter; wanted: number },
): Promise<Walked> {
  const ring: Match[] = [];
  let matched = 0;
  let unreadable = 0;
  for await (const batch of ledger.read({ from })) {
    for (const entry of batch) {
      if (entry.state !== 'present' && mightFit(entry, filter)) unreadable += 1;
      const match = matchOf(entry, filter);
      if (match === null) continue;
      ring[matched % wanted] = match;
      matched += 1;
    }
  }
  return { matches: ring.toSorted((a, b) => a.index - b.index), unreadable };
}

/** An event may bear a time that lies so far ahead of its receipt. */
const AHEAD_MS = 86_400_000;

/** Whether an entry might fit by what its leaf says, where its body cannot be read. */
function mightFit({ classUid, receivedMs }: StoredEntry, filter: EventFilter): boolean {
  if (filter.classUid !== undefined && filter.classUid !== classUid) return false;
  return filter.sinceMs === undefined || receivedMs >= filter.sinceMs - AHEAD_MS;
}

/** The event of an entry that fits; null where it does not, or cannot be read. */
export function matchOf(entry: StoredEntry, filter: EventFilter): Match | null {
  if (entry.state !== 'present') return null;
  if (filter.classUid !== undefined && filter.classUid !== entry.classUid) return null;
  const json = Buffer.from(entry.normal).toString('utf8');
  const inText = filter.text === undefined || holds(json, filter.text);
  // What did not parse says nothing in its event: its words are those of the record.
  if (!inText && (entry.classUid !== 0 || !holds(Buffer.from(entry.raw).toString('utf8'), filter.text))) return null;
  const event = JSON.parse(json) as OcsfEvent;
  return (inText || isRejected(event)) && fits(event, filter) ? { index: entry.index, event } : null;
}

function holds(text: string, wanted: string | undefined): boolean {
  return wanted !== undefined && text.toLowerCase().includes(wanted.toLowerCase());
}

function fits(event: OcsfEvent, { sinceMs, untilMs, user, patient, ip }: EventFilter): boolean {
  if (sinceMs !== undefined && event.time < sinceMs) return false;
  if (untilMs !== undefined && event.time >= untilMs) return false;
  if (user !== undefined && !usersOf(event).some((one) => one.toLowerCase() === user.toLowerCase())) return false;
  if (patient !== undefined && !patientsOf(event).includes(patient)) return false;
  return ip === undefined || addressesOf(event).includes(ip);
}

function describe({ index, event }: Match): FoundEvent {
  const rejected = event.metadata.labels?.find((label) => label.startsWith('rejected:'));
  return {
    index,
    event,
    what: rejected ?? className(event.class_uid) ?? String(event.class_uid),
    who: usersOf(event)[0] ?? '',
    from: addressesOf(event)[0] ?? '',
    detail: detailOf(event),
  };
}

/** The message, for a finding its title, with the rule's author where one is named. */
function detailOf(event: OcsfEvent): string {
  const [said = ''] = textsAt(event, 'message', 'finding_info.title');
  const [author] = textsAt(event, 'evidences.0.data.author');
  return author !== undefined && said !== '' ? `${said} (by ${author})` : said;
}

const USERS = ['actor.user', 'user', 'user_result'];
const ADDRESSES = ['src_endpoint.ip', 'dst_endpoint.ip', 'device.ip', 'src_endpoint.hostname', 'device.hostname'];

function usersOf(event: OcsfEvent): string[] {
  return textsAt(event, ...USERS.flatMap((path) => ['name', 'uid', 'email_addr'].map((name) => `${path}.${name}`)));
}

function patientsOf(event: OcsfEvent): string[] {
  // Identity is authority and id (`authority|id`): either the whole or the id alone is asked for.
  return textsAt(event, 'patient.uid').flatMap((uid) => [uid, uid.slice(uid.lastIndexOf('|') + 1)]);
}

function addressesOf(event: OcsfEvent): string[] {
  return textsAt(event, ...ADDRESSES);
}
