export { AccountsError, type AccountsErrorCode } from './errors.ts';
