export { DatabaseError, type DatabaseErrorCode, type Migrations, openDatabase, openState, scrub } from './database.ts';
