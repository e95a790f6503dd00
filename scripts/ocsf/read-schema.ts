import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** One attribute as the schema's JSON states it; only what types and validation need. */
export interface SourceAttribute {
  requirement?: string;
  type?: string;
  is_array?: boolean;
  enum?: Record<string, unknown>;
  /** null takes an inherited profile away: the attribute belongs to the class itself. */
  profile?: string | null;
  /** The number under which its values are listed in `observables`. */
  observable?: number;
}

/** An event class or object as the schema's JSON states it. */
export interface SourceItem {
  name?: string;
  uid?: number;
  extends?: string;
  category?: string;
  caption: string;
  '@deprecated'?: unknown;
  observable?: number;
  attributes: Record<string, SourceAttribute> & { $include?: string[] };
  constraints?: Record<string, string[]>;
}

export interface SourceProfile {
  name: string;
  attributes: Record<string, SourceAttribute>;
}

export interface SourceType {
  observable?: number;
  type?: string;
  regex?: string;
  max_len?: number;
  range?: [number, number];
}

interface SourceDictionary {
  attributes: Record<string, SourceAttribute>;
  types?: { attributes: Record<string, SourceType> };
}

/** One folder of schema files: the core schema or an extension of it. */
export interface SchemaPart {
  /** 0 for the core. */
  uid: number;
  name: string;
  dictionary: SourceDictionary;
  events: SourceItem[];
  objects: SourceItem[];
  /** By the path that `$include` names. */
  profiles: Map<string, SourceProfile>;
}

export interface SchemaSource {
  version: string;
  /** Category name → uid. */
  categories: Map<string, number>;
  /** The core first, then its extensions in order of their names, then ours. */
  parts: SchemaPart[];
}

/** Reads the schema out of its archive (with the `tar` and `xz` of the machine) and our extension beside it. */
export function readSchema(options: { archive: string; extension: string }): SchemaSource {
  const folder = mkdtempSync(path.join(tmpdir(), 'wardkeep-ocsf-'));
  try {
    const tar = spawnSync('tar', ['-xJf', options.archive, '-C', folder], { encoding: 'utf8' });
    if (tar.status !== 0) throw new Error(`tar could not read ${options.archive}: ${tar.stderr}`);
    const [top] = readdirSync(folder);
    return readFolder(path.join(folder, top ?? ''), options.extension);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readFolder(core: string, extension: string): SchemaSource {
  const { version }: { version: string } = readJson(path.join(core, 'version.json'));
  const categories: { attributes: Record<string, { uid: number }> } = readJson(path.join(core, 'categories.json'));
  const extensions = readdirSync(path.join(core, 'extensions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(core, 'extensions', entry.name))
    .toSorted();
  return {
    version,
    categories: new Map(Object.entries(categories.attributes).map(([name, { uid }]) => [name, uid])),
    parts: [core, ...extensions, extension].map((folder) => readPart(folder, folder === core)),
  };
}

function readPart(folder: string, isCore: boolean): SchemaPart {
  const files = jsonFiles(folder);
  const head: { uid: number; name: string } = isCore ? { uid: 0, name: '' } : readJson(`${folder}/extension.json`);
  return {
    ...head,
    dictionary: files.includes('dictionary.json') ? readJson(`${folder}/dictionary.json`) : { attributes: {} },
    events: files.filter((file) => file.startsWith('events/')).map((file) => readJson(`${folder}/${file}`)),
    objects: files.filter((file) => file.startsWith('objects/')).map((file) => readJson(`${folder}/${file}`)),
    profiles: new Map(
      files
        .filter((file) => file.startsWith('profiles/'))
        .map((file): [string, SourceProfile] => [file, readJson(`${folder}/${file}`)]),
    ),
  };
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted();
}

function readJson(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
