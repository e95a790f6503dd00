import { WardkeepError } from '#kernel';

export type IncidentsErrorCode = 'no_such_incident' | 'bad_change';

export class IncidentsError extends WardkeepError<IncidentsErrorCode> {}
