import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { tarOf, zipOf } from '../../../test/support/archives.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { createEngine } from './engine.ts';
import { SigmaError } from './errors.ts';
import { importRules } from './import-rules.ts';
import { assembleRules, loadRules } from './load.ts';
import { readRuleFiles } from './rule-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'wardkeep-rules-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function ruleText(id: string, extra = '', detection = 'sel: {F: x}\n  condition: sel'): string {
  return `title: Rule ${id}\nid: ${id}\nlevel: high\n${extra}logsource: {product: windows, service: security}\ndetection:\n  ${detection}\n`;
}

function reasons(text: string): string[] {
  return assembleRules([{ file: 'f.yml', text }]).report.failed.map(({ reason }) => reason);
}

interface TextFile {
  name: string;
  text: string;
}

function inBytes(files: readonly TextFile[]): { name: string; bytes: Buffer }[] {
  return files.map(({ name, text }) => ({ name, bytes: Buffer.from(text) }));
}

const tar = (files: readonly TextFile[]): Buffer => tarOf(inBytes(files));
const zip = (files: readonly TextFile[]): Buffer => zipOf(inBytes(files));

test('folders, .tgz and .zip give the same rules', async () => {
  const entries = ['a', 'b'].map((id) => ({ name: `rules/x/${id}.yml`, text: ruleText(id) }));
  mkdirSync(join(folder, 'dir/rules/x'), { recursive: true });
  for (const { name, text } of entries) writeFileSync(join(folder, 'dir', name), text);
  writeFileSync(join(folder, 'dir/README.md'), 'no rule');
  writeFileSync(join(folder, 'r.tgz'), gzipSync(tar([...entries, { name: 'LICENSE', text: 'MIT' }])));
  writeFileSync(join(folder, 'r.zip'), zip([...entries, { name: '__MACOSX/rules/._a.yml', text: '\0' }]));
  for (const name of ['dir', 'r.tgz', 'r.zip']) {
    const { rules, report } = await loadRules([join(folder, name)]);
    assert.deepEqual([rules.map(({ id }) => id), report.failed], [['a', 'b'], []], name);
  }
});

test('a broken archive keeps what came before and says what is wrong', async () => {
  const whole = tar([
    { name: 'a.yml', text: ruleText('a') },
    { name: 'b.yml', text: ruleText('b') },
  ]);
  writeFileSync(join(folder, 'cut.tar'), whole.subarray(0, 1_100));
  const { rules, report } = await loadRules([join(folder, 'cut.tar')]);
  assert.equal(rules.length, 1);
  assert.match(report.failed[0]?.reason ?? '', /cut short/);
  writeFileSync(join(folder, 'bad.zip'), 'PK not really');
  assert.match((await loadRules([join(folder, 'bad.zip')])).report.failed[0]?.reason ?? '', /zip archive/);
  await assert.rejects(
    loadRules([join(folder, 'nowhere')]),
    (error) => error instanceof SigmaError && error.code === 'unreadable_rules',
  );
});

test('hostile YAML is refused with a reason, and the other documents load', () => {
  assert.match(reasons('a: &x [1]\nb: *x\n')[0] ?? '', /alias/i);
  assert.match(reasons('title: a\ntitle: b\n')[0] ?? '', /duplicate/i);
  assert.match(reasons('['.repeat(200))[0] ?? '', /YAML/);
  assert.match(reasons(`x: ${'y'.repeat(2_000_000)}`)[0] ?? '', /larger/);
  assert.match(reasons('just text')[0] ?? '', /not a map/);
  assert.match(reasons('')[0] ?? '', /no document/);
  const two = assembleRules([{ file: 'f.yml', text: `title: broken\n---\n${ruleText('good')}` }]);
  assert.deepEqual([two.rules.length, two.report.failed.length], [1, 1]);
});

test('two rules of one id: the same is loaded once, another is reported', () => {
  const twice = assembleRules([1, 2].map((n) => ({ file: `${n}.yml`, text: ruleText('a') })));
  assert.deepEqual([twice.rules.length, twice.report.failed], [1, []]);
  const other = assembleRules([
    { file: '1.yml', text: ruleText('a') },
    { file: '2.yml', text: ruleText('a', 'author: else\n') },
  ]);
  assert.match(other.report.failed[0]?.reason ?? '', /already that of 1\.yml/);
});

test('exclude and level leave rules out', () => {
  const files = ['a', 'b'].map((id) => ({
    file: `x/${id}.yml`,
    text: ruleText(id, id === 'a' ? 'name: first\n' : '').replace('high', id === 'a' ? 'low' : 'high'),
  }));
  for (const exclude of ['a', 'first', 'a.yml']) {
    assert.deepEqual(
      assembleRules(files, { exclude: [exclude] }).rules.map(({ id }) => id),
      ['b'],
      exclude,
    );
  }
  assert.deepEqual(
    assembleRules(files, { level: 'medium' }).rules.map(({ id }) => id),
    ['b'],
  );
});

test('a filter takes away what it describes, written either way, and nothing else', () => {
  for (const condition of ['flt', 'not flt']) {
    const filter = `title: f\nid: f\nlogsource: {product: windows, service: security}\nfilter:\n  rules: [a]\n  flt: {User|startswith: adm_}\n  condition: ${condition}\n`;
    const set = assembleRules([{ file: 'r.yml', text: `${ruleText('a')}---\n${ruleText('b')}---\n${filter}` }]);
    assert.deepEqual([set.report.failed, set.report.loaded, set.filters.length], [[], 3, 1]);
    const ids = (User: string): string[] =>
      createEngine(set)
        .match('windows', { Channel: 'Security', EventID: 1, F: 'x', User })
        .map(({ rule }) => rule.id);
    assert.deepEqual([ids('adm_1'), ids('eve')], [['b'], ['a', 'b']], condition);
    const bare = assembleRules([{ file: 'r.yml', text: ruleText('a') }]);
    assert.notEqual(set.rules[0]?.version, bare.rules[0]?.version);
  }
});

test('filters and correlations with unknown references are reported', () => {
  const filter = `title: f\nlogsource: {product: windows}\nfilter: {rules: [nope], s: {F: x}, condition: s}\n`;
  assert.match(reasons(filter)[0] ?? '', /"nope", which is no loaded rule/);
  const foreign = filter.replace('nope', 'a').replace('windows', 'linux');
  assert.match(reasons(`${ruleText('a')}---\n${foreign}`)[0] ?? '', /another log source/);
  const correlation =
    'title: c\nid: c\ncorrelation: {type: event_count, rules: [nope], timespan: 5m, condition: {gte: 2}}\n';
  assert.match(reasons(correlation)[0] ?? '', /"nope"/);
  const good = assembleRules([{ file: 'f.yml', text: `${ruleText('a')}---\n${correlation.replace('nope', 'a')}` }]);
  assert.deepEqual([good.correlations.map(({ id }) => id), good.report.loaded], [['c'], 2]);
});

test('an import copies rules, licence and source, and a second one replaces it', async () => {
  const source = join(folder, 'pack.tgz');
  const target = join(folder, 'imported');
  writeFileSync(
    source,
    gzipSync(
      tar([
        { name: 'p/a.yml', text: ruleText('a') },
        { name: 'p/LICENSE', text: 'terms' },
        { name: '../../evil.yml', text: ruleText('e') },
      ]),
    ),
  );
  for (const attempt of [1, 2]) {
    const summary = await importRules(source, target, new Date(0));
    assert.deepEqual(
      [summary.files, summary.licences, summary.report.loaded],
      [2, ['p/LICENSE'], 2],
      `attempt ${attempt}`,
    );
  }
  assert.deepEqual(
    (await readRuleFiles(target)).map(({ file }) => file.slice(target.length + 1)),
    ['pack/evil.yml', 'pack/p/a.yml'],
  );
});

test('no text makes the loader throw', () => {
  const pieces = fc.constantFrom(
    'title: t\n',
    'detection:\n',
    '  sel:\n',
    '    F|re: "(a"\n',
    '    F|cidr: x\n',
    '  condition: ',
    'sel',
    ' and ',
    '(',
    '1 of ',
    'logsource: {product: w}\n',
    '---\n',
    'filter:\n',
    '  rules: any\n',
    'correlation:\n',
    '  type: temporal\n',
    ': ',
    '- ',
    '\t',
    '%x%',
    '\u0000',
    'é',
  );
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join('')),
    fc.string({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, (input) => {
      const { report, rules } = assembleRules([{ file: 'f.yml', text: input }]);
      assert.ok(rules.length <= report.loaded && Array.isArray(report.failed));
    }),
    { numRuns: fuzzInputs() },
  );
});

test('no bytes make the archive readers throw anything but a reason', async () => {
  const base = zip([{ name: 'a.yml', text: ruleText('a') }]);
  const path = join(folder, 'fuzz.zip');
  await fc.assert(
    fc.asyncProperty(fc.nat(base.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = Buffer.from(base);
      bytes[at] = byte;
      writeFileSync(path, bytes);
      assert.ok((await readRuleFiles(path)).every((file) => 'text' in file || file.reason.length > 0));
    }),
    { numRuns: 300 },
  );
});
