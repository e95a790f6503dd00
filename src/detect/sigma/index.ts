export { createCorrelator } from './correlation/correlator.ts';
export { createEngine } from './engine.ts';
export { SigmaError, type SigmaErrorCode } from './errors.ts';
export { type Explanation, type RuleExplanation, explanationLines } from './explain.ts';
export { type FieldsRead, MatchFields } from './fields.ts';
export { type ImportSummary, countImported, importRules } from './import-rules.ts';
export { assembleRules, loadRules } from './load.ts';
export type { CorrelationFinding } from './correlation/types.ts';
export { type DetectOptions, type DetectSummary, detect } from './over-ledger/detect.ts';
export type { LedgerFinding } from './over-ledger/finding-event.ts';
export { DETECT_MIGRATIONS, type DetectTables } from './over-ledger/store.ts';
export { looksAtOcsf } from './logsource/ocsf-classes.ts';
export { readPlaceholders } from './placeholders.ts';
export { importedRulesDir, shippedRulesDir } from './rule-dirs.ts';
export { readRuleFiles, type RuleFile } from './rule-files.ts';
export { LEVELS } from './types.ts';
export type {
  CorrelationRule,
  Engine,
  EngineCounters,
  FilterRule,
  Level,
  LoadOptions,
  LoadReport,
  Logsource,
  Match,
  Rule,
  RuleHead,
  RuleSet,
} from './types.ts';
export { type BaseMatch, BaseMatcher } from './over-ledger/base-matches.ts';
export { FINDING_FORMAT, DETECTION_FINDING, findingEvent, findingUid } from './over-ledger/finding-event.ts';
export { FindingMaker } from './over-ledger/finding-maker.ts';
export { matchedEvent, matchesOf } from './over-ledger/detect.ts';
export { type DerivedStore, type Erasure, correlationsOf, eraseEntries } from './over-ledger/erase.ts';
export { CursorStore } from './over-ledger/store.ts';
export { type EventExplanation, explainStored, explainViews } from './over-ledger/stored-event.ts';
export { type RuleSetting, tuneRules } from './tune-rules.ts';
