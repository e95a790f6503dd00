import type { Family, Head, NativeFields, NativeRecord, Rejection } from './types.ts';

/**
 * A source: one format that Wardkeep reads, one file under `sources/`. Reading is split by shape: the framing (lines,
 * JSON values, XML elements, HL7 messages, EVTX chunks) is shared, the understanding of one record is the source's.
 */
export type Source = JsonSource | LineSource | TableSource | XmlSource | MessageSource | BinarySource;

interface SourceBase {
  /** The name that `--format` takes: `cloudtrail`, `zeek-json`, `evtx`. */
  readonly name: string;
  /** For a person, in `--help` and the README's table. */
  readonly title: string;
  /** The families whose records it gives. */
  readonly families: readonly Family[];
  /** What a real sample or a second implementation says of it; `none` is shown as "no outside oracle". */
  readonly oracle: string;
}

/** What one frame gives: a record, several (a bundle), a rejection, or null for "not mine" (lines) or "nothing" (a header). */
export type Parsed = NativeRecord | readonly NativeRecord[] | Rejection | null;

/** Records that are JSON objects: NDJSON, arrays, pretty-printed values, `{"Records": [...]}` and its like. */
export interface JsonSource extends SourceBase {
  readonly shape: 'json';
  /** Whether this object is one of mine. Specific: of all sources at most one says yes to a real record. Cheap. */
  accepts(value: NativeFields): boolean;
  parse(value: NativeFields): Parsed;
}

/** The header of a syslog line, RFC 5424 or 3164; null where a line came without one. */
export interface SyslogEnvelope {
  readonly rfc: 5424 | 3164;
  readonly facility: number | null;
  readonly severity: number | null;
  /** As the line states it; null for the nil value. */
  readonly timestamp: string | null;
  readonly hostname: string | null;
  readonly app: string | null;
  readonly procId: string | null;
  readonly msgId: string | null;
  /** SD-ID → parameters, unescaped; empty when none. */
  readonly structuredData: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Records that are lines of text, bare or behind a syslog header. */
export interface LineSource extends SourceBase {
  readonly shape: 'line';
  /** Lower runs earlier; default 50. A source that takes anything behind a syslog header has 90. */
  readonly order?: number;
  /** `text` is the line without its syslog header (all of it when `envelope` is null). Null = not mine. */
  parse(text: string, envelope: SyslogEnvelope | null): Parsed;
}

/** Lines under a header that names their columns: Zeek TSV, W3C, VPC flow, CSV exports. */
export interface TableSource extends SourceBase {
  readonly shape: 'table';
  recognise(head: Head): boolean;
  /** `state` is what `state()` returned when reading stopped, or null at the beginning. */
  open(state: string | null): TableReader;
}

export interface TableReader {
  /** One line; null for headers, comments and empty lines. */
  line(text: string): Parsed;
  /** What a later reader needs to go on behind the last line. */
  state(): string;
}

/** Records that are XML elements, one after the other or inside one root element. */
export interface XmlSource extends SourceBase {
  readonly shape: 'xml';
  /** Local names of the record elements: `Event`, `AuditMessage`. */
  readonly elements: readonly string[];
  /** The whole element as text. */
  parse(text: string): Parsed;
}

/** Messages that a start marker separates: HL7v2 (`MSH|`), bare or in MLLP frames. */
export interface MessageSource extends SourceBase {
  readonly shape: 'message';
  recognise(head: Head): boolean;
  /** Byte offsets in `text` at which a message begins. */
  starts(text: string): number[];
  parse(text: string): Parsed;
}

/** A binary file format with a reader of its own. */
export interface BinarySource extends SourceBase {
  readonly shape: 'binary';
  recognise(head: Head): boolean;
  open(): BinaryReader;
}

export interface BinaryItem {
  /** Number of the record within the file, from 0. */
  record: number;
  /** Byte offset of the record within the file. */
  offset: number;
  /** Its raw form: for EVTX the rendered XML plus chunk and record number. */
  raw: Buffer;
  parsed: NativeRecord | Rejection;
}

export interface BinaryReader {
  /** Bytes in file order, any cut; returns what they complete. */
  push(bytes: Buffer): BinaryItem[];
  end(): BinaryItem[];
}
