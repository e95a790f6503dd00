import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { RECEIVED_MS, mapContext } from '../../test/support/family.ts';
import { sharedPath, skipWithoutShared } from '../../test/support/shared.ts';
import { normalise } from './normalise.ts';
import { compileGetter } from './ocsf/path.ts';
import type { OcsfEvent } from './ocsf/types.ts';
import { validateEvent } from './ocsf/validate.ts';
import { PAIR_EXCEPTIONS, PAIRS_WITHOUT_SOURCE, UNREADABLE_PAIRS } from './pairs-exceptions.ts';
import { MemberReader } from './read/reader.ts';
import type { Source } from './source.ts';
import { SOURCES } from './sources/all.ts';

const FOLDER = 'formats/ocsf-pairs/';

/** What a reader of an event asks first: what, when, who, from where, to where, with what outcome. */
const KEY_FIELDS = [
  'class_uid',
  'time',
  'actor.user.name',
  'actor.user.uid',
  'actor.user.email_addr',
  'user.name',
  'user.uid',
  'src_endpoint.ip',
  'src_endpoint.port',
  'src_endpoint.hostname',
  'src_endpoint.domain',
  'dst_endpoint.ip',
  'dst_endpoint.port',
  'dst_endpoint.hostname',
  'dst_endpoint.svc_name',
  'status_id',
] as const;

interface Pair {
  name: string;
  theirs: Record<string, unknown> | null;
  raw: Buffer | null;
}

function readPairs(): Pair[] {
  const folder = sharedPath(FOLDER);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(?:ocsf|json)$/.test(file),
  );
  return names
    .toSorted()
    .map((name) => ({ name, theirs: parseJson(readFileSync(folder + name, 'utf8')), raw: rawOf(folder + name) }));
}

function rawOf(file: string): Buffer | null {
  const raw = [file.replace(/\.ocsf$/, '.raw'), file.replace(/\.json$/, '.event')].find(
    (path) => path !== file && existsSync(path),
  );
  return raw === undefined ? null : readFileSync(raw);
}

function parseJson(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Our events of a raw file, read as an operator's would be. */
function eventsOf(raw: Buffer, zone: string | undefined): OcsfEvent[] {
  const reader = new MemberReader('pair.log', raw, { sources: SOURCES });
  return [...reader.push(raw), ...reader.end()].flatMap(({ source, parsed }) =>
    source === null || isCatchAll(source) || 'reject' in parsed
      ? []
      : [normalise(parsed, source, mapContext({ zone }))],
  );
}

/** The texts of Windows events state no zone; the machine that they were mapped on was five hours behind UTC. */
function zoneOf(name: string): string | undefined {
  return name.startsWith('Microsoft/Windows_Events/') ? '-05:00' : undefined;
}

/** A source that takes any line understands none. */
function isCatchAll(source: Source): boolean {
  return source.shape === 'line' && (source.order ?? 50) >= 90;
}

function stated(event: Record<string, unknown>, field: string): string | undefined {
  if (field === 'status_id') return statusOf(event);
  const value = compileGetter(field)(event);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Some pairs give the caption alone. */
function statusOf(event: Record<string, unknown>): string | undefined {
  const { status_id: id, status } = event;
  if (typeof id === 'number') return String(id);
  return status === 'Success' ? '1' : status === 'Failure' ? '2' : undefined;
}

/** Many pairs state the time in seconds, where the schema has milliseconds: the same instant, as far as they say. */
function agrees({ field, theirs, ours }: Comparison): boolean {
  if (theirs === ours) return true;
  return field === 'time' && theirs.length === 10 && ours?.slice(0, -3) === theirs;
}

interface Comparison {
  pair: string;
  field: string;
  theirs: string;
  ours: string | undefined;
}

function compare({ name, theirs }: Pair, ours: OcsfEvent): Comparison[] {
  return KEY_FIELDS.flatMap((field) => {
    const expected = theirs === null ? undefined : stated(theirs, field);
    // A dash or an empty text is how some pairs write that the record does not say.
    if (expected === undefined || expected === '-' || expected === '') return [];
    return [{ pair: name, field, theirs: expected, ours: stated(ours, field) }];
  });
}

test(
  'each published pair agrees with ours on its key fields, or stands among the reviewed exceptions',
  skipWithoutShared,
  () => {
    const compared: Comparison[] = [];
    const unreadable: string[] = [];
    const unread: string[] = [];
    for (const pair of readPairs()) {
      if (pair.theirs === null) unreadable.push(pair.name);
      const [event] = pair.raw === null ? [] : eventsOf(pair.raw, zoneOf(pair.name));
      if (event === undefined) unread.push(pair.name);
      else {
        assert.deepEqual(validateEvent(JSON.parse(JSON.stringify(event))), [], pair.name);
        assert.equal(event.metadata.logged_time, RECEIVED_MS);
        compared.push(...compare(pair, event));
      }
    }
    const different = compared.filter((one) => !agrees(one));
    const excepted = new Set(PAIR_EXCEPTIONS.map(({ pair, field }) => `${pair} ${field}`));
    const open = different.filter(({ pair, field }) => !excepted.has(`${pair} ${field}`));
    const stale = [...excepted].filter((one) => !different.some(({ pair, field }) => `${pair} ${field}` === one));
    console.log(
      `${compared.length} key fields compared, ${compared.length - different.length} agree, ${different.length} excepted`,
    );
    assert.deepEqual(open, []);
    assert.deepEqual(stale, [], 'exceptions that no longer are');
    assert.deepEqual(unreadable, UNREADABLE_PAIRS);
    assert.deepEqual(
      unread,
      PAIRS_WITHOUT_SOURCE.map(({ pair }) => pair),
    );
  },
);
