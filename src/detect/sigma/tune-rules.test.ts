import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { assembleRules } from './load.ts';
import { FindingMaker } from './over-ledger/finding-maker.ts';
import { type RuleSetting, tuneRules } from './tune-rules.ts';
import type { RuleSet } from './types.ts';

const id = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
const rule = (n: number, user: string): string => `title: Sign-in of ${user}
id: ${id(n)}
name: signin_${user}
logsource: {product: wardkeep, category: authentication}
detection:
  signin: {class_uid: 3002, user.name: ${user}}
  condition: signin
level: medium
`;
const correlation = (n: number, title: string, rest: string): string => `title: ${title}
id: ${id(n)}
name: c${n}
level: high
correlation: {${rest}}
`;

const ALL = assembleRules([
  { file: 'ann.yml', text: rule(1, 'ann') },
  { file: 'bob.yml', text: rule(2, 'bob') },
  {
    file: 'many.yml',
    text: correlation(3, 'Many of bob', 'type: event_count, rules: [signin_bob], timespan: 1h, condition: {gte: 3}'),
  },
  {
    file: 'ann-too.yml',
    text: correlation(
      4,
      'Two of ann',
      'type: event_count, rules: [signin_ann], timespan: 1h, condition: {gte: 2}, generate: true',
    ),
  },
  { file: 'chain.yml', text: correlation(5, 'Chain', 'type: temporal, rules: [c3, signin_ann], timespan: 1d') },
]);
const [ANN, BOB, MANY, TWO, CHAIN] = [1, 2, 3, 4, 5].map(id) as [string, string, string, string, string];

function off(...ids: string[]): Map<string, RuleSetting> {
  return new Map(ids.map((one) => [one, { isEnabled: false, level: null }]));
}

/** Findings when these people sign in, a minute apart. */
function found(ruleSet: RuleSet, ...users: string[]): string[] {
  const maker = new FindingMaker(ruleSet);
  const runs = new Set(ruleSet.rules.map((one) => one.id));
  return users.flatMap((user, index) => {
    const ruleId = user === 'ann' ? ANN : BOB;
    if (!runs.has(ruleId)) return [];
    const event = { index, timeMs: index * 60_000, orderable: true, sourceId: 's' };
    return maker.feed(event, [{ ruleId, matched: {}, fields: { user: { name: user } } }]).map((one) => one.rule.title);
  });
}

test('a rule that is off does not run; one that a correlation let speak goes on without it', () => {
  assert.deepEqual(found(tuneRules(ALL, new Map()), 'ann', 'ann'), ['Sign-in of ann', 'Sign-in of ann', 'Two of ann']);
  assert.deepEqual(found(tuneRules(ALL, off(ANN)), 'ann', 'ann'), []);
  assert.deepEqual(found(tuneRules(ALL, off(TWO)), 'ann', 'ann'), ['Sign-in of ann', 'Sign-in of ann']);
});

test('with the last correlation that needs it a part goes, and does not begin to speak by itself', () => {
  assert.deepEqual(found(ALL, 'bob', 'bob', 'bob'), []);
  assert.deepEqual(found(tuneRules(ALL, off(CHAIN)), 'bob', 'bob', 'bob'), []);
  const without = tuneRules(ALL, off(CHAIN, MANY));
  assert.ok(!without.rules.some((one) => one.id === BOB));
});

test('another level holds for rules and for correlations, which tell it by the rule inside', () => {
  const low: RuleSetting = { isEnabled: null, level: 'low' };
  const { rules, correlations } = tuneRules(
    ALL,
    new Map([
      [ANN, low],
      [MANY, low],
    ]),
  );
  assert.equal(rules.find((one) => one.id === ANN)?.level, 'low');
  const many = correlations.find((one) => one.id === MANY);
  assert.deepEqual([many?.level, many?.rule.level], ['low', 'low']);
  assert.equal(ALL.correlations.find((one) => one.id === MANY)?.level, 'high', 'what was loaded stays as it is');
});

test('whatever is switched off, only what was on speaks, and nothing that was silent before', () => {
  const speaking = new Set(found(ALL, 'ann', 'bob', 'bob', 'bob', 'ann'));
  const titles = new Map([...ALL.rules, ...ALL.correlations].map((one) => [one.id, one.title]));
  fc.assert(
    fc.property(fc.subarray([ANN, BOB, MANY, TWO, CHAIN]), (ids) => {
      const silenced = new Set(ids.map((one) => titles.get(one)));
      for (const title of found(tuneRules(ALL, off(...ids)), 'ann', 'bob', 'bob', 'bob', 'ann')) {
        assert.ok(!silenced.has(title), title);
        assert.ok(speaking.has(title), title);
      }
      // And rules that are on never fall silent.
      if (!ids.includes(ANN)) assert.ok(found(tuneRules(ALL, off(...ids)), 'ann').includes('Sign-in of ann'));
    }),
  );
});
