import { WardkeepError } from '#kernel';

export type AccountsErrorCode =
  | 'no_such_user'
  | 'no_such_token'
  | 'name_taken'
  /** Empty, too long, or with characters that a name cannot have. */
  | 'bad_name'
  | 'weak_password'
  /** The current password or code, asked again before a change, is not right. */
  | 'wrong_secret'
  /** Nobody could administer any more. */
  | 'last_administrator'
  /** The set-up link is unknown, used or past its time, or set-up was done. */
  | 'link_over'
  /** There are as many users, tokens or scopes as there may be. */
  | 'too_many'
  /** More passwords are being checked than the machine can. */
  | 'busy';

export class AccountsError extends WardkeepError<AccountsErrorCode> {}
