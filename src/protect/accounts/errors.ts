import { WardkeepError } from '#kernel';

export type AccountsErrorCode = 'no_such_user' | 'name_taken' | 'weak_password' | 'last_administrator';

export class AccountsError extends WardkeepError<AccountsErrorCode> {}
