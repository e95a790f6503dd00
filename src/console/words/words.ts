import type { Language } from '#respond/incidents';
import { en } from './en.ts';
import { es } from './es.ts';

/** What the console itself says on the overview, in one language. */
export interface ConsoleWords {
  /** The answer to "is my hospital safe now?". */
  sentences: {
    grave: (incidents: number) => string;
    trouble: (text: string) => string;
    unwatched: string;
    look: (incidents: number) => string;
    quiet: (systems: number) => string;
    safe: string;
  };
  tasks: {
    incident: (number: string, title: string) => string;
    quietSystems: (systems: number) => string;
    nothingComes: string;
    firstSystem: string;
    noSecondFactor: (administrators: number) => string;
    notifications: string;
  };
  /** What other modules say of themselves, in English, in this language; the first that fits. */
  phrases: readonly (readonly [said: string | RegExp, told: (...parts: string[]) => string])[];
}

const CATALOGUES: Readonly<Record<Language, ConsoleWords>> = { en, es };

export function consoleWordsIn(language: Language): ConsoleWords {
  return CATALOGUES[language];
}

/** Sentences of another module (parted by `; `) in a language; each as it stands where the catalogue does not know it. */
export function phraseIn(text: string, words: ConsoleWords): string {
  const whole = knownPhraseIn(text, words);
  return (
    whole ??
    text
      .split('; ')
      .map((part) => knownPhraseIn(part, words) ?? part)
      .join('; ')
  );
}

/** Null where the catalogue does not know it. */
function knownPhraseIn(text: string, words: ConsoleWords): string | null {
  const { phrases } = words;
  for (const [said, told] of phrases) {
    const parts = typeof said === 'string' ? (said === text ? [text] : null) : said.exec(text);
    // A group that took no part has no text.
    // A part may be such a sentence itself.
    if (parts !== null)
      return told(...parts.slice(1).map((part: string | undefined) => knownPhraseIn(part ?? '', words) ?? part ?? ''));
  }
  return null;
}
