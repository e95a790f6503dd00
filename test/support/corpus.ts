import { readdirSync, readFileSync } from 'node:fs';
import { MemberReader } from '../../src/ingest/read/reader.ts';
import type { Source } from '../../src/ingest/source.ts';
import { SOURCES } from '../../src/ingest/sources/all.ts';
import type { NativeRecord } from '../../src/ingest/types.ts';
import { pantherLogs } from './panther.ts';
import { sharedPath } from './shared.ts';

/** A real record, read as an operator's file is read. */
export interface Sample {
  readonly source: Source;
  readonly record: NativeRecord;
  /** The record as received, as text. */
  readonly text: string;
}

/** Descriptions of formats, not logs. */
const NO_LOGS = /\.(?:md|xsd|rnc|fsh|ocsf)$/;

/** The records of one file's bytes, by whatever sources know them; what was rejected is left out. */
export function samplesOf(name: string, bytes: Buffer): Sample[] {
  const reader = new MemberReader(name, bytes.subarray(0, 65_536), { sources: SOURCES });
  return [...reader.push(bytes), ...reader.end()].flatMap(({ source, parsed, raw }) =>
    source === null || 'reject' in parsed ? [] : [{ source, record: parsed, text: raw.toString('utf8') }],
  );
}

/** All readable records of the shared formats, at most `perKind` of each source, family and kind. */
export function sharedSamples(perKind: number): Sample[] {
  const folder = sharedPath('formats/');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NO_LOGS.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted();
  const seen = new Map<string, number>();
  return files
    .flatMap((file) => samplesOf(file.slice(file.lastIndexOf('/') + 1), bytesOf(file)))
    .filter(({ source, record }) => {
      const family = source.families.find(({ name }) => name === record.family);
      const key = `${source.name} ${record.family} ${family?.kind(record.fields)}`;
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      return count <= perKind;
    });
}

/** Test files of rules hold the event of each test under `log`. */
function bytesOf(file: string): Buffer {
  if (!/panther-.*\.ndjson$/.test(file)) return readFileSync(file);
  const logs = pantherLogs(file.slice(sharedPath('formats/').length));
  return Buffer.from(logs.map((log) => JSON.stringify(log)).join('\n'));
}
