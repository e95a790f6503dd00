import type { ApiProblem } from '../../src/console/api.ts';
import { language } from '../text/index.ts';

const BASE = '/api/v1';

/** Longest wait for a reply, ms; hunts have a longer one of their own. */
const REPLY_MS_MAX = 30_000;

/** A reply other than 2xx, or none at all (`code` is `offline`). `message` and `advice` are sentences of the server. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly advice: string | null;
  /** Stands in the server's log, too; null when no reply came. */
  readonly id: string | null;

  constructor(problem: Omit<ApiProblem, 'id'> & { id: string | null; status: number }) {
    super(problem.message);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.advice = problem.advice;
    this.id = problem.id;
  }
}

/** Values of a query string; those that are null, undefined or empty are left out. */
export type Params = Readonly<Record<string, string | number | null | undefined>>;

export interface CallOptions {
  params?: Params;
  body?: unknown;
  signal?: AbortSignal;
  /** ms; `REPLY_MS_MAX` when not given. */
  timeoutMs?: number;
}

/**
 * One call of the console's interface; the JSON that it answers, or null without a body.
 * @throws {ApiError} for each reply other than 2xx, and for none.
 */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** As `call`, for replies that are text. */
export async function callText(path: string, options: CallOptions = {}): Promise<string> {
  return await (await send('GET', path, options)).text();
}

/** As `call`, for replies that are bytes. */
export async function callBytes(method: string, path: string, options: CallOptions = {}): Promise<ArrayBuffer> {
  return await (await send(method, path, options)).arrayBuffer();
}

export function get<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  return call<T>('GET', path, { ...(params && { params }), ...(signal && { signal }) });
}

/** Address of a file that the browser itself downloads. */
export function addressOf(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return BASE + path + (text === '' ? '' : `?${text}`);
}

async function send(method: string, path: string, options: CallOptions): Promise<Response> {
  const { params, body, signal, timeoutMs = REPLY_MS_MAX } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const isRaw = body instanceof Blob;
  const headers: Record<string, string> = {
    accept: 'application/json, */*',
    // Of the console, not of the browser: what the server tells is in the same language as all else.
    'accept-language': language(),
    'x-wardkeep': '1',
  };
  if (body !== undefined) headers['content-type'] = isRaw ? 'application/octet-stream' : 'application/json';
  let response: Response;
  try {
    response = await fetch(addressOf(path, params), {
      method,
      headers,
      credentials: 'same-origin',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new ApiError({ code: 'offline', message: '', advice: null, id: null, status: 0 });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<ApiError> {
  const fallback = { code: 'fault', message: `HTTP ${response.status}`, advice: null, id: null };
  const said = (await response.json().catch(() => fallback)) as Partial<ApiProblem> | null;
  return new ApiError({ ...fallback, ...said, status: response.status });
}
