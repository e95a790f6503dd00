import { type CompiledNode, compileCondition } from './condition.ts';
import { EventView } from './event-view.ts';
import { FieldIndex } from './field-index.ts';
import { compileLeaf } from './leaf.ts';
import { type Route, fieldOf } from './logsource/route.ts';
import { type MatchedFields, compileMatched } from './matched.ts';
import type { EngineCounters, Leaf, Match, Rule } from './types.ts';
import { type Fields, someText } from './values.ts';
import { witnessesOf } from './witness.ts';

/**
 * The rules of one route. An event's fields are looked up in the index of witnesses; the rules that have one are
 * candidates and are evaluated, with leaves shared between rules evaluated once an event. A rule is compiled when it
 * first becomes a candidate.
 */
export class RuleGroup {
  readonly #route: Route;
  readonly #rules: readonly Rule[];
  readonly #counters: EngineCounters;
  readonly #view = new EventView();
  readonly #slots = new Map<string, number>();
  readonly #leaves = new Map<string, CompiledNode>();
  readonly #conditions: (CompiledNode | undefined)[];
  readonly #matched = new Map<number, MatchedFields>();
  readonly #indexes: { slot: number; index: FieldIndex }[] = [];
  #keywords: FieldIndex | null = null;
  /** Rules without a witness. */
  readonly #always: number[] = [];
  readonly #candidateAt: Int32Array;
  readonly #candidates: Int32Array;
  #candidateCount = 0;

  constructor(route: Route, rules: readonly Rule[], counters: EngineCounters) {
    this.#route = route;
    this.#rules = rules;
    this.#counters = counters;
    this.#conditions = Array.from({ length: rules.length });
    this.#candidateAt = new Int32Array(rules.length);
    this.#candidates = new Int32Array(rules.length);
    this.#buildIndex();
  }

  match(fields: Fields): Match[] {
    const view = this.#view;
    view.open(fields);
    this.#collectCandidates(fields);
    this.#counters.candidates += this.#candidateCount;
    const hits: number[] = [];
    for (let i = 0; i < this.#candidateCount; i++) {
      const rule = this.#candidates[i] ?? 0;
      if (this.#condition(rule).holds(view)) hits.push(rule);
    }
    hits.sort((a, b) => a - b);
    const matches = hits.map((number) => this.#matchOf(number));
    view.close();
    return matches;
  }

  #matchOf(number: number): Match {
    const rule = this.#rules[number];
    if (rule === undefined) throw new RangeError(`no rule ${number}`);
    const matched: Record<string, unknown> = {};
    this.#matchedOf(number, rule)(this.#view, matched);
    return { rule, route: this.#route, matched };
  }

  #matchedOf(number: number, rule: Rule): MatchedFields {
    const known = this.#matched.get(number);
    if (known !== undefined) return known;
    const compiled = compileMatched(rule.detection, {
      compile: (leaf) => this.#leaf(rule, leaf),
      slot: (field) => this.#slot(rule, field),
      counter: this.#counters,
    });
    this.#matched.set(number, compiled);
    return compiled;
  }

  #collectCandidates(fields: Fields): void {
    this.#candidateCount = 0;
    this.#add(this.#always);
    for (const { slot, index } of this.#indexes) index.probe(this.#view.folded(slot), this.#add);
    const keywords = this.#keywords;
    if (keywords === null) return;
    someText(fields, (text) => {
      if (!keywords.isTooShort(text.length)) keywords.probeText(text.toLowerCase(), this.#add);
      return false;
    });
  }

  readonly #add = (rules: readonly number[]): void => {
    const epoch = this.#view.epoch;
    for (const rule of rules) {
      if (this.#candidateAt[rule] === epoch) continue;
      this.#candidateAt[rule] = epoch;
      this.#candidates[this.#candidateCount++] = rule;
    }
  };

  #buildIndex(): void {
    const byKey = new Map<string | number, FieldIndex>();
    this.#rules.forEach((rule, number) => {
      const witnesses = witnessesOf(rule.detection);
      if (witnesses === null) this.#always.push(number);
      for (const witness of witnesses?.any ?? []) {
        const key = witness.field === null ? 'keywords' : this.#slot(rule, witness.field);
        const index = byKey.get(key) ?? new FieldIndex();
        byKey.set(key, index);
        index.add(witness, number);
      }
    });
    for (const [key, index] of byKey) {
      index.seal();
      if (typeof key === 'number') this.#indexes.push({ slot: key, index });
      else this.#keywords = index;
    }
  }

  /** Rules that read a field the same way share its slot. */
  #slot(rule: Rule, field: string): number {
    const aliased = rule.logsource.category !== undefined && this.#route.categoryAliases.has(field);
    const key = aliased ? `category\n${field}` : field;
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#view.addSlot(fieldOf(this.#route, rule.logsource, field));
    this.#slots.set(key, slot);
    return slot;
  }

  #condition(number: number): CompiledNode {
    const known = this.#conditions[number];
    if (known !== undefined) return known;
    const rule = this.#rules[number];
    if (rule === undefined) throw new RangeError(`no rule ${number}`);
    const compiled = compileCondition(rule.detection, (leaf) => this.#leaf(rule, leaf));
    this.#conditions[number] = compiled;
    return compiled;
  }

  #leaf(rule: Rule, leaf: Leaf): CompiledNode {
    const slots = (field: string): number => this.#slot(rule, field);
    const key = JSON.stringify([leaf.field === null ? null : slots(leaf.field), leaf.tests]);
    const known = this.#leaves.get(key);
    if (known !== undefined) return known;
    const shared = oncePerEvent(compileLeaf(leaf, slots, this.#counters));
    this.#leaves.set(key, shared);
    return shared;
  }
}

/** Remembers a leaf's answer for the event at hand. */
function oncePerEvent(leaf: CompiledNode): CompiledNode {
  let at = 0;
  let answer = false;
  return {
    cost: leaf.cost,
    holds: (view) => {
      if (at !== view.epoch) {
        answer = leaf.holds(view);
        at = view.epoch;
      }
      return answer;
    },
  };
}
