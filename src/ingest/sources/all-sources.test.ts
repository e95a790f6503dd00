import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { type Sample, samplesOf, sharedSamples } from '../../../test/support/corpus.ts';
import { checkRecord } from '../../../test/support/family.ts';
import { type Below, seeded } from '../../../test/support/mutate.ts';
import { byForm, fuzzInputs, skipWithoutShared } from '../../../test/support/shared.ts';
import { familyOf } from '../normalise.ts';
import { isPlain, put } from '../ocsf/native.ts';
import { Dispatcher } from '../read/dispatch.ts';
import type { Source } from '../source.ts';
import type { NativeFields } from '../types.ts';
import { SOURCES } from './all.ts';

const FIXTURES = new URL('fixtures/', import.meta.url);
const OWN = readdirSync(FIXTURES).flatMap((name) => samplesOf(name, readFileSync(new URL(name, FIXTURES))));
/** Names that every object answers to. */
const INHERITED = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

let shared: readonly Sample[] | null = null;

/** Our fixtures and, where they lie beside the project, the real logs: some of each kind. */
function samples(): readonly Sample[] {
  if (skipWithoutShared.skip !== false) return OWN;
  shared ??= sharedSamples(8);
  return [...OWN, ...shared];
}

/** What a source makes of the sample's fields: JSON sources read them anew, the others have their own text. */
function checkFields({ source, record }: Sample, fields: NativeFields): void {
  if (source.shape !== 'json') return void checkRecord(familyOf(source, record), fields);
  checkRecord(familyOf(source, record), fields);
  if (source.accepts(fields)) checkParsed(source, source.parse(fields));
}

function checkParsed(source: Source, parsed: ReturnType<Dispatcher['line']>['parsed'] | null): void {
  if (parsed === null || 'reject' in parsed) return;
  for (const record of 'family' in parsed ? [parsed] : parsed) checkRecord(familyOf(source, record), record.fields);
}

function checkText(dispatcher: Dispatcher, text: string): void {
  const { source, parsed } = dispatcher.line(text);
  if (source !== null) checkParsed(source, parsed);
}

/** Places of values in a record, down to a few levels. */
function pathsOf(value: unknown, before: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || before.length >= 5) return before.length === 0 ? [] : [before];
  const inner = Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...before, name]));
  return before.length === 0 ? inner : [before, ...inner];
}

/** A copy with another value at the path; undefined takes the field away. */
function changed(fields: NativeFields, path: readonly string[], value: unknown): NativeFields {
  const copy = structuredCopy(fields);
  let at: unknown = copy;
  for (const name of path.slice(0, -1)) at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  const last = path.at(-1) ?? '';
  if (Array.isArray(at)) at.splice(Number(last), 1, ...(value === undefined ? [] : [value]));
  else if (isPlain(at)) {
    if (value === undefined) Reflect.deleteProperty(at, last);
    else put(at, last, value);
  }
  return copy;
}

function structuredCopy(fields: NativeFields): NativeFields {
  const copy: NativeFields = JSON.parse(JSON.stringify(fields));
  return copy;
}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? { a: value } : [value];
  return value;
}

const OPAQUE: unknown = JSON.parse(
  '{"toString":1,"valueOf":"x","constructor":{},"__proto__":{"a":1},"hasOwnProperty":null}',
);
const HUGE = 'x'.repeat(70_000);
/** Values of every type, and those at the edges of what a field takes. */
const VALUES: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  -(2 ** 31),
  true,
  '',
  '-',
  '0',
  '007',
  '1e3',
  '10.0.0.1',
  '::ffff:10.0.0.1%eth0',
  '0x10',
  '2026-02-30T25:61:61Z',
  '9999999999999999999',
  'a\u0000b\ud800',
  '  ',
  [],
  [[]],
  [null],
  ['a', 1, {}],
  {},
  { '': '' },
  { name: {}, code: [], value: 1 },
  nested(50),
  OPAQUE,
  [OPAQUE],
  HUGE,
  ...INHERITED,
];

function pick<T>(list: readonly T[], below: Below): T {
  const one = list[below(list.length)];
  assert.ok(one !== undefined || list.length > 0);
  return one as T;
}

/** Samples of all sources in turn, so that one with many records does not crowd out the others. */
function inTurn(all: readonly Sample[]): (below: Below) => Sample {
  const bySource = new Map<Source, Sample[]>();
  for (const sample of all) bySource.set(sample.source, [...(bySource.get(sample.source) ?? []), sample]);
  const groups = [...bySource.values()];
  return (below) => pick(pick(groups, below), below);
}

test('every source has a record here, real or ours', skipWithoutShared, () => {
  const seen = new Set(samples().map(({ source }) => source.name));
  assert.deepEqual(
    SOURCES.map(({ name }) => name).filter((name) => !seen.has(name)),
    [],
  );
});

test('each record of each source is a valid event and has its fields back', () => {
  assert.ok(samples().length > 10);
  for (const { source, record } of samples()) checkRecord(familyOf(source, record), record.fields);
});

test('names that every object answers to are neither codes nor lost, whatever field they stand in', () => {
  const take = inTurn(samples());
  const below = seeded(11);
  for (const sample of samples().filter((_, index) => index % 12 === 0)) {
    const { fields } = sample.record;
    for (const word of INHERITED) {
      let all = structuredCopy(fields);
      for (const path of pathsOf(fields)) if (below(3) > 0) all = changed(all, path, word);
      checkFields(sample, all);
      checkFields(sample, changed(fields, [word], pick(VALUES.slice(1), below)));
    }
  }
  for (let round = 0, all = fuzzInputs({ oneIn: 10 }); round < all; round += 1) {
    const sample = take(below);
    const path = pick(pathsOf(sample.record.fields), below);
    const word = pick(INHERITED, below);
    checkFields(sample, changed(sample.record.fields, path, word));
    // As a name beside the value.
    checkFields(sample, changed(sample.record.fields, [...path.slice(0, -1), word], 'x'));
  }
});

test('objects that cannot be made text stay what they are, whatever field they stand in', () => {
  const shapes = [OPAQUE, [OPAQUE], [[OPAQUE]], ['x', OPAQUE], { coding: [OPAQUE], code: OPAQUE, value: OPAQUE }];
  const kinds = new Map(
    samples().map((one) => [`${one.source.name} ${familyOf(one.source, one.record).kind(one.record.fields)}`, one]),
  );
  const oneIn = byForm({ quick: 15, ordinary: 3, long: 1 });
  let turn = 0;
  for (const sample of kinds.values())
    for (const path of pathsOf(sample.record.fields))
      if ((turn += 1) % oneIn === 0)
        checkFields(sample, changed(sample.record.fields, path, shapes[turn % shapes.length]));
});

test('words of a line may be any of them', () => {
  const dispatcher = new Dispatcher(SOURCES);
  const lines = samples().filter(({ source }) => source.shape === 'line' || source.shape === 'json');
  const take = inTurn(lines);
  const below = seeded(12);
  for (let round = 0, all = fuzzInputs({ oneIn: 5 }); round < all; round += 1) {
    const { text } = take(below);
    const words = [...text.slice(0, 4096).matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)];
    const word = words[below(words.length)];
    if (word === undefined) continue;
    const { index } = word;
    checkText(dispatcher, text.slice(0, index) + pick(INHERITED, below) + text.slice(index + word[0].length));
  }
});

test('whatever type a value has, no source throws, the event is valid and nothing is lost', () => {
  const take = inTurn(samples());
  const below = seeded(13);
  for (let round = 0, all = fuzzInputs({ oneIn: 5 }); round < all; round += 1) {
    const sample = take(below);
    let { fields } = sample.record;
    for (let changes = below(3); changes >= 0; changes -= 1) {
      const paths = pathsOf(fields);
      if (paths.length > 0) fields = changed(fields, pick(paths, below), pick(VALUES, below));
    }
    try {
      checkFields(sample, fields);
    } catch (error) {
      throw new Error(`round ${round}: ${sample.source.name} ${sample.record.family}`, { cause: error });
    }
  }
});

const parseJson = (text: string): NativeFields => JSON.parse(text);

test('a field called __proto__ is a field in each of the records that one value is split into', () => {
  for (const [name, value] of [
    [
      'google-workspace',
      parseJson('{"id":{"applicationName":"login"},"kind":"x","events":[{"name":"a","__proto__":{"x":1}}]}'),
    ],
    [
      'osquery',
      parseJson(
        '{"name":"n","action":"snapshot","hostIdentifier":"h","unixTime":1,"__proto__":{"x":1},"snapshot":[{"a":"1"}]}',
      ),
    ],
  ] as const) {
    const source = SOURCES.find((one) => one.name === name);
    assert.ok(source?.shape === 'json' && source.accepts(value), name);
    const parsed = source.parse(value);
    assert.ok(parsed !== null && !('reject' in parsed));
    for (const record of 'family' in parsed ? [parsed] : parsed) {
      assert.ok(Object.hasOwn(record.fields, '__proto__'), name);
      checkRecord(familyOf(source, record), record.fields);
    }
  }
});
