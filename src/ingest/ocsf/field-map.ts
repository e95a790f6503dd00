import type { Draft, NativeFields } from '../types.ts';
import { isKept, type Codec } from './codec.ts';
import { innards } from './draft.ts';
import { compileGetter, compileSetter, defaultCodec, type Getter, type Setter, type Tree } from './path.ts';
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
}

interface Write {
  readonly set: Setter;
  readonly codec: Codec;
  readonly kept: boolean;
}

interface Entry {
  readonly writes: readonly Write[];
  /** Rows for fields of the object that this field holds. */
  readonly inner: Map<string, Entry> | null;
}

interface Inverse {
  /** The objects that the field lies in, outermost first. */
  readonly outer: readonly string[];
  readonly native: string;
  readonly get: Getter;
  readonly codec: Codec;
}

interface Building {
  writes: Write[];
  inner: Map<string, Building> | null;
}

/**
 * Compiles rows (and constant attributes) once. Throws on two rows that would fill one attribute and both claim to be
 * its way back: such a table could not tell its fields apart; `keep` makes one of them a copy.
 */
export function defineFieldMap(rows: readonly Row[], constants: Readonly<Record<string, unknown>> = {}): FieldMap {
  const top = new Map<string, Building>();
  const inverse: Inverse[] = [];
  const owner = new Map<string, string>();
  for (const [native, path, codec = defaultCodec(path)] of rows) {
    const keys = native.split('/');
    const building = place(top, keys);
    const returns = building.writes.length === 0 && !isKept(codec);
    claim(owner, path, returns ? native : '');
    building.writes.push({ set: compileSetter(path), codec, kept: isKept(codec) });
    if (returns) inverse.push({ outer: keys.slice(0, -1), native: keys.at(-1) ?? '', get: compileGetter(path), codec });
  }
  const fixed = Object.entries(constants).map(([path, value]) => ({ set: compileSetter(path), value }));
  const entries: ReadonlyMap<string, Entry> = top;
  return {
    apply(fields, draft, skip) {
      const target = innards(draft);
      target.fields = fields;
      for (const { set, value } of fixed) set(target.root, value);
      applyEntries(entries, fields, target.root, target.unmapped, skip);
    },
    unmap: (event) => unmapEvent(event, inverse, entries),
  };
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
  root: Tree,
  unmapped: NativeFields,
  skip: ReadonlySet<string> | undefined,
): void {
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined || (skip !== undefined && skip.has(name))) continue;
    const entry = entries.get(name);
    if (entry === undefined) put(unmapped, name, value);
    else if (entry.inner !== null && isPlain(value)) applyInner(entry.inner, name, value, root, unmapped);
    else if (!write(entry.writes, value, root)) put(unmapped, name, value);
  }
}

function applyInner(
  inner: ReadonlyMap<string, Entry>,
  name: string,
  value: NativeFields,
  root: Tree,
  unmapped: NativeFields,
): void {
  const rest: NativeFields = {};
  applyEntries(inner, value, root, rest, undefined);
  if (!isEmpty(rest) || isEmpty(value)) put(unmapped, name, rest);
}

/** Writes the value everywhere it belongs; true when the first row gives it back as it was. */
function write(writes: readonly Write[], value: unknown, root: Tree): boolean {
  let survives = false;
  let first = true;
  for (const { set, codec, kept } of writes) {
    const made = codec.to(value);
    if (made !== undefined) {
      set(root, made);
      if (first && !kept) survives = made === value || readsTheSame(codec.from(made), value);
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

function unmapEvent(event: OcsfEvent, inverse: readonly Inverse[], entries: ReadonlyMap<string, Entry>): NativeFields {
  const fields: NativeFields = {};
  for (const { outer, native, get, codec } of inverse) {
    const value = get(event);
    if (value === undefined) continue;
    put(outer.reduce(descend, fields), native, codec.from(value));
  }
  if (event.unmapped !== undefined) merge(fields, event.unmapped, entries);
  return fields;
}

function descend(fields: NativeFields, name: string): NativeFields {
  const present = fields[name];
  if (isPlain(present)) return present;
  const made: NativeFields = {};
  fields[name] = made;
  return made;
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

/** An own property whatever its name: a log may well have a field called `__proto__`. */
function put(target: NativeFields, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

function isPlain(value: unknown): value is NativeFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(fields: NativeFields): boolean {
  for (const _ in fields) return false;
  return true;
}
