import { entryOf } from '#kernel';
import { FIELDS_MAX, ORDERED_RULES_MAX, RULES_MAX, TIMESPAN_MS_MAX } from './limits.ts';
import type { ConditionOperator, CorrelationCondition, CorrelationSection, CorrelationType } from './types.ts';

type Fields = Readonly<Record<string, unknown>>;
type Checked<T> = { readonly value: T } | { readonly reason: string };

const TYPES: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
];
const OPERATORS: readonly ConditionOperator[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];
const SECTION_KEYS = new Set(['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']);
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Checks a `correlation:` section as YAML gives it (Sigma correlation rules specification 2.1).
 * `generate` stands beside the section in the specification's text and inside it in many files: `outer` is the
 * document's own. Returns the section, or the reason why it cannot be used.
 */
export function parseCorrelation(raw: unknown, outer?: { generate?: unknown }): Checked<CorrelationSection> {
  if (!isMap(raw)) return { reason: 'correlation is not a map' };
  const unknown = Object.keys(raw).find((key) => !SECTION_KEYS.has(key));
  if (unknown !== undefined) return { reason: `correlation has an unknown attribute "${unknown}"` };
  const type = TYPES.find((known) => known === raw['type']);
  if (type === undefined) return { reason: `correlation type ${quote(raw['type'])} is unknown` };

  const rules = names(raw['rules'], 'rules', type === 'temporal_ordered' ? ORDERED_RULES_MAX : RULES_MAX);
  if ('reason' in rules) return rules;
  if (rules.value.length === 0) return { reason: 'correlation names no rules' };
  const groupBy = names(raw['group-by'] ?? [], 'group-by', FIELDS_MAX);
  if ('reason' in groupBy) return groupBy;
  const timespan = parseTimespan(raw['timespan']);
  if ('reason' in timespan) return timespan;
  const condition = parseCondition(type, raw['condition'], rules.value.length);
  if ('reason' in condition) return condition;
  const aliases = parseAliases(raw['aliases'] ?? {});
  if ('reason' in aliases) return aliases;
  const generate = raw['generate'] ?? outer?.generate ?? false;
  if (typeof generate !== 'boolean') return { reason: 'generate is neither true nor false' };

  return {
    value: {
      type,
      rules: rules.value,
      groupBy: groupBy.value,
      timespanMs: timespan.value,
      condition: condition.value,
      aliases: aliases.value,
      generate,
    },
  };
}

/** `30s`, `5m`, `1h`, `7d`, `2w` in milliseconds. Months and years have no fixed length and are refused. */
function parseTimespan(raw: unknown): Checked<number> {
  if (raw === undefined) return { reason: 'correlation has no timespan' };
  const parts = typeof raw === 'string' ? /^(\d{1,9})([smhdw])$/.exec(raw) : null;
  const unitMs = entryOf(UNIT_MS, parts?.[2]);
  if (parts === null || unitMs === undefined) {
    return { reason: `timespan ${quote(raw)} is not a number followed by s, m, h, d or w` };
  }
  const ms = Number(parts[1]) * unitMs;
  if (ms <= 0 || ms > TIMESPAN_MS_MAX) return { reason: `timespan ${quote(raw)} is not between 1s and 366d` };
  return { value: ms };
}

function parseCondition(type: CorrelationType, raw: unknown, ruleCount: number): Checked<CorrelationCondition> {
  const temporal = type === 'temporal' || type === 'temporal_ordered';
  if (raw === undefined && temporal) {
    return { value: { comparisons: [{ operator: 'gte', threshold: ruleCount }], fields: [], percentile: null } };
  }
  if (!isMap(raw)) return { reason: `a ${type} correlation needs a condition` };
  const allowed = new Set<string>([...OPERATORS, 'field', ...(type === 'value_percentile' ? ['percentile'] : [])]);
  const unknown = Object.keys(raw).find((key) => !allowed.has(key));
  if (unknown !== undefined) return { reason: `condition has an unknown key "${unknown}"` };

  const comparisons = [];
  for (const operator of OPERATORS) {
    if (raw[operator] === undefined) continue;
    const threshold = raw[operator];
    if (typeof threshold !== 'number' || !Number.isFinite(threshold)) {
      return { reason: `condition "${operator}" is not a number` };
    }
    comparisons.push({ operator, threshold });
  }
  if (comparisons.length === 0) return { reason: 'condition compares with nothing (gt, gte, lt, lte, eq or neq)' };
  if (comparisons.length > 2) return { reason: 'condition has more than two comparisons' };

  const fields = parseMetricFields(type, raw['field']);
  if ('reason' in fields) return fields;
  const percentile: Checked<number | null> =
    type === 'value_percentile' ? parsePercentile(raw['percentile'], comparisons) : { value: null };
  if ('reason' in percentile) return percentile;
  return { value: { comparisons, fields: fields.value, percentile: percentile.value } };
}

function parseMetricFields(type: CorrelationType, raw: unknown): Checked<readonly string[]> {
  if (!type.startsWith('value_')) {
    return raw === undefined ? { value: [] } : { reason: `a ${type} correlation takes no condition field` };
  }
  if (raw === undefined) return { reason: `a ${type} correlation needs a field in its condition` };
  const fields = names(typeof raw === 'string' ? [raw] : raw, 'condition field', FIELDS_MAX);
  if ('reason' in fields) return fields;
  if (fields.value.length === 0) return { reason: `a ${type} correlation needs a field in its condition` };
  if (fields.value.length > 1 && type !== 'value_count') return { reason: `a ${type} correlation takes one field` };
  return fields;
}

function parsePercentile(
  raw: unknown,
  comparisons: readonly { operator: ConditionOperator; threshold: number }[],
): Checked<number | null> {
  if (raw === undefined) {
    const beyond = comparisons.some(({ operator, threshold }) => operator.startsWith('g') && threshold > 100);
    return beyond ? { reason: 'a share cannot exceed 100 percent; to compare a percentile, name it' } : { value: null };
  }
  if (typeof raw !== 'number' || !(raw >= 0 && raw <= 100)) return { reason: 'percentile is not between 0 and 100' };
  return { value: raw };
}

function parseAliases(raw: unknown): Checked<CorrelationSection['aliases']> {
  if (!isMap(raw)) return { reason: 'aliases is not a map' };
  const aliases: [string, Record<string, string>][] = [];
  for (const [alias, byRule] of Object.entries(raw)) {
    if (!isMap(byRule)) return { reason: `alias "${alias}" is not a map of rule to field` };
    const fields: [string, string][] = [];
    for (const [rule, field] of Object.entries(byRule)) {
      if (typeof field !== 'string') return { reason: `alias "${alias}" names no field for rule "${rule}"` };
      fields.push([rule, field]);
    }
    aliases.push([alias, Object.fromEntries(fields)]);
  }
  return { value: Object.fromEntries(aliases) };
}

function names(raw: unknown, what: string, max: number): Checked<readonly string[]> {
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  const strings = list.filter((name): name is string => typeof name === 'string' && name !== '');
  if (strings.length !== list.length) return { reason: `${what} is not a list of names` };
  if (strings.length > max) return { reason: `${what} lists more than ${max} names` };
  if (new Set(strings).size !== strings.length) return { reason: `${what} names something twice` };
  return { value: strings };
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  if (value === undefined) return 'that is missing';
  return `"${(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 80)}"`;
}
