import type { OcsfEvent } from './ocsf/types.ts';

/** The fields of a native record: the source's own names at top level, values as the source has them. */
export type NativeFields = Record<string, unknown>;

/**
 * One record as its source states it, before any normalisation. `family` says whose names the fields have
 * (`windows`, `zeek`, `sshd`, `cloudtrail`, …), whatever the envelope or file format was.
 */
export interface NativeRecord {
  readonly family: string;
  readonly fields: NativeFields;
}

/**
 * A kind of source: the one place that knows what its native fields mean. Rules see `fields`; the ledger keeps
 * the OCSF event; `unmap(map(record))` gives the fields back (numbers and their decimal strings count as equal),
 * so that a rule answers the same on a file and on a stored event.
 */
export interface Family {
  readonly name: string;
  /** For a person: `Zeek`, `Windows events`. */
  readonly title: string;
  /** The kind of record within the family, e.g. `conn`, `sysmon/1`, `security/4624`; names the mapping table. */
  kind(fields: NativeFields): string;
  /** When it happened by the source's own clock; null when the source does not say. Pure; cheap enough for each match. */
  time(fields: NativeFields, context: TimeContext): EventTime | null;
  /** Fills the draft: class, activity, status, severity, and the table's fields. */
  map(fields: NativeFields, draft: Draft, context: MapContext): void;
  /** The inverse view: OCSF event → native fields. */
  unmap(event: OcsfEvent): NativeFields;
}

/** What a time without zone or year needs. */
export interface TimeContext {
  receivedMs: number;
  /** IANA zone or offset for times that state none; undefined = UTC. Either way the time is labelled. */
  zone: string | undefined;
  /** Year for times that state none; undefined = nearest to `referenceMs`. */
  year: number | undefined;
  /** Modification time of the file, or the arrival when live. */
  referenceMs: number;
}

export type TimeLabel = 'time:zone-assumed' | 'time:year-assumed';

export interface EventTime {
  /** Milliseconds since the epoch. */
  ms: number;
  /** Verbatim, where `ms` does not say all of it. */
  original?: string;
  labels?: readonly TimeLabel[];
}

export interface MapContext extends TimeContext {
  /** Name of the format that read it. */
  format: string;
}

/**
 * An OCSF event in the making. `set` writes one attribute by its dotted path; what the class does not have, or what
 * does not survive the way there and back, goes to `unmapped` under its native name.
 */
export interface Draft {
  classUid: number;
  activityId: number;
  severityId: number;
  /** 0 Unknown, 1 Success, 2 Failure, 99 Other; undefined leaves the attribute out. */
  statusId: number | undefined;
  message: string | undefined;
  set(path: string, value: unknown): void;
  label(label: string): void;
  /** Names an OCSF profile whose attributes the event uses inside objects; those at the top are found by themselves. */
  profile(name: string): void;
}

/** What the beginning of a (decompressed) source looks like, for recognition. */
export interface Head {
  /** Name of the file or archive member, without folders. */
  name: string;
  /** The first bytes, at most 64 KiB. */
  bytes: Buffer;
  /** The same as text (BOM removed, UTF-16 decoded). */
  text: string;
  /** The first record as JSON, when the text begins with a whole JSON object or an array of them; else undefined. */
  json: unknown;
}

export type RejectCode =
  | 'not_utf8'
  | 'bad_json'
  | 'bad_xml'
  | 'bad_syslog'
  | 'bad_cef'
  | 'bad_leef'
  | 'bad_csv'
  | 'bad_hl7'
  | 'bad_evtx'
  | 'bad_record'
  | 'unknown_format'
  | 'too_long'
  | 'too_deep'
  | 'truncated';

/** A record that could not be understood; kept raw with its reason. */
export interface Rejection {
  readonly reject: RejectCode;
  /** A sentence for a person, without content of the record. */
  readonly reason: string;
}
