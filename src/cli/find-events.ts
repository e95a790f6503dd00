import { type OcsfEvent, className } from '#ingest';
import type { Ledger } from '#ledger';
import { textsAt } from './event-text.ts';

export interface EventFilter {
  sinceMs: number | undefined;
  untilMs: number | undefined;
  /** Number or name. */
  class: string | undefined;
  user: string | undefined;
  patient: string | undefined;
  ip: string | undefined;
  text: string | undefined;
}

export interface FoundEvent {
  index: number;
  event: OcsfEvent;
  what: string;
  who: string;
  from: string;
  /** What happened in the words of the event itself; empty where it has none. */
  detail: string;
}

/** The newest events that fit, newest first, and how many fit in all. Reads the ledger once from its beginning. */
export async function findEvents(
  ledger: Ledger,
  filter: EventFilter,
  limit: number,
): Promise<{ found: FoundEvent[]; matched: number; unreadable: number }> {
  const ring: { index: number; event: OcsfEvent }[] = [];
  let matched = 0;
  let unreadable = 0;
  const text = filter.text?.toLowerCase();
  for await (const batch of ledger.read()) {
    for (const entry of batch) {
      if (entry.state !== 'present') unreadable += 1;
      if (entry.state !== 'present' || !classFits(filter.class, entry.classUid)) continue;
      const json = Buffer.from(entry.normal).toString('utf8');
      if (text !== undefined && !json.toLowerCase().includes(text)) continue;
      const event = JSON.parse(json) as OcsfEvent;
      if (!fits(event, filter)) continue;
      ring[matched % limit] = { index: entry.index, event };
      matched += 1;
    }
  }
  const found = ring.toSorted((a, b) => b.index - a.index).map(({ index, event }) => describe(index, event));
  return { found, matched, unreadable };
}

function classFits(wanted: string | undefined, classUid: number): boolean {
  if (wanted === undefined) return true;
  return /^\d+$/.test(wanted) ? Number(wanted) === classUid : className(classUid) === wanted.toLowerCase();
}

function fits(event: OcsfEvent, { sinceMs, untilMs, user, patient, ip }: EventFilter): boolean {
  if (sinceMs !== undefined && event.time < sinceMs) return false;
  if (untilMs !== undefined && event.time >= untilMs) return false;
  if (user !== undefined && !usersOf(event).some((one) => one.toLowerCase() === user.toLowerCase())) return false;
  if (patient !== undefined && !patientsOf(event).includes(patient)) return false;
  return ip === undefined || addressesOf(event).includes(ip);
}

function describe(index: number, event: OcsfEvent): FoundEvent {
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
