export { LiveError, type LiveErrorCode } from './errors.ts';
export { type RouteOptions, intakeRoutes } from './http/routes.ts';
export { type IntakeOptions, openIntake } from './intake.ts';
export { INTAKE_MIGRATIONS, type IntakeTables } from './store.ts';
export type {
  AppendedBatch,
  AppendedEntry,
  Intake,
  LiveIntake,
  LiveSource,
  LiveSourceStatus,
  Sender,
  SourceKind,
  Submission,
  SubmissionResult,
  Tap,
  TapModule,
  TappedRecord,
} from './types.ts';
