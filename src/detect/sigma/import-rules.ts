import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { makeDirectory, messageOf } from '#kernel';
import { SigmaError } from './errors.ts';
import { assembleRules } from './load.ts';
import { readRuleFiles } from './rule-files.ts';
import type { LoadReport } from './types.ts';

export interface ImportSummary {
  /** Null where nothing was copied, since no rule could be loaded. */
  readonly folder: string | null;
  readonly files: number;
  /** Licence files copied along, by name. */
  readonly licences: readonly string[];
  readonly report: LoadReport;
}

const LICENCE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/**
 * Copies the rules of a folder or archive into a folder of their own under `target`, with the licence that lies beside
 * them and a note where they came from. A second import of the same source replaces the first. All files are copied,
 * those too that cannot be loaded: the report says which and why. Where none can be loaded nothing is copied, and an
 * earlier import of the source stays.
 * @throws {SigmaError} `unreadable_rules`, `import_failed`
 */
export async function importRules(source: string, target: string, importedAt: Date): Promise<ImportSummary> {
  const files = await readRuleFiles(source);
  const { report } = assembleRules(files);
  if (report.loaded === 0) return { folder: null, files: 0, licences: [], report };
  // A name that begins with a dot would hide the rules from those who load them.
  const name = basename(resolve(source)).replaceAll(/^\.+|\.(?:tgz|tar\.gz|tar|zip|ya?ml)$/gi, '') || 'rules';
  const folder = join(target, name);
  const fresh = `${folder}.new`;
  try {
    rmSync(fresh, { recursive: true, force: true });
    makeDirectory(fresh);
    let count = 0;
    for (const file of files) {
      if (!('text' in file)) continue;
      const path = join(fresh, relativeName(file.file, source));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, file.text);
      count++;
    }
    const licences = await copyLicences(source, fresh);
    writeFileSync(join(fresh, 'SOURCE.json'), `${JSON.stringify(origin(source, importedAt, count), null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return { folder, files: count, licences, report };
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true });
    throw new SigmaError('import_failed', `cannot write the rules to ${folder}: ${messageOf(cause)}`, {
      cause,
      advice: 'see that the data directory exists, is yours and has room',
    });
  }
}

/** A name inside the folder: parts that lead out of it are left away. */
function relativeName(file: string, source: string): string {
  const inside = file === source ? basename(file) : file.slice(source.length).replace(/^[:/\\]+/, '');
  const parts = inside.split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.length === 0 ? 'rule.yml' : join(...parts);
}

async function copyLicences(source: string, folder: string): Promise<string[]> {
  const found = await readRuleFiles(source, { wanted: (name) => LICENCE.test(basename(name)) });
  const copied: string[] = [];
  for (const file of found) {
    if (!('text' in file)) continue;
    const name = relativeName(file.file, source);
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), file.text);
    copied.push(name);
  }
  return copied;
}

function origin(source: string, importedAt: Date, files: number): Record<string, unknown> {
  const path = resolve(source);
  const isFile = statSync(path).isFile();
  const digest = isFile ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
  return { source: path, sha256: digest, imported_at: importedAt.toISOString(), files };
}

/** How many imports there are, and how many rule files they hold. */
export async function countImported(target: string): Promise<{ imports: number; files: number }> {
  try {
    const folders = readdirSync(target, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return { imports: folders.length, files: (await readRuleFiles(target)).length };
  } catch {
    return { imports: 0, files: 0 };
  }
}
