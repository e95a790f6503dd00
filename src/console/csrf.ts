import { ConsoleError } from './errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a write that another site made a browser send: the header `x-wardkeep` cannot be set from elsewhere without
 * asking first, which is refused; the browser's own word on where it comes from is checked, too. A program's token is sent
 * by no browser of itself.
 * @throws {ConsoleError} `forbidden`
 */
export function refuseForeign(request: Request): void {
  if (SAFE.has(request.method) || request.headers.has('authorization')) return;
  const site = request.headers.get('sec-fetch-site');
  const isOwn = site === null || site === 'same-origin' || site === 'none';
  if (isOwn && request.headers.get('x-wardkeep') === '1' && originFits(request)) return;
  throw new ConsoleError('forbidden', 'this request did not come from the console', {
    advice: 'reload the page; programs send the header x-wardkeep: 1, or a token',
  });
}

function originFits(request: Request): boolean {
  const origin = request.headers.get('origin');
  const host = request.headers.get('host') ?? new URL(request.url).host;
  return origin === null || URL.parse(origin)?.host === host;
}
