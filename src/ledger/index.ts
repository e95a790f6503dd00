export { type CreateOptions, RECORD_DAYS, TELEMETRY_DAYS, createLedger } from './create.ts';
export { LedgerError, type LedgerErrorCode } from './errors.ts';
export type { Fault, FaultSite, Faults } from './faults.ts';
export { Ledger, type OpenOptions, openLedger } from './ledger.ts';
export { APPEND_BYTES_MAX, APPEND_ENTRIES_MAX, APPEND_MARKS_MAX, MARKS_MAX } from './limits.ts';
export {
  type AppendOptions,
  type AppendResult,
  type BodyState,
  type EntryInput,
  PARTS,
  type Part,
  type ReadOptions,
  type RetentionClass,
  type SourceMark,
  type StoredEntry,
} from './types.ts';
