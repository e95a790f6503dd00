import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');

interface Override {
  files: string[];
  rules: { 'no-restricted-imports'?: [string, { patterns: { group?: string[] }[] }] };
}

/** Module → modules that it may import, as the lint configuration has it. */
function moduleTable(): Map<string, string[]> {
  const config = JSON.parse(readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')) as { overrides: Override[] };
  const rows = config.overrides.flatMap(({ files, rules }) => {
    const module = /^src\/(.+)\/\*\*$/.exec(files[0] ?? '')?.[1];
    const group = rules['no-restricted-imports']?.[1].patterns[0]?.group;
    if (module === undefined || group === undefined) return [];
    return [[module, group.filter((one) => one.startsWith('!#')).map((one) => one.slice(2))] as const];
  });
  return new Map(rows);
}

/** Every folder under src that has a face. */
function modules(folder = SRC): string[] {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const own =
    folder !== SRC && existsSync(join(folder, 'index.ts')) ? [relative(SRC, folder).split(sep).join('/')] : [];
  return [...own, ...inside.flatMap(({ name }) => modules(join(folder, name)))];
}

/** Folders that are inner parts of a module: reached by relative imports from within it alone. */
const INNER = new Set(['ledger/tlog', 'ingest/ocsf']);

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const statements = text.matchAll(
    /^(?:import|export|\})[^'\n]*\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

test('every module has a row in the module table, and every row a module', () => {
  const rows = [...moduleTable().keys()].toSorted();
  // The command line is a program of its own: it has a main file and no face.
  const found = [...modules().filter((module) => !INNER.has(module)), 'cli'].toSorted();
  assert.deepEqual(rows, found);
});

test('the table allows no circle', () => {
  const table = moduleTable();
  const visit = (module: string, path: readonly string[]): void => {
    assert.ok(!path.includes(module), `circle: ${[...path, module].join(' > ')}`);
    for (const next of table.get(module) ?? []) visit(next, [...path, module]);
  };
  for (const module of table.keys()) visit(module, []);
});

test('modules import each other by their faces alone, and only where the table allows it', () => {
  const table = moduleTable();
  const names = [...table.keys()].toSorted((a, b) => b.length - a.length);
  const offences: string[] = [];
  for (const path of sources(SRC)) {
    const inSrc = relative(SRC, path).split(sep).join('/');
    const module = names.find((name) => inSrc.startsWith(`${name}/`)) ?? '';
    for (const specifier of importsOf(path)) {
      if (specifier.startsWith('#')) {
        const target = specifier.slice(1);
        if (target !== module && table.get(module)?.includes(target) !== true) offences.push(`${inSrc}: ${specifier}`);
      } else if (specifier.startsWith('.')) {
        const target = relative(SRC, join(path, '..', specifier))
          .split(sep)
          .join('/');
        const owner = names.find((name) => target.startsWith(`${name}/`));
        const isTestSupport = target.startsWith('../test/support/') && inSrc.endsWith('.test.ts');
        if (owner !== module && !isTestSupport && !target.startsWith('..')) offences.push(`${inSrc}: ${specifier}`);
      }
    }
  }
  assert.deepEqual(offences, []);
});

test('the ledger and the kernel itself have no npm dependency', () => {
  const offences = sources(join(SRC, 'ledger'))
    .concat(sources(join(SRC, 'kernel')).filter((path) => !/kernel.(?:config|database)/.test(path)))
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) =>
      importsOf(path)
        .filter((one) => !/^(?:node:|\.|#)/.test(one))
        .map((one) => `${path}: ${one}`),
    );
  assert.deepEqual(offences, []);
});

test('no file is longer than 400 lines, generated ones apart', () => {
  const long = sources(SRC)
    .filter((path) => !path.includes('.generated.'))
    .map((path) => ({ path: relative(ROOT, path), lines: readFileSync(path, 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > 401);
  assert.deepEqual(long, []);
});
