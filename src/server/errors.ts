import { WardkeepError } from '#kernel';

export type ServerErrorCode = 'port_taken' | 'bad_certificate' | 'not_writable';

export class ServerError extends WardkeepError<ServerErrorCode> {}
