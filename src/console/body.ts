import { messageOf } from '#kernel';
import { ConsoleError } from './errors.ts';
import { BODY_TIME_MS_MAX } from './limits.ts';

/**
 * The body of a request, at most so many bytes and not longer than `BODY_TIME_MS_MAX`.
 * @throws {ConsoleError} `too_large`, `invalid`
 */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  const stated = Number(request.headers.get('content-length') ?? 0);
  if (stated > bytesMax) throw tooLarge(bytesMax);
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  const timer = setTimeout(() => void reader.cancel('too slow').catch(() => undefined), BODY_TIME_MS_MAX);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > bytesMax) {
        await reader.cancel('too large').catch(() => undefined);
        throw tooLarge(bytesMax);
      }
      chunks.push(next.value);
    }
  } catch (error) {
    if (error instanceof ConsoleError) throw error;
    throw new ConsoleError('invalid', `the body could not be read (${messageOf(error)})`);
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks, size);
}

/**
 * The body as JSON.
 * @throws {ConsoleError} `too_large`, `invalid`
 */
export async function readJson(request: Request, bytesMax: number): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  // A form of another site cannot say this without asking first (CORS), which is refused.
  if (!/^application\/json(?:$|;)/i.test(type.trim()))
    throw new ConsoleError('invalid', 'the body must be JSON', { advice: 'send content-type: application/json' });
  const bytes = await readBody(request, bytesMax);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ConsoleError('invalid', 'the body is not JSON in UTF-8');
  }
}

function tooLarge(bytesMax: number): ConsoleError {
  return new ConsoleError('too_large', `the body is larger than ${bytesMax} bytes`);
}
