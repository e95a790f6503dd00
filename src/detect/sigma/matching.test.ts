import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createEngine } from './engine.ts';
import { assembleRules } from './load.ts';
import type { LoadOptions, RuleSet } from './types.ts';

const SECURITY = { Channel: 'Security', EventID: 1 };

function load(detection: string, options: LoadOptions = {}): RuleSet {
  const text = `title: t\nid: rule-1\nlogsource:\n  product: windows\n  service: security\ndetection:\n${detection.replaceAll(/^/gm, '  ')}\n`;
  return assembleRules([{ file: 'rule.yml', text }], options);
}

/** Whether a rule with this detection matches a Security event with these fields. */
function matches(detection: string, fields: Record<string, unknown>, options: LoadOptions = {}): boolean {
  const ruleSet = load(detection, options);
  assert.deepEqual(ruleSet.report.failed, []);
  return createEngine(ruleSet).match('windows', { ...SECURITY, ...fields }).length === 1;
}

/** The same for one field item; the value is written as JSON, which is YAML too. */
function item(key: string, value: unknown, fields: Record<string, unknown>, options: LoadOptions = {}): boolean {
  return matches(`sel:\n  ${JSON.stringify(key)}: ${JSON.stringify(value)}\ncondition: sel`, fields, options);
}

function reasonOf(detection: string): string {
  const [failure] = load(detection).report.failed;
  return failure?.reason ?? 'loaded';
}

test('a value is the whole field, in any case', () => {
  assert.ok(item('F', 'CMD.exe', { F: 'cmd.EXE' }));
  assert.ok(!item('F', 'cmd.exe', { F: 'C:\\cmd.exe' }));
  assert.ok(!item('F', 'cmd.exe', {}));
});

test('wildcards and their escapes', () => {
  assert.ok(item('F', 'a*c?e', { F: 'AbbbcDe' }));
  assert.ok(!item('F', 'a*c?e', { F: 'abce' }));
  assert.ok(item('F', 'a\\*b', { F: 'a*b' }));
  assert.ok(!item('F', 'a\\*b', { F: 'axb' }));
  assert.ok(item('F', 'C:\\\\*', { F: 'c:\\windows' }));
  assert.ok(!item('F', 'C:\\\\*', { F: 'c:*' }));
  assert.ok(item('F', 'C:\\win', { F: 'c:\\WIN' }));
  assert.ok(item('F', '\\\\\\\\srv', { F: '\\\\srv' }));
  assert.ok(item('F', '\\\\\\*x', { F: '\\*x' }));
  assert.ok(item('F', '*', { F: '' }) && !item('F', '*', {}));
  assert.ok(item('F', '?*', { F: 'x' }) && !item('F', '?*', { F: '' }));
});

test('contains, startswith, endswith, and all', () => {
  assert.ok(item('F|contains', ['no', 'BC'], { F: 'abcd' }));
  assert.ok(item('F|startswith', 'AB', { F: 'abcd' }) && !item('F|startswith', 'bc', { F: 'abcd' }));
  assert.ok(item('F|endswith', 'CD', { F: 'abcd' }) && !item('F|endswith', 'bc', { F: 'abcd' }));
  assert.ok(item('F|contains|all', ['ab', 'cd'], { F: 'xcdab' }) && !item('F|contains|all', ['ab', 'no'], { F: 'ab' }));
  assert.ok(item('F|all|contains', ['ab', 'cd'], { F: ['xab', 'cdx'] }));
  assert.ok(item('F|contains', 'a*c', { F: 'xxabbcxx' }));
});

test('cased holds whatever the order of modifiers', () => {
  for (const key of ['F|cased|contains', 'F|contains|cased']) {
    assert.ok(item(key, 'Ab', { F: 'xAbx' }));
    assert.ok(!item(key, 'Ab', { F: 'xabx' }), key);
  }
});

test('windash takes five dashes for one another, with contains and all in any order', () => {
  for (const dash of ['-', '/', '\u2013', '\u2014', '\u2015']) {
    assert.ok(item('F|windash|contains|all', [' -enc', ' /nop'], { F: `x ${dash}ENC ${dash}nop` }), dash);
    assert.ok(item('F|contains|windash', `${dash}s`, { F: 'x /s' }), dash);
  }
  assert.ok(!item('F|contains|windash', '-s', { F: 'x _s' }));
});

test('regular expressions are cased and unanchored, with flags as modifiers or in front', () => {
  assert.ok(item('F|re', 'b+c', { F: 'abbc' }) && !item('F|re', 'B+C', { F: 'abbc' }));
  assert.ok(item('F|re|i', 'B+C', { F: 'abbc' }) && item('F|re', '(?i)B+C', { F: 'abbc' }));
  assert.ok(item('F|re|m', '^b$', { F: 'a\nb\nc' }) && !item('F|re', '^b$', { F: 'a\nb\nc' }));
  assert.ok(item('F|re|s', 'a.c', { F: 'a\nc' }) && !item('F|re', 'a.c', { F: 'a\nc' }));
  assert.ok(item('F|re', ['no', '^\\d{2,40}$'], { F: '123' }));
});

test('a catastrophic expression runs in linear time, and what no linear engine takes is refused with its reason', () => {
  assert.ok(!item('F|re', '^(a+)+$', { F: `${'a'.repeat(50_000)}b` }));
  assert.match(reasonOf("sel:\n  F|re: '(?=a)b'\ncondition: sel"), /linear/);
  assert.match(reasonOf("sel:\n  F|re: '(a)\\1'\ncondition: sel"), /linear/);
});

test('a regular expression sees the first 64 KiB, and the cut is counted', () => {
  const engine = createEngine(load("sel:\n  F|re: 'x[yz]'\ncondition: sel"));
  const text = `${'x'.repeat(70_000)}y`;
  assert.equal(engine.match('windows', { ...SECURITY, F: text }).length, 0);
  assert.equal(engine.counters.regexInputsCut, 1);
});

test('cidr for IPv4, IPv6 and IPv4 in IPv6', () => {
  assert.ok(item('F|cidr', '10.0.0.0/8', { F: '10.255.1.2' }) && !item('F|cidr', '10.0.0.0/8', { F: '11.0.0.1' }));
  assert.ok(item('F|cidr', '192.168.5.128/25', { F: '::ffff:192.168.5.200' }));
  assert.ok(item('F|cidr', 'fe80::/10', { F: 'febf::1' }) && !item('F|cidr', 'fe80::/10', { F: 'fec0::1' }));
  assert.ok(!item('F|cidr', '0.0.0.0/0', { F: 'host' }) && item('F|cidr', '::1/128', { F: '::1' }));
  assert.match(reasonOf('sel:\n  F|cidr: 10.0.0.0/33\ncondition: sel'), /network/);
});

test('base64, base64offset and the encodings before them', () => {
  const phrase = 'http://evil';
  assert.ok(item('F|base64|contains', 'foobar', { F: 'x Zm9vYmFy y' }));
  for (const offset of [0, 1, 2]) {
    const plain = Buffer.from(`${'#'.repeat(offset)}${phrase}##`).toString('base64');
    assert.ok(item('F|base64offset|contains', phrase, { F: plain }), `offset ${offset}`);
    const wide = Buffer.from(`${'#'.repeat(offset)}${phrase}##`, 'utf16le').toString('base64');
    for (const key of ['F|wide|base64offset|contains', 'F|contains|base64offset|utf16le']) {
      assert.ok(item(key, phrase, { F: wide }), `${key} ${offset}`);
    }
  }
  const big = Buffer.from('ab', 'utf16le').swap16().toString('base64');
  assert.ok(item('F|utf16be|base64', 'ab', { F: big }));
  const marked = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('ab', 'utf16le')]).toString('base64');
  assert.ok(item('F|utf16|base64', 'ab', { F: marked }));
});

test('null is absent or empty, exists is presence alone', () => {
  for (const fields of [{}, { F: null }, { F: '' }]) assert.ok(item('F', null, fields));
  assert.ok(!item('F', null, { F: '-' }));
  assert.ok(item('F', [null, 'x'], {}) && item('F', [null, 'x'], { F: 'X' }) && !item('F', [null, 'x'], { F: 'y' }));
  assert.ok(item('F|exists', true, { F: '' }) && item('F|exists', true, { F: null }) && !item('F|exists', true, {}));
  assert.ok(item('F|exists', false, {}) && !item('F|exists', false, { F: 0 }));
  assert.ok(item('F', '', { F: '' }) && !item('F', '', {}));
});

test('numbers equal their decimal strings, and compare as numbers', () => {
  assert.ok(item('F', 1, { F: '1' }) && item('F', '1', { F: 1 }) && !item('F', 1, { F: 11 }));
  assert.ok(item('F|gte', 10, { F: '10' }) && item('F|gt', 9, { F: 10 }) && !item('F|gt', 10, { F: 10 }));
  assert.ok(
    item('F|lt', 3, { F: 2.5 }) &&
      item('F|lte', 3, { F: 3 }) &&
      !item('F|lt', 3, { F: 'x' }) &&
      !item('F|lt', 3, { F: '' }),
  );
  assert.ok(item('F', true, { F: 'True' }) && item('F', 'false', { F: false }));
});

test('neq is the opposite of the same item without it', () => {
  assert.ok(
    item('F|neq', 'a', { F: 'b' }) && !item('F|neq', 'a', { F: 'A' }) && !item('F|neq', ['a', 'b'], { F: 'b' }),
  );
  assert.ok(item('F|neq|contains', 'a', { F: 'xyz' }) && item('F|neq', 5, { F: 4 }));
});

test('fieldref compares two fields of one event', () => {
  assert.ok(item('F|fieldref', 'G', { F: 'A', G: 'a' }) && !item('F|fieldref', 'G', { F: 'a' }));
  assert.ok(
    item('F|fieldref|endswith', 'G', { F: 'xab', G: 'AB' }) &&
      item('F|startswith|fieldref', 'G', { F: 'abx', G: 'ab' }),
  );
  assert.ok(!item('F|fieldref|cased', 'G', { F: 'A', G: 'a' }));
});

test('time modifiers read a date as it is written', () => {
  const F = '2023-08-16 04:53:46.060';
  const parts = { minute: 53, hour: 4, day: 16, week: 33, month: 8, year: 2023 };
  for (const [unit, value] of Object.entries(parts)) {
    assert.ok(item(`F|${unit}`, value, { F }), unit);
    assert.ok(!item(`F|${unit}`, value + 1, { F }), unit);
  }
  assert.ok(item('F|hour|lt', 6, { F }) && item('F|gte|hour', 4, { F }) && !item('F|hour|gte', 5, { F }));
  assert.ok(!item('F|hour', 4, { F: 'no date' }) && item('F|hour', 0, { F: 0 + 1_700_006_400 }));
});

test('expand takes values from the placeholders; without values it is named and never matches', () => {
  const placeholders = { Admins: ['alice', 'b*'], Dc: ['dc1'] };
  assert.ok(item('F|expand', '%Admins%', { F: 'Bob' }, { placeholders }));
  assert.ok(item('F|expand|contains', '%Dc%\\%Admins%', { F: 'x dc1\\alice y' }, { placeholders }));
  assert.ok(!item('F|expand', '%Admins%', { F: 'anyone' }));
  assert.deepEqual(load('sel:\n  F|expand: "%Admins%"\ncondition: sel').report.unresolved, [
    { file: 'rule.yml', placeholder: 'Admins' },
  ]);
  const negated = 'sel:\n  G: x\nflt:\n  F|expand: "%Admins%"\ncondition: sel and not flt';
  assert.ok(!matches(negated, { G: 'x', F: 'eve' }) && matches(negated, { G: 'x', F: 'eve' }, { placeholders }));
});

test('keywords are looked for in every value, nested ones too', () => {
  assert.ok(matches('kw:\n  - mimi\n  - "evil*tool"\ncondition: kw', { A: 'xx MIMIkatz' }));
  assert.ok(matches('kw:\n  - "evil*tool"\ncondition: kw', { A: { B: ['an evil big Tool here'] } }));
  assert.ok(!matches('kw:\n  - mimi\ncondition: kw', { mimi: 'other' }));
  assert.ok(matches('kw:\n  "|all":\n    - one\n    - two\ncondition: kw', { A: 'one', B: 'two' }));
  assert.ok(!matches('kw:\n  "|all":\n    - one\n    - two\ncondition: kw', { A: 'one' }));
  assert.ok(matches('kw:\n  "|re": "o[mn]e"\ncondition: kw', { A: 'some' }));
});

test('a list of maps is any of them, a map is all of its fields', () => {
  const detection = 'sel:\n  - F: a\n    G: b\n  - H: c\ncondition: sel';
  assert.ok(
    matches(detection, { F: 'a', G: 'b' }) && matches(detection, { H: 'c' }) && !matches(detection, { F: 'a' }),
  );
});

test('conditions: precedence, parentheses, quantities, patterns, lists', () => {
  const searches = 'a:\n  A: 1\nb:\n  B: 1\nfilter_x:\n  X: 1\nfilter_y:\n  Y: 1\n_hidden:\n  Z: 1\n';
  const when = (condition: string, fields: Record<string, unknown>): boolean =>
    matches(`${searches}condition: ${condition}`, fields);
  assert.ok(when('a or b and filter_x', { A: 1 }) && !when('(a or b) and filter_x', { A: 1 }));
  assert.ok(when('not a and b', { B: 1 }) && !when('not (a or b)', { B: 1 }) && when('NOT a AND b', { B: 1 }));
  assert.ok(
    when('1 of filter_*', { Y: 1 }) && !when('all of filter_*', { Y: 1 }) && when('all of filter_*', { X: 1, Y: 1 }),
  );
  assert.ok(when('2 of them', { A: 1, Y: 1 }) && !when('2 of them', { A: 1, Z: 1 }) && when('any of them', { A: 1 }));
  assert.ok(when('all of them', { A: 1, B: 1, X: 1, Y: 1 }) && when('1 of _*', { Z: 1 }));
  assert.ok(when('a and not 1 of filter_*', { A: 1 }) && !when('a and not 1 of filter_*', { A: 1, X: 1 }));
  assert.ok(when('[a, b]', { B: 1 }));
});

test('what cannot be loaded has its reason', () => {
  assert.match(reasonOf('sel:\n  F|frob: x\ncondition: sel'), /"frob" is unknown/);
  assert.match(reasonOf('sel:\n  F|re|contains: x\ncondition: sel'), /exclude each other/);
  assert.match(reasonOf('sel:\n  F: x\ncondition: other'), /names "other"/);
  assert.match(reasonOf('sel:\n  F: x\ncondition: sel | count() > 5'), /correlations/);
  assert.match(reasonOf('sel:\n  F: x\ncondition: (sel'), /lacks/);
  assert.match(reasonOf('sel:\n  F: x\ncondition: 1 of foo_*'), /nothing is so named/);
  assert.match(reasonOf('sel:\n  F: {a: b}\ncondition: sel'), /neither text/);
  assert.match(reasonOf('sel:\n  F: x'), /no condition/);
  assert.match(reasonOf(`sel:\n  F: x\ncondition: ${'not '.repeat(5_000)}sel`), /more than/);
});

test('names that every object inherits are no fields', () => {
  assert.ok(!item('constructor|exists', true, {}) && item('toString', null, {}));
  assert.ok(!item('a.constructor.name|exists', true, { a: {} }));
});

test('dotted names are fields or paths, through lists too', () => {
  assert.ok(
    item('a.b', 'x', { 'a.b': 'x' }) &&
      item('a.b', 'x', { a: { b: 'X' } }) &&
      item('a.b', 'x', { a: [{ b: 'y' }, { b: 'x' }] }),
  );
  assert.ok(item('a|contains', '"b":"x"', { a: { b: 'x' } }));
});

test('a match names the fields that made it', () => {
  const engine = createEngine(load('sel:\n  F|contains: a\n  G: 1\nflt:\n  H: 2\ncondition: sel and not flt'));
  const [match] = engine.match('windows', { ...SECURITY, F: 'xax', G: 1, H: 3, I: 4 });
  assert.deepEqual(match?.matched, { F: 'xax', G: 1 });
});

test('wildcard patterns agree with a regular expression of the same meaning', () => {
  const piece = fc.constantFrom('a', 'b', '.', '*', '?', '\\*', '\\?', '(');
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?', '('), maxLength: 10 }),
      (pieces, text) => {
        const source = pieces.map((part) =>
          part === '*' ? '.*' : part === '?' ? '.' : `\\${part.at(-1)}`.replace(/\\([ab])/, '$1'),
        );
        assert.equal(item('F', pieces.join(''), { F: text }), new RegExp(`^${source.join('')}$`, 's').test(text));
      },
    ),
    { numRuns: 300 },
  );
});
