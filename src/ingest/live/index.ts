export type {
  AppendedBatch,
  AppendedEntry,
  Intake,
  LiveSource,
  LiveSourceStatus,
  SourceKind,
  Submission,
  SubmissionResult,
  Tap,
  TapModule,
  TappedRecord,
} from './types.ts';
