import type { Correlation } from './correlation/types.ts';
import type { Route } from './logsource/route.ts';

export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';

/** Lowest first. */
export const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];

/** The three attributes that route; all that are named must hold. Lower case. */
export interface Logsource {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}

/** What rules, correlations and filters have in common. */
export interface RuleHead {
  /** The document's id; `file:<hash>` where it states none. */
  readonly id: string;
  readonly name?: string;
  readonly title: string;
  readonly description?: string;
  readonly status?: string;
  readonly author?: string;
  readonly license?: string;
  readonly date?: string;
  readonly modified?: string;
  readonly references: readonly string[];
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  readonly level: Level;
  /** Fields that the author wants shown with a match. */
  readonly fields: readonly string[];
  /** Where it came from, as given to `loadRules`: path, or archive path and member. */
  readonly file: string;
  /** First 16 hex digits of the SHA-256 over its document: changes with every change of the rule or of its filters. */
  readonly version: string;
}

/** A detection rule. Plain data: it survives structured clone, so that threads compile it themselves. */
export interface Rule extends RuleHead {
  readonly logsource: Logsource;
  readonly detection: Node;
  /** Placeholders without a value; what hangs on them never makes the rule match. */
  readonly unresolved: readonly string[];
}

/** A correlation, its section checked; run by `createCorrelator`. */
export interface CorrelationRule extends RuleHead, Correlation<RuleHead> {
  readonly rule: RuleHead;
}

/** A filter, already applied to the rules that it names. */
export interface FilterRule extends RuleHead {
  readonly logsource: Logsource;
  /** Ids or names of rules; null = every rule of its log source. */
  readonly rules: readonly string[] | null;
  /** True for the events that are to be suppressed. */
  readonly suppress: Node;
}

export interface LoadReport {
  /** Documents that can run: rules, correlations and filters. */
  readonly loaded: number;
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
  readonly unresolved: readonly { readonly file: string; readonly placeholder: string }[];
  /** Files of the rules and correlations that were loaded and then left out by `level`, one for each. */
  readonly belowLevel: readonly string[];
  /** How many documents `exclude` left out. */
  readonly excluded: number;
}

export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly correlations: readonly CorrelationRule[];
  readonly filters: readonly FilterRule[];
  readonly report: LoadReport;
  /** Ids of rules that give no finding by themselves, where that was decided over more rules than these. */
  readonly muted?: ReadonlySet<string>;
}

/** A condition over one event. `name` is the search identifier it stands for, kept for `explain`. */
export type Node = (
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'and'; readonly parts: readonly Node[] }
  | { readonly kind: 'or'; readonly parts: readonly Node[] }
  /** At least `least` of the parts. */
  | { readonly kind: 'some'; readonly least: number; readonly parts: readonly Node[] }
  | { readonly kind: 'not'; readonly part: Node }
) & { readonly name?: string };

/** One field against one or more tests, any of which suffices. */
export interface Leaf {
  /** Null = keyword: any value of the event. */
  readonly field: string | null;
  /** The field with its modifiers as the rule has it, for `explain`. */
  readonly label: string;
  readonly tests: readonly Test[];
}

export type TextForm = 'exact' | 'prefix' | 'suffix' | 'contains';
export type Comparison = 'eq' | 'gt' | 'gte' | 'lt' | 'lte';
export type TimeUnit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
/** A wildcard pattern: literal runs, `0` for `*` and `1` for `?`. */
export type WildToken = string | 0 | 1;

/** Literals of tests that are not `cased` are lower case; those with `dashes` hold `-` for each of the five dashes. */
export type Test =
  | ({ readonly kind: 'text'; readonly form: TextForm; readonly literal: string } & Folding)
  | ({ readonly kind: 'wild'; readonly tokens: readonly WildToken[] } & Folding)
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  | { readonly kind: 'cidr'; readonly network: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'exists'; readonly present: boolean }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly operand: number }
  | { readonly kind: 'time'; readonly unit: TimeUnit; readonly operator: Comparison; readonly operand: number }
  | { readonly kind: 'fieldref'; readonly field: string; readonly form: TextForm; readonly cased: boolean }
  | { readonly kind: 'unresolved'; readonly placeholder: string };

export interface Folding {
  readonly cased: boolean;
  readonly dashes: boolean;
}

export interface Match {
  readonly rule: Rule;
  /** What kind of record it was found in. */
  readonly route: Route;
  /** Field → value that matched; for keywords the field in which the word was found. */
  readonly matched: Readonly<Record<string, unknown>>;
}

export interface EngineCounters {
  /** Texts longer than REGEX_INPUT_MAX that a regular expression saw only the beginning of. */
  regexInputsCut: number;
  /** Events handed to `match`. */
  events: number;
  /** Rules evaluated, over all events. */
  candidates: number;
}

export interface Engine {
  readonly counters: Readonly<EngineCounters>;
  /** The rules that match one native record, in the order of the rule set. Never throws on input. */
  match(family: string, fields: Readonly<Record<string, unknown>>): Match[];
}

export interface LoadOptions {
  /** Ids, names or file paths' ends of rules to leave out. */
  readonly exclude?: readonly string[];
  /** Placeholder name (without `%`) → values, for `expand`. */
  readonly placeholders?: Readonly<Record<string, readonly string[]>>;
  /** Rules below it are left out. */
  readonly level?: Level;
}
