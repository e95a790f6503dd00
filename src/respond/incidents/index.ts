export { IncidentsError, type IncidentsErrorCode } from './errors.ts';
