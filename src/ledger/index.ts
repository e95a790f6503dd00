export { type AuditOptions, auditLedger } from './audit.ts';
export { type AuditFinding, AuditReport } from './audit-report.ts';
export { type CreateOptions, RECORD_DAYS, TELEMETRY_DAYS, createLedger } from './create.ts';
export { LedgerError, type LedgerErrorCode } from './errors.ts';
export { type ExportResult, exportTree } from './export.ts';
export type { Fault, FaultSite, Faults } from './faults.ts';
export { parseDay } from './holds.ts';
export { FORMAT_VERSION as LEDGER_FORMAT } from './layout.ts';
export { Ledger, type OpenOptions, openLedger } from './ledger.ts';
export { APPEND_BYTES_MAX, APPEND_ENTRIES_MAX, APPEND_MARKS_MAX, MARKS_MAX } from './limits.ts';
export type { Hold, Manifest, SigningGeneration } from './manifest.ts';
export { OWN_LOG_NAME } from './own-events.ts';
export type { Proof, ProveOptions } from './prove.ts';
export { Upkeep } from './upkeep.ts';
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
export { TlogError } from './tlog/errors.ts';
export { type VerifierKey, parseVkey } from './tlog/keys.ts';
export { OPENINGS_BYTES_MAX, looksLikeOpenings, openingsPath } from './tlog/openings.ts';
export { POLICY_BYTES_MAX, type Policy, parsePolicy, policyOfKeys } from './tlog/policy.ts';
export { PROOF_CHARS_MAX } from './tlog/proof.ts';
export { type ReceiptVerdict, verifyReceipt } from './tlog/verify-receipt.ts';
