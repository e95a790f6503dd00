export { isPattern, scanPath } from './files/scan.ts';
export type { WatchedPath, WatchedState } from './files/types.ts';
export { LiveError, type LiveErrorCode } from './errors.ts';
export { type RouteOptions, intakeRoutes } from './http/routes.ts';
export { type IntakeOptions, openIntake } from './intake.ts';
export { listenMllp } from './listeners/mllp.ts';
export type { ListenOptions, Listener } from './listeners/stream-listener.ts';
export { listenSyslogTcp, listenSyslogTls } from './listeners/syslog.ts';
export { listenSyslogUdp } from './listeners/udp.ts';
export { type Endpoint, type Snippet, snippetsFor } from './snippets.ts';
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
