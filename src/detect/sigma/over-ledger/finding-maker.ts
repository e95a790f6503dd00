import { type Correlator, createCorrelator } from '../correlation/correlator.ts';
import { forgetEvents } from '../correlation/forget.ts';
import type { FieldsRead } from '../fields.ts';
import type { CorrelationRule, RuleHead, RuleSet } from '../types.ts';
import type { BaseMatch } from './base-matches.ts';
import type { LedgerFinding } from './finding-event.ts';

/** What a finding needs to know of the event that a rule matched. */
export interface MatchedEvent {
  /** Index in the ledger. */
  index: number;
  /** Event time, ms. */
  timeMs: number;
  /** False where that time is assumed or the arrival. */
  orderable: boolean;
  sourceId: string;
}

/** Makes findings out of base matches, fed in the order of the ledger: those of rules by themselves and of correlations. */
export class FindingMaker {
  readonly #correlator: Correlator<CorrelationRule['rule']>;
  readonly #rules: ReadonlyMap<string, RuleHead>;

  readonly #silent: ReadonlySet<string>;

  constructor({ rules, correlations, muted }: Pick<RuleSet, 'rules' | 'correlations' | 'muted'>) {
    this.#correlator = createCorrelator(correlations, rules);
    this.#silent = muted ?? this.#correlator.silent;
    this.#rules = new Map(rules.map((rule) => [rule.id, rule]));
  }

  /** What correlations read in the matches of rules. */
  get fieldsRead(): FieldsRead {
    return this.#correlator.fieldsRead;
  }

  save(): Uint8Array {
    return this.#correlator.save();
  }

  /** @throws {CorrelationStateError} */
  restore(state: Uint8Array): void {
    this.#correlator.restore(state);
  }

  /** Lets open correlations forget these entries; says how many of their events went. */
  forget(indexes: readonly number[]): number {
    const saved = this.#correlator.save();
    const { state, dropped } = forgetEvents(saved, new Set(indexes));
    if (state !== saved) this.#correlator.restore(state);
    return dropped;
  }

  /** Matches of rules that are gone meanwhile give nothing. */
  feed({ index, timeMs, orderable, sourceId }: MatchedEvent, matches: readonly BaseMatch[]): LedgerFinding[] {
    const findings: LedgerFinding[] = [];
    for (const { ruleId, matched, fields } of matches) {
      const rule = this.#rules.get(ruleId);
      if (rule === undefined) continue;
      if (!this.#silent.has(ruleId)) findings.push(eventFinding(rule, matched, index, timeMs));
      if (fields === undefined || !this.#correlator.fieldsRead.has(ruleId)) continue;
      const found = this.#correlator.feed({ ruleId, timeMs, orderable, sourceId, fields, ref: index });
      for (const { rule, events, eventsTotal, firstMs, lastMs, value, group } of found) {
        if (this.#silent.has(rule.id)) continue;
        findings.push({
          rule,
          kind: 'correlation',
          indexes: events.map(Number),
          total: eventsTotal,
          timeMs: lastMs,
          firstMs,
          match: { value },
          group,
        });
      }
    }
    return findings;
  }
}

function eventFinding(
  rule: RuleHead,
  match: Readonly<Record<string, unknown>>,
  index: number,
  timeMs: number,
): LedgerFinding {
  return { rule, kind: 'event', indexes: [index], total: 1, timeMs, firstMs: timeMs, match, group: null };
}
