import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type CliIo, processIo } from '../io.ts';
import { RuleTable, type ShownRule, tacticOf } from './rule-table.ts';

const TITLE = 'A rule whose title is so long that no terminal of eighty columns has room for it in one line';

function ioOf(columns: number, color = false): CliIo {
  return { ...processIo(), columns, color, interactive: false };
}

function rule(part: Partial<ShownRule> = {}): ShownRule {
  return {
    id: 'rule-1',
    title: TITLE,
    level: 'high',
    tags: ['attack.credential-access'],
    author: 'Ada Example',
    ...part,
  };
}

test('title, author, id, tactic and both times of every rule are shown whole, however narrow the terminal is', () => {
  for (const columns of [40, 80, 100, 120, 200]) {
    const found = new RuleTable();
    found.add(rule(), { timeMs: 0 });
    found.add(rule(), { timeMs: 60_000 });
    const text = found.render(ioOf(columns));
    const words = text.replaceAll(/\s+/g, ' ');
    for (const part of [
      'by Ada Example',
      'rule-1',
      'Credential Access',
      '1970-01-01 00:00:00Z',
      '1970-01-01 00:01:00Z',
    ])
      assert.ok(words.includes(part), `${part} at ${columns} columns:\n${text}`);
    for (const word of TITLE.split(' ')) assert.ok(words.includes(word), `${word} at ${columns} columns:\n${text}`);
  }
});

test('no line is wider than the terminal, from 72 columns on', () => {
  const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'Z', '-') });
  const text = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(' '));
  const level = fc.constantFrom('critical' as const, 'informational' as const);
  fc.assert(
    fc.property(fc.integer({ min: 72, max: 200 }), text, text, level, (columns, title, author, level) => {
      const found = new RuleTable();
      for (let entry = 0; entry < 12; entry += 1) found.add(rule({ title, author, level }), { timeMs: null, entry });
      for (const line of found.render(ioOf(columns)).split('\n')) assert.ok(line.length <= columns, line);
    }),
  );
});

test('the most urgent rules stand first, then those with most findings; counts and times are over all findings', () => {
  const found = new RuleTable();
  found.add(rule({ id: 'low', level: 'low', title: 'Low' }), { timeMs: 5_000 });
  for (const timeMs of [9_000, 1_000, null]) found.add(rule({ id: 'twice', title: 'Many' }), { timeMs });
  found.add(rule({ id: 'once', title: 'Few' }), { timeMs: null });
  found.add(rule({ id: 'crit', level: 'critical', title: 'Critical' }), { timeMs: 7_000 });
  const lines = found.render(ioOf(160)).split('\n');
  const rows = lines.filter((line) => /^(?:critical|high|low)/.test(line)).map((line) => line.split(/ {2,}/));
  assert.deepEqual(
    rows.map((cells) => cells[2]),
    ['Critical', 'Many', 'Few', 'Low'],
  );
  assert.deepEqual(rows[1]?.slice(4), ['1970-01-01 00:00:01Z', '1970-01-01 00:00:09Z']);
  assert.equal(rows[2]?.[4], 'no time stated');
  assert.equal(found.levels(), '1 critical, 4 high, 1 low');
  assert.equal(found.total, 6);
});

test('control characters of a foreign rule never reach the terminal', () => {
  const found = new RuleTable();
  found.add(rule({ title: 'red \u001B[31mtitle', author: 'x\u001B]0;y\u0007', tags: [] }), { timeMs: 0 });
  assert.ok(!found.render(ioOf(80)).includes('\u001B'));
});

test('colours change no column', () => {
  const found = new RuleTable();
  found.add(rule(), { timeMs: 0, entry: 3 });
  // oxlint-disable-next-line no-control-regex -- the colours are what is taken out
  assert.equal(found.render(ioOf(100, true)).replaceAll(/\u001B\[[\d;]*m/g, ''), found.render(ioOf(100)));
});

test('no finding gives no table', () => {
  assert.equal(new RuleTable().render(ioOf(80)), '');
});

test('the tactic is the first tag of ATT&CK that is no technique, group or software', () => {
  assert.equal(
    tacticOf(['attack.t1003', 'attack.g0007', 'attack.lateral-movement', 'attack.impact']),
    'Lateral Movement',
  );
  assert.equal(tacticOf(['cve.2021-44228']), '');
});
