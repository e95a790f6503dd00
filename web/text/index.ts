import { type Text, en } from './en.ts';

export const LANGUAGES = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED_AT = 'wardkeep.language';

/** The catalogue in use. It is set before the first page is drawn and changes only with a reload. */
export let t: Text = en;

let chosen: Language = 'en';

/** The language in use, as a BCP 47 tag. */
export function language(): Language {
  return chosen;
}

/** Loads the catalogue that was chosen in this browser, or else that of the browser's own language. */
export async function loadLanguage(): Promise<void> {
  const wanted = localStorage.getItem(STORED_AT) ?? navigator.language.slice(0, 2);
  chosen = isLanguage(wanted) ? wanted : 'en';
  if (chosen === 'es') t = (await import('./es.ts')).es;
  document.documentElement.lang = chosen;
}

export function chooseLanguage(next: Language): void {
  localStorage.setItem(STORED_AT, next);
  location.reload();
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}
