export { type DoctorOptions, diagnose } from './doctor/doctor.ts';
export type { Diagnosis } from './doctor/types.ts';
export { ServerError, type ServerErrorCode } from './errors.ts';
export { type ServerStatus, readStatus } from './status-file.ts';
export { type PartFormat, type UpgradeCheck, checkUpgrade } from './state/formats.ts';
export { type UpgradeSummary, upgradeData } from './state/upgrade.ts';
export { type RebuildSummary, rebuildState } from './state/rebuild.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
