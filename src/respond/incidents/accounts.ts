import { storyOf, timelineOf } from './account.ts';
import { actionsFor } from './actions.ts';
import type { Finding, Incident } from './types.ts';
import { type Language, wordsIn } from './words/words.ts';

/** What is told of the findings of an incident. */
export type Account = Pick<Incident, 'story' | 'actions' | 'timeline'>;

/** Accounts kept in memory; the timeline of a large one takes some MB. */
const KEPT_MAX = 8;

/** Accounts as they were made last: an incident at which several people look is told once for each of its revisions and languages. */
export class Accounts {
  readonly #kept = new Map<string, { key: string; account: Account }>();

  async of(
    { id, revision, zone, language }: { id: string; revision: number; zone: string; language: Language },
    findingsOf: () => Promise<Finding[]>,
  ): Promise<Account> {
    const key = `${revision} ${zone}`;
    const place = `${id} ${language}`;
    const known = this.#kept.get(place);
    if (known?.key === key) return known.account;
    const findings = await findingsOf();
    const words = wordsIn(language);
    const account = {
      story: storyOf(findings, zone, words),
      actions: actionsFor(findings, words),
      timeline: timelineOf(findings, words),
    };
    this.#kept.delete(place);
    this.#kept.set(place, { key, account });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return account;
  }

  clear(): void {
    this.#kept.clear();
  }
}
