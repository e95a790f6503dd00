export { type Accounts, type AccountsOptions, openAccounts } from './accounts.ts';
export { AccountsError, type AccountsErrorCode } from './errors.ts';
export { SESSION_AGE_MS, SETUP_LINK_MS } from './limits.ts';
export { type HashCost, OWASP_COST } from './password.ts';
export { rightsOf } from './rights.ts';
export { ACCOUNTS_MIGRATIONS, type AccountsTables } from './store.ts';
export { HOST_ACTOR } from './types.ts';
export type {
  Account,
  Actor,
  ApiToken,
  Right,
  Role,
  SignInRequest,
  SignInResult,
  SignedIn,
  TokenScope,
} from './types.ts';
