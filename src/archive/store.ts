import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** What can be looked up by name. */
export const ENTITY_KINDS = ['user', 'patient', 'ip', 'device'] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

// Until it is finished nobody knows of an index: no journal is needed.
const EMPTY_INDEX = `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
  CREATE TABLE archive_postings (kind TEXT, name TEXT, part INTEGER, entries BLOB, PRIMARY KEY (kind, name, part))
  WITHOUT ROWID;`;

/** Indexes of one posting row; longer lists are several rows. */
const POSTING_ITEMS_MAX = 8_192;

/**
 * The index of one Parquet file: which entries name a user, a patient, an address or a device. Made whole beside its file,
 * never changed, deleted with it; when it is missing or damaged the file itself is read.
 */
export class IndexMaker implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #postings = new Map<string, number[]>();
  #part = 0;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`${EMPTY_INDEX} BEGIN`);
    this.#insert = this.#database.prepare('INSERT INTO archive_postings VALUES (?, ?, ?, ?)');
  }

  /** Names one entry under `name`; entries may come in any order. */
  add(kind: EntityKind, name: string, index: number): void {
    const key = `${kind}\0${name}`;
    const list = this.#postings.get(key);
    if (list === undefined) this.#postings.set(key, [index]);
    else if (list.at(-1) !== index) list.push(index);
    if (list !== undefined && list.length >= POSTING_ITEMS_MAX) this.#write(key, list.splice(0));
  }

  finish(): void {
    for (const [key, list] of this.#postings) if (list.length > 0) this.#write(key, list);
    this.#postings.clear();
    this.#database.exec('COMMIT');
  }

  #write(key: string, list: number[]): void {
    const at = key.indexOf('\0');
    this.#part += 1;
    this.#insert.run(key.slice(0, at), key.slice(at + 1), this.#part, packed(list));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/**
 * Makes at `path` the index of a file into which the files of these indexes were put whole: their rows are taken over as they
 * are, with numbers of their own.
 * @throws {Error} when one of them cannot be read.
 */
export function putIndexesTogether(sources: readonly string[], path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(EMPTY_INDEX);
    let parts = 0;
    for (const source of sources) {
      // Read-only: what is missing is an error, and nothing is made in its place.
      database.prepare('ATTACH ? AS source').run(`${pathToFileURL(source).href}?mode=ro`);
      database.exec('BEGIN');
      database
        .prepare('INSERT INTO archive_postings SELECT kind, name, part + ?, entries FROM source.archive_postings')
        .run(parts);
      database.exec('COMMIT');
      parts = Number(database.prepare('SELECT coalesce(max(part), 0) AS last FROM archive_postings').get()?.['last']);
      database.exec('DETACH source');
    }
  } finally {
    database.close();
  }
}

/**
 * Indexes of the entries of a file that name it, in no order; for a patient also those whose id alone, without its
 * authority, is `name`.
 * @throws {Error} when the index cannot be read.
 */
export function entriesNaming(path: string, kind: EntityKind, name: string): number[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare('SELECT entries FROM archive_postings WHERE kind = ? AND name = ?').all(kind, name);
    return rows.flatMap(({ entries }) => (entries instanceof Uint8Array ? unpacked(entries) : []));
  } finally {
    database.close();
  }
}

/** Ascending, each as the difference to the one before, seven bits a byte. */
function packed(list: number[]): Uint8Array {
  const bytes: number[] = [];
  let last = 0;
  for (const index of list.toSorted((a, b) => a - b)) {
    let rest = index - last;
    last = index;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

function unpacked(bytes: Uint8Array): number[] {
  const list: number[] = [];
  let last = 0;
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 0x80;
    if ((byte & 0x80) !== 0) continue;
    last += value;
    list.push(last);
    value = 0;
    factor = 1;
  }
  return list;
}
