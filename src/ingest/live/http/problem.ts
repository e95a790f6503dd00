/** Why a request is refused, before it is put into the words of its protocol. */
export class HttpProblem extends Error {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 422 | 500 | 503;
  /** Of the protocol; HEC has numbers of its own. */
  readonly code: number | null;

  constructor(status: HttpProblem['status'], message: string, code: number | null = null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
