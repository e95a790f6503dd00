import { WardkeepError } from '#kernel';

export type ServerErrorCode =
  | 'port_taken'
  | 'bad_certificate'
  | 'not_writable'
  /** Something stands in the way of an upgrade. */
  | 'not_upgradable'
  /** What was made anew or migrated does not hold what it must. */
  | 'not_whole';

export class ServerError extends WardkeepError<ServerErrorCode> {}
