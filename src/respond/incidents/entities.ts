import { isIP } from 'node:net';
import type { DurableFinding } from '#detect/live';
import { ENTITIES_PER_FINDING_MAX, TYING_PER_KIND_MAX } from './limits.ts';
import type { Entity, EntityKind } from './types.ts';

type Event = Readonly<Record<string, unknown>>;

/** Names that stand for nobody in particular. */
const NOBODY =
  /^(?:|-|n\/a|unknown|system|local service|network service|anonymous logon|localhost|nt authority.*|.*\$|root|s-1-\d+-.*|font driver host.*|window manager.*)$/i;
const LOOPBACK = /^(?:127\.|::1$|0\.0\.0\.0$|::$|fe80:)/i;
const NAME_CHARS_MAX = 200;

/** Where an OCSF event names whom, the most telling place first. */
const PLACES: readonly (readonly [kind: EntityKind, path: string])[] = [
  ['user', 'actor.user'],
  ['user', 'user'],
  ['user', 'actor.process.user'],
  ['user', 'process.user'],
  ['device', 'device.hostname'],
  ['device', 'device.name'],
  ['device', 'src_endpoint.hostname'],
  ['address', 'src_endpoint.ip'],
  ['patient', 'patient.uid'],
  ['process', 'process.file.path'],
  ['process', 'actor.process.file.path'],
  ['file', 'file.path'],
  ['service', 'service.name'],
  ['service', 'database.name'],
];

/** The same in the native fields of Windows, of which an event keeps those that its OCSF class has no place for. */
const WINDOWS_PLACES: readonly (readonly [kind: EntityKind, path: string])[] = [
  ['user', 'unmapped.User'],
  ['user', 'unmapped.SubjectUserName'],
  ['user', 'unmapped.SourceUser'],
  ['process', 'unmapped.Image'],
];

function placesOf(event: Event): typeof PLACES {
  const format = valueAt(event, 'metadata.log_format');
  return typeof format === 'string' && format.startsWith('windows/') ? [...PLACES, ...WINDOWS_PLACES] : PLACES;
}

/**
 * Who and what takes part in a finding. Names are folded so that `RIVERSIDE\\P.Gruber`, `p.gruber@riverside.example` and
 * `p.gruber` are one; accounts and addresses that stand for nobody in particular are left out.
 */
export function entitiesOf({ events }: Pick<DurableFinding, 'events'>): Entity[] {
  const found = new Map<string, Entity>();
  for (const { event } of events)
    for (const [kind, path] of placesOf(event)) {
      const value = valueAt(event, path);
      const name = kind === 'user' ? userName(value) : typeof value === 'string' ? folded(kind, value) : null;
      if (name !== null && found.size < ENTITIES_PER_FINDING_MAX) found.set(`${kind} ${name}`, { kind, name });
    }
  return [...found.values()];
}

/** Different patients among the events that came with the finding, and, of a count of patients, that count. */
export function patientsOf(finding: Pick<DurableFinding, 'events' | 'match' | 'kind' | 'rule'>): number {
  const seen = new Set(
    finding.events.map(({ event }) => valueAt(event, 'patient.uid')).filter((uid) => typeof uid === 'string'),
  );
  const value = finding.match['value'];
  const isCounted = finding.kind === 'correlation' && seen.size > 1 && typeof value === 'number';
  return isCounted ? Math.max(seen.size, value) : seen.size;
}

const TYING: readonly EntityKind[] = ['user', 'device', 'address', 'patient'];

/**
 * What can tie a finding to an incident. Programs, files and services are too common for that, and where a finding names
 * many of a kind (viewers of one record, patients of one export) none of them is what it is about.
 */
export function tying(entities: readonly Entity[]): Entity[] {
  return TYING.flatMap((kind) => {
    const named = entities.filter((entity) => entity.kind === kind);
    return named.length > TYING_PER_KIND_MAX ? [] : named;
  });
}

/** A person's account name; the record system's display name (`Paul Gruber`) comes with the account as its uid. */
function userName(value: unknown): string | null {
  if (typeof value === 'string') return folded('user', value);
  if (typeof value !== 'object' || value === null) return null;
  const { name, uid, email_addr: email } = value as { name?: unknown; uid?: unknown; email_addr?: unknown };
  const isAccount = typeof uid === 'string' && /^[a-z][\w.-]{1,40}$/i.test(uid) && !/^(?:S-1-|id-)/i.test(uid);
  const chosen = typeof name === 'string' && name.includes(' ') && isAccount ? uid : (name ?? email ?? uid);
  return typeof chosen === 'string' ? folded('user', chosen) : null;
}

function folded(kind: EntityKind, text: string): string | null {
  const name = text.trim().slice(0, NAME_CHARS_MAX);
  if (kind === 'user') {
    const account = name.replace(/^.*\\/, '').replace(/@.*$/, '').toLowerCase();
    return NOBODY.test(account) || NOBODY.test(name) ? null : account;
  }
  if (kind === 'address') return isIP(name) === 0 || LOOPBACK.test(name) ? null : name;
  if (kind === 'device') {
    const host = isIP(name) === 0 ? name.replace(/\..*$/, '').toLowerCase() : name;
    return NOBODY.test(host) || LOOPBACK.test(host) ? null : host;
  }
  return name === '' || name === '-' ? null : name;
}

export function valueAt(event: Event, path: string): unknown {
  let value: unknown = event;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
