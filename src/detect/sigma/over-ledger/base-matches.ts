import type { NativeFields } from '#ingest';
import { createEngine } from '../engine.ts';
import { type FieldsRead, MatchFields } from '../fields.ts';
import { looksAtOcsf } from '../logsource/ocsf-classes.ts';
import type { Engine, EngineCounters, Match, Rule } from '../types.ts';

/** That a rule matches one event. Plain data: it survives structured clone, so that another thread may find it. */
export interface BaseMatch {
  ruleId: string;
  /** Field → value that matched. */
  matched: Readonly<Record<string, unknown>>;
  /** The fields that correlations read, as the rule sees them; left out where none looks at the rule. */
  fields?: Readonly<Record<string, unknown>>;
}

/** Finds what rules match by themselves, on the native names of a record and on its OCSF event. */
export class BaseMatcher {
  readonly #engine: Engine;
  readonly #fields: MatchFields;
  /** Whether rules are about OCSF events. */
  readonly #ocsf: boolean;

  constructor(rules: readonly Rule[], read: FieldsRead) {
    this.#engine = createEngine({ rules });
    this.#fields = new MatchFields(read);
    this.#ocsf = rules.some(({ logsource }) => looksAtOcsf(logsource));
  }

  get counters(): Readonly<EngineCounters> {
    return this.#engine.counters;
  }

  /** `fields`: the native names; null where the event's format has none of its own. Each rule matches at most once. */
  match(family: string, fields: NativeFields | null, event: Readonly<Record<string, unknown>>): BaseMatch[] {
    const found: BaseMatch[] = [];
    if (fields !== null && family !== 'ocsf') this.#look(family, fields, found);
    if (this.#ocsf || family === 'ocsf') this.#look('ocsf', event, found);
    return found;
  }

  #look(family: string, fields: Readonly<Record<string, unknown>>, into: BaseMatch[]): void {
    for (const match of this.#engine.match(family, fields))
      if (!into.some(({ ruleId }) => ruleId === match.rule.id)) into.push(this.#asData(match, fields));
  }

  #asData(match: Match, fields: Readonly<Record<string, unknown>>): BaseMatch {
    const data: BaseMatch = { ruleId: match.rule.id, matched: match.matched };
    const read = this.#fields.of(match, fields);
    return read === null ? data : { ...data, fields: read };
  }
}
