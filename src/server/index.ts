export { type DoctorOptions, diagnose } from './doctor/doctor.ts';
export type { Diagnosis } from './doctor/types.ts';
export { ServerError, type ServerErrorCode } from './errors.ts';
export { type ServerStatus, readStatus } from './status-file.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
