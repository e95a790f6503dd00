import type { NativeFields } from '#ingest';
import { createEngine } from '../engine.ts';
import { fieldsForRule } from '../fields.ts';
import type { Engine, EngineCounters, Match, Rule } from '../types.ts';

/** That a rule matches one event. Plain data: it survives structured clone, so that another thread may find it. */
export interface BaseMatch {
  ruleId: string;
  /** Field → value that matched. */
  matched: Readonly<Record<string, unknown>>;
  /** The fields as the rule sees them, where a correlation wants to look at them. */
  fields?: Readonly<Record<string, unknown>>;
}

/** Finds what rules match by themselves, on the native names of a record and on its OCSF event. */
export class BaseMatcher {
  readonly #engine: Engine;
  readonly #wanted: ReadonlySet<string>;
  /** Whether rules are about OCSF events. */
  readonly #ocsf: boolean;

  /** `wanted`: ids of rules that a correlation refers to. */
  constructor(rules: readonly Rule[], wanted: ReadonlySet<string>) {
    this.#engine = createEngine({ rules });
    this.#wanted = wanted;
    this.#ocsf = rules.some(({ logsource }) => logsource.product === 'wardkeep');
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
      if (!into.some(({ ruleId }) => ruleId === match.rule.id)) into.push(this.#asData(match, family, fields));
  }

  #asData({ rule, matched }: Match, family: string, fields: Readonly<Record<string, unknown>>): BaseMatch {
    const data: BaseMatch = { ruleId: rule.id, matched };
    return this.#wanted.has(rule.id) ? { ...data, fields: fieldsForRule(rule, family, fields) } : data;
  }
}
