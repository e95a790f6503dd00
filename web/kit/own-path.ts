import { parseSearch } from './filters.ts';

/**
 * A path that the server named, as a target for a link: always one of this console's own pages. Anything else (another
 * origin, a scheme) leads to the overview.
 */
export function ownPath(href: string): { to: string; search: Record<string, string> } {
  const home = { to: '/', search: {} };
  if (!href.startsWith('/') || href.startsWith('//') || href.includes('\\')) return home;
  const url = URL.canParse(href, location.origin) ? new URL(href, location.origin) : null;
  if (url === null || url.origin !== location.origin) return home;
  return { to: url.pathname, search: parseSearch(url.search) };
}
