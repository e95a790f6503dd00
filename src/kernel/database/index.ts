export { DatabaseError, type DatabaseErrorCode, type Migrations, openDatabase, openState } from './database.ts';
