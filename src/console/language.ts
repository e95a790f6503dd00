import type { Language } from '#respond/incidents';

/** Longest header that is looked at, characters. */
const HEADER_CHARS_MAX = 256;

/** The language that a reader likes best of those we have, by `Accept-Language` (RFC 9110); English where it names none. */
export function languageOf({ headers }: Pick<Request, 'headers'>): Language {
  const wishes = (headers.get('accept-language') ?? '')
    .slice(0, HEADER_CHARS_MAX)
    .split(',')
    .flatMap((wish) => {
      const [, tag = '', weight = '1'] = /^\s*(en|es)\b[\w-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$/i.exec(wish) ?? [];
      return tag === '' || Number(weight) === 0 ? [] : [{ tag: tag.toLowerCase() as Language, weight: Number(weight) }];
    });
  return wishes.toSorted((a, b) => b.weight - a.weight)[0]?.tag ?? 'en';
}
