import { WardkeepError } from '#kernel';

export type IncidentsErrorCode =
  /** There is no incident (or suppression) of this id. */
  | 'no_such_incident'
  /** The change makes no sense: its message says why. */
  | 'bad_change';

export class IncidentsError extends WardkeepError<IncidentsErrorCode> {}
