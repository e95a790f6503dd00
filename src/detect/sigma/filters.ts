import { createHash } from 'node:crypto';
import type { FilterRule, Logsource, Rule } from './types.ts';

export interface Filtered {
  readonly rules: readonly Rule[];
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Applies filters (filters specification 2.1): what a filter describes no longer makes the rules that it names match.
 * A filter that names no loaded rule, or one of another log source, is reported.
 */
export function applyFilters(rules: readonly Rule[], filters: readonly FilterRule[]): Filtered {
  if (filters.length === 0) return { rules, failed: [] };
  const failed: { file: string; reason: string }[] = [];
  const byRule = new Map<Rule, FilterRule[]>();
  for (const filter of filters) {
    for (const rule of targetsOf(filter, rules, failed)) byRule.set(rule, [...(byRule.get(rule) ?? []), filter]);
  }
  return { rules: rules.map((rule) => withFilters(rule, byRule.get(rule) ?? [])), failed };
}

function targetsOf(filter: FilterRule, rules: readonly Rule[], failed: { file: string; reason: string }[]): Rule[] {
  if (filter.rules === null) return rules.filter((rule) => covers(filter.logsource, rule.logsource));
  return filter.rules.flatMap((reference) => {
    const named = rules.filter((rule) => rule.id === reference || rule.name === reference);
    const fitting = named.filter((rule) => covers(filter.logsource, rule.logsource));
    if (named.length === 0)
      failed.push({ file: filter.file, reason: `filter names "${reference}", which is no loaded rule` });
    else if (fitting.length === 0) {
      failed.push({ file: filter.file, reason: `filter names "${reference}", a rule of another log source` });
    }
    return fitting;
  });
}

function covers(filter: Logsource, rule: Logsource): boolean {
  return (
    (filter.product === undefined || filter.product === rule.product) &&
    (filter.category === undefined || filter.category === rule.category) &&
    (filter.service === undefined || filter.service === rule.service)
  );
}

function withFilters(rule: Rule, filters: readonly FilterRule[]): Rule {
  if (filters.length === 0) return rule;
  const kept = filters.map(
    (filter) => ({ kind: 'not', part: filter.suppress, name: `filter "${filter.title}"` }) as const,
  );
  const versions = [rule.version, ...filters.map((filter) => filter.version)].join();
  const version = createHash('sha256').update(versions).digest('hex').slice(0, 16);
  return { ...rule, version, detection: { kind: 'and', parts: [rule.detection, ...kept] } };
}
