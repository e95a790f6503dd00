import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { naiveMatches } from '../../../test/support/naive-sigma.ts';
import { byForm } from '../../../test/support/shared.ts';
import { AhoCorasick } from './aho-corasick.ts';
import { createEngine } from './engine.ts';
import { FieldIndex } from './field-index.ts';
import { coveringNeedles, rarestPart } from './needles.ts';
import { requiredLiterals } from './regex-literal.ts';
import type { Leaf, Node, Rule, Test } from './types.ts';

const letters = fc.constantFrom('a', 'b', 'c', '\\', '.', 'é', '\u4e2d');
const text = fc.array(letters, { maxLength: 30 }).map((parts) => parts.join(''));
const literal = fc.array(letters, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));

test('the automaton finds exactly the literals that stand in a text', () => {
  fc.assert(
    fc.property(fc.uniqueArray(literal, { minLength: 1, maxLength: 20 }), text, (literals, input) => {
      const found = new Set<number>();
      new AhoCorasick(literals).scan(input, (index) => found.add(index));
      const expected = literals.flatMap((entry, index) => (input.includes(entry) ? [index] : []));
      assert.deepEqual(
        [...found].toSorted((a, b) => a - b),
        expected,
      );
    }),
  );
});

test('needles cover every literal, and a part stands in its literal', () => {
  fc.assert(
    fc.property(fc.uniqueArray(literal, { minLength: 1, maxLength: 20 }), (literals) => {
      const needles = coveringNeedles(literals);
      assert.ok(needles === null || literals.every((entry) => needles.some((needle) => entry.includes(needle))));
      assert.ok(literals.every((entry) => entry.includes(rarestPart(entry)) && rarestPart(entry) !== ''));
    }),
  );
});

test('a field index misses no witness that holds', () => {
  const kinds = fc.constantFrom('exact' as const, 'tail' as const, 'contains' as const);
  fc.assert(
    fc.property(fc.array(fc.tuple(kinds, literal), { maxLength: 30 }), text, (witnesses, input) => {
      const index = new FieldIndex();
      const shaped = witnesses.map(
        ([kind, entry]) =>
          ({ field: 'F', kind, literal: kind === 'tail' ? `\\${entry.replaceAll('\\', '')}` : entry }) as const,
      );
      shaped.forEach((witness, rule) => index.add(witness, rule));
      index.seal();
      const found = new Set<number>();
      index.probe(input, (rules) => rules.forEach((rule) => found.add(rule)));
      shaped.forEach(({ kind, literal: wanted }, rule) => {
        const holds =
          kind === 'exact' ? input === wanted : kind === 'tail' ? input.endsWith(wanted) : input.includes(wanted);
        if (holds) assert.ok(found.has(rule), `${kind} ${wanted}`);
      });
    }),
  );
});

test('what a regular expression requires stands in whatever it matches', () => {
  assert.deepEqual(requiredLiterals('Foo\\.bar+[x]baz?'), ['foo.bar', 'ba']);
  assert.deepEqual(requiredLiterals('a|b'), []);
  assert.deepEqual(requiredLiterals('x{0,2}yz(?:p|q)w'), ['yz', 'w']);
  const part = fc.constantFrom(
    'a',
    'B',
    '\\.',
    '[ab]',
    '(a|b)',
    '(?:ab)?',
    'a+',
    'b*',
    'a?',
    'b{2}',
    'a{0,1}',
    '.',
    '\\w',
    '^',
    '$',
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 7 }),
      fc.array(fc.constantFrom('a', 'b', 'B', '.'), { maxLength: 10 }),
      (parts, chars) => {
        const source = parts.join('');
        const input = chars.join('');
        if (!new RegExp(source, 'i').test(input)) return;
        for (const wanted of requiredLiterals(source))
          assert.ok(input.toLowerCase().includes(wanted), `${source} on ${input}`);
      },
    ),
    { numRuns: byForm({ quick: 200, ordinary: 2_000, long: 20_000 }) },
  );
});

const value = fc.constantFrom('a', 'ab', 'AB', '\\x.exe', 'c:\\x.exe', 'b-c', 'b/c', '', '1', 'é', 'abc');
const field = fc.constantFrom('F', 'G', 'H');
const textTest: fc.Arbitrary<Test> = fc
  .record({
    form: fc.constantFrom('exact' as const, 'prefix' as const, 'suffix' as const, 'contains' as const),
    literal: value,
    cased: fc.boolean(),
  })
  .map(({ form, literal: wanted, cased }) => ({
    kind: 'text',
    form,
    literal: cased ? wanted : wanted.toLowerCase(),
    cased,
    dashes: false,
  }));
const otherTest: fc.Arbitrary<Test> = fc.constantFrom<Test[]>(
  { kind: 'null' },
  { kind: 'exists', present: true },
  { kind: 'exists', present: false },
  { kind: 'compare', operator: 'gte', operand: 1 },
  { kind: 'regex', source: 'a(b|c)', flags: 'i' },
  { kind: 'wild', tokens: [0, 'b', 1, 0], cased: false, dashes: false },
  { kind: 'text', form: 'contains', literal: 'b-c', cased: false, dashes: true },
  { kind: 'fieldref', field: 'G', form: 'exact', cased: false },
);
const leaf: fc.Arbitrary<Leaf> = fc.record({
  field,
  label: fc.constant('x'),
  tests: fc.array(fc.oneof(textTest, otherTest), { minLength: 1, maxLength: 3 }),
});
const keyword: fc.Arbitrary<Leaf> = fc.record({
  field: fc.constant(null),
  label: fc.constant(''),
  tests: fc.array(textTest, { minLength: 1, maxLength: 2 }),
});
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc
      .oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: keyword })
      .map((entry): Node => ({ kind: 'leaf', leaf: entry })),
    fc.array(tie('node'), { maxLength: 3 }).map((parts): Node => ({ kind: 'and', parts })),
    fc.array(tie('node'), { maxLength: 3 }).map((parts): Node => ({ kind: 'or', parts })),
    fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((parts): Node => ({ kind: 'some', least: 2, parts })),
    tie('node').map((part): Node => ({ kind: 'not', part })),
  ),
}));

function ruleOf(detection: Node, number: number): Rule {
  const head = {
    id: `r${number}`,
    title: 't',
    references: [],
    tags: [],
    falsepositives: [],
    fields: [],
    level: 'low',
    file: 'f',
    version: 'v',
  } as const;
  return { ...head, logsource: { product: 'windows' }, detection, unresolved: [] };
}

test('the indexed engine and the naive evaluator agree on any rules and any event', () => {
  const event = fc.record(
    { F: value, G: value, H: fc.oneof(value, fc.constant(null), fc.integer({ min: 0, max: 3 })) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 12 }),
      fc.array(event, { minLength: 1, maxLength: 4 }),
      (nodes, events) => {
        const rules = nodes.map(ruleOf);
        const engine = createEngine({ rules });
        for (const fields of events) {
          const record = { ...fields, Channel: 'zz', EventID: 7 };
          const indexed = engine.match('windows', record).map((match) => match.rule.id);
          assert.deepEqual(indexed, naiveMatches(rules, record));
        }
      },
    ),
    { numRuns: byForm({ quick: 150, ordinary: 1_500, long: 15_000 }) },
  );
});
