import type { Draft, NativeFields } from '../types.ts';
import { codecFor, codecWithin, resolvePath } from './attribute.ts';
import { isKept, type Codec } from './codec.ts';
import { addProfile, innards, type EventDraft } from './event-draft.ts';
import { isEmpty, isPlain, objectAt, put, valueAt } from './native.ts';
import { compileGetter, compileSetter, type Getter, type Setter } from './path.ts';
import type { OcsfEvent } from './types.ts';

/**
 * One native field and the attribute it becomes. `native` may lead into nested objects with `/`
 * (`userIdentity/arn`); a dot in it is part of the name. `path` is dotted, `0` being the first item of an array.
 * Without a codec, the attribute's own type decides. A native field may stand in several rows: the first is the way
 * back, the others are copies.
 */
export type Row = readonly [native: string, path: string, codec?: Codec];

/** A table of rows, compiled; it never loses a field: what has no row or does not survive stays in `unmapped`. */
export interface FieldMap {
  /** Fills the draft. Fields named in `skip` are left out altogether: the caller has dealt with them. */
  apply(fields: NativeFields, draft: Draft, skip?: ReadonlySet<string>): void;
  /** `unmapped` together with what the rows give back. */
  unmap(event: OcsfEvent): NativeFields;
  /** Whether a field has its way back through `metadata.original_time`, which then speaks for that field alone. */
  readonly ownsOriginalTime: boolean;
  /** Puts the fields that became the attribute at `path`, or one inside it, into `unmapped`: it had to be dropped. */
  restore(draft: EventDraft, path: string): void;
}

interface Write {
  readonly path: string;
  readonly set: Setter;
  readonly codec: Codec;
  readonly kept: boolean;
  readonly profile: string | null;
  readonly isZero: boolean;
}

interface Constant {
  readonly set: Setter;
  readonly value: unknown;
  /** The object that rows fill: without it the constant would make one that says nothing. Null = always written. */
  readonly needs: Getter | null;
  readonly profile: string | null;
}

interface Entry {
  readonly writes: readonly Write[];
  /** Rows for fields of the object that this field holds. */
  readonly inner: Map<string, Entry> | null;
}

interface Compiled {
  /** The objects that the field lies in, outermost first. */
  readonly outer: readonly string[];
  readonly native: string;
  readonly keys: readonly string[];
  readonly get: Getter;
  readonly write: Write;
  /** Whether this row is the way back of its field. */
  readonly returns: boolean;
}

interface Building {
  writes: Write[];
  inner: Map<string, Building> | null;
}

/**
 * Compiles rows and constant attributes once; a constant inside an object that rows fill is written only when they
 * did. Enums that an object on the way requires start at 0, Unknown. Throws on a path that the schema does not have,
 * and on two rows that would fill one attribute and both claim to be
 * its way back: such a table could not tell its fields apart; `keep` makes one of them a copy.
 */
export function defineFieldMap(rows: readonly Row[], constants: Readonly<Record<string, unknown>> = {}): FieldMap {
  const top = new Map<string, Building>();
  const compiled: Compiled[] = [];
  const owner = new Map<string, string>();
  for (const [native, path, own] of rows) {
    const keys = native.split('/');
    const building = place(top, keys);
    const write = compileWrite(path, own);
    const returns = building.writes.length === 0 && !write.kept;
    claim(owner, path, returns ? native : '');
    building.writes.push(write);
    compiled.push({
      keys,
      outer: keys.slice(0, -1),
      native: keys.at(-1) ?? '',
      get: compileGetter(path),
      write,
      returns,
    });
  }
  const fixed = Object.entries(constants).map(([path, value]) => compileConstant(path, value, rows));
  const returning = compiled.filter(({ returns }) => returns);
  const entries: ReadonlyMap<string, Entry> = top;
  const map: FieldMap = {
    apply(fields, draft, skip) {
      const target = innards(draft);
      if (target.map !== undefined) throw new TypeError('a draft takes one field map');
      target.map = map;
      target.fields = fields;
      if (applyEntries(entries, fields, target, target.unmapped, skip)) target.hasUnmapped = true;
      applyConstants(fixed, target);
    },
    unmap: (event) => unmapEvent(event, returning, entries),
    ownsOriginalTime: returning.some(({ write }) => write.path === 'metadata.original_time'),
    restore: (draft, path) => restoreFields(draft, path, compiled),
  };
  return map;
}

function compileWrite(path: string, own: Codec | undefined): Write {
  const target = resolvePath(path);
  const codec = own === undefined ? codecFor(path, target) : codecWithin(own, target);
  const kept = own !== undefined && isKept(own);
  const { profile, zeros, isZero } = target;
  return { path, set: compileSetter(path, zeros), codec, kept, profile, isZero };
}

function compileConstant(path: string, value: unknown, rows: readonly Row[]): Constant {
  const target = resolvePath(path);
  if (codecFor(path, target).to(value) === undefined) throw new TypeError(`${path} cannot hold its constant`);
  const keys = path.split('.');
  const befores = keys.map((_, length) => keys.slice(0, length).join('.')).filter((before) => before !== '');
  const filled = befores.findLast((before) => rows.some(([, row]) => row.startsWith(`${before}.`)));
  const needs = filled === undefined ? null : compileGetter(filled);
  return { set: compileSetter(path, target.zeros), value, needs, profile: target.profile };
}

function applyConstants(constants: readonly Constant[], draft: EventDraft): void {
  for (const { set, value, needs, profile } of constants) {
    if (needs !== null && needs(draft.root) === undefined) continue;
    set(draft.root, value);
    if (profile !== null) addProfile(draft, profile);
  }
}

function place(top: Map<string, Building>, keys: readonly string[]): Building {
  const [key = '', ...rest] = keys;
  let building = top.get(key);
  if (building === undefined) top.set(key, (building = { writes: [], inner: null }));
  return rest.length === 0 ? building : place((building.inner ??= new Map()), rest);
}

function claim(owner: Map<string, string>, path: string, native: string): void {
  const other = owner.get(path);
  if (other !== undefined && (other !== '' || native !== ''))
    throw new TypeError(`two fields claim ${path}: ${other || 'a copy'} and ${native || 'a copy'}`);
  owner.set(path, native);
}

function applyEntries(
  entries: ReadonlyMap<string, Entry>,
  fields: NativeFields,
  draft: EventDraft,
  unmapped: NativeFields,
  skip: ReadonlySet<string> | undefined,
): boolean {
  let isLeft = false;
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined || (skip !== undefined && skip.has(name))) continue;
    const entry = entries.get(name);
    const rest = entry === undefined ? value : remainder(entry, value, draft);
    if (rest === undefined) continue;
    put(unmapped, name, rest);
    isLeft = true;
  }
  return isLeft;
}

/** Writes what the rows have a place for; what is left of the field, or undefined. */
function remainder(entry: Entry, value: unknown, draft: EventDraft): unknown {
  if (entry.inner === null || !isPlain(value)) return write(entry.writes, value, draft) ? undefined : value;
  const rest: NativeFields = {};
  return applyEntries(entry.inner, value, draft, rest, undefined) || isEmpty(value) ? rest : undefined;
}

/** Writes the value everywhere it belongs; true when the first row gives it back as it was. */
function write(writes: readonly Write[], value: unknown, draft: EventDraft): boolean {
  let survives = false;
  let first = true;
  for (const { set, codec, kept, profile, isZero } of writes) {
    const made = codec.to(value);
    if (made !== undefined) {
      set(draft.root, made);
      if (profile !== null) addProfile(draft, profile);
      if (first && !kept && !(isZero && made === 0)) survives = readsTheSame(codec.from(made), value);
    }
    first = false;
  }
  return survives;
}

function readsTheSame(back: unknown, value: unknown): boolean {
  return back === value || (isScalar(back) && isScalar(value) && String(back) === String(value));
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function unmapEvent(
  event: OcsfEvent,
  compiled: readonly Compiled[],
  entries: ReadonlyMap<string, Entry>,
): NativeFields {
  const fields: NativeFields = {};
  for (const { outer, native, get, write } of compiled) {
    const value = get(event);
    if (value === undefined || (write.isZero && value === 0)) continue;
    const back = write.codec.from(value);
    if (back !== undefined) put(objectAt(fields, outer), native, back);
  }
  if (event.unmapped !== undefined) merge(fields, event.unmapped, entries);
  return fields;
}

function restoreFields(draft: EventDraft, path: string, compiled: readonly Compiled[]): void {
  const { fields, unmapped } = draft;
  if (fields === undefined) return;
  for (const { keys, outer, native, write } of compiled) {
    if (write.path !== path && !write.path.startsWith(`${path}.`)) continue;
    const value = valueAt(fields, keys);
    if (value === undefined) continue;
    put(objectAt(unmapped, outer), native, value);
    draft.hasUnmapped = true;
  }
}

function merge(fields: NativeFields, rest: NativeFields, entries: ReadonlyMap<string, Entry>): void {
  for (const name in rest) {
    const value = rest[name];
    const inner = entries.get(name)?.inner;
    const present = fields[name];
    if (inner && isPlain(value) && isPlain(present)) merge(present, value, inner);
    else put(fields, name, value);
  }
}
