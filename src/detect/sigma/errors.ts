import { WardkeepError } from '#kernel';

export type SigmaErrorCode =
  /** A rule source does not exist or cannot be read. */
  | 'unreadable_rules'
  /** A placeholder file is not a map of name to list of values. */
  | 'bad_placeholders'
  /** Rules cannot be written to the data directory. */
  | 'import_failed';

export class SigmaError extends WardkeepError<SigmaErrorCode> {}

/** Why one rule document cannot be loaded. Never leaves the loader: it becomes a line of the report. */
export class RuleFault extends Error {}
