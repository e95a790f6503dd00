import { WardkeepError } from '#kernel';

export type IngestErrorCode =
  /** The path does not exist, is not readable, or is neither a file nor a folder. */
  | 'unreadable'
  /** An archive is broken or cut short; what came before was read. */
  | 'bad_archive'
  /** An archive expands beyond its limits. */
  | 'archive_bomb'
  /** An archive member is encrypted or uses a method that is not supported. */
  | 'unsupported_archive'
  /** `--format` names none of the formats. */
  | 'unknown_format'
  /** `--zone` or `--year` is not usable. */
  | 'bad_option';

export class IngestError extends WardkeepError<IngestErrorCode> {}
