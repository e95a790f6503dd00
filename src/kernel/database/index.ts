export { DatabaseError, type DatabaseErrorCode, type Migrations, openDatabase, openState, scrub } from './database.ts';
export { type FormatSteps, formatSteps } from './steps.ts';
