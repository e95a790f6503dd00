import { entryOf } from '#kernel';
import { createHash } from 'node:crypto';
import { parseCorrelation } from './correlation/section.ts';
import { RuleFault } from './errors.ts';
import { type Detection, parseDetection } from './parse-detection.ts';
import type { Placeholders } from './placeholders.ts';
import {
  type CorrelationRule,
  type FilterRule,
  LEVELS,
  type Level,
  type Logsource,
  type Rule,
  type RuleHead,
} from './types.ts';
import { isMap } from './yaml.ts';

type Document = Readonly<Record<string, unknown>>;

export type Parsed =
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'correlation'; readonly rule: CorrelationRule }
  | { readonly kind: 'filter'; readonly rule: FilterRule; readonly unresolved: readonly string[] };

export interface ParseOptions {
  readonly file: string;
  readonly placeholders: Placeholders;
}

const LEVEL_ALIASES: Readonly<Record<string, Level>> = { info: 'informational', informative: 'informational' };

/**
 * Parses one document of a rule file (Sigma 2.1): a rule, a correlation or a filter.
 * @throws {RuleFault} with the reason why it cannot be loaded.
 */
export function parseRule(document: unknown, options: ParseOptions): Parsed {
  if (!isMap(document)) throw new RuleFault('document is not a map');
  if (document['action'] !== undefined) throw new RuleFault('"action" documents belong to Sigma 1');
  const kinds = ['detection', 'correlation', 'filter'].filter((key) => document[key] !== undefined);
  if (kinds.length === 0) throw new RuleFault('document has no detection, correlation or filter');
  if (kinds.length > 1) throw new RuleFault(`document has both ${kinds.join(' and ')}`);
  const head = parseHead(document, options.file);
  if (kinds[0] === 'correlation') return { kind: 'correlation', rule: correlationOf(document, head) };
  const logsource = parseLogsource(document['logsource']);
  if (kinds[0] === 'filter') return filterOf(document, head, logsource, options.placeholders);
  const detection = parseDetection(document['detection'], options.placeholders);
  const rule: Rule = { ...head, logsource, detection: detection.node, unresolved: detection.unresolved };
  return { kind: 'rule', rule };
}

function parseHead(document: Document, file: string): RuleHead {
  const title = textOf(document, 'title');
  if (title === undefined) throw new RuleFault('document has no title');
  const version = createHash('sha256').update(JSON.stringify(document)).digest('hex').slice(0, 16);
  return {
    id: textOf(document, 'id') ?? `file:${version}`,
    title,
    ...optional('name', textOf(document, 'name')),
    ...optional('description', textOf(document, 'description')),
    ...optional('status', textOf(document, 'status')),
    ...optional('author', textOf(document, 'author')),
    ...optional('license', textOf(document, 'license')),
    ...optional('date', textOf(document, 'date')),
    ...optional('modified', textOf(document, 'modified')),
    references: textsOf(document, 'references'),
    tags: textsOf(document, 'tags'),
    falsepositives: textsOf(document, 'falsepositives'),
    fields: textsOf(document, 'fields'),
    level: parseLevel(document['level']),
    file,
    version,
  };
}

function parseLevel(raw: unknown): Level {
  if (raw === undefined || raw === null) return 'informational';
  const word = typeof raw === 'string' ? raw.toLowerCase() : '';
  const level = LEVELS.find((known) => known === word) ?? entryOf(LEVEL_ALIASES, word);
  if (level === undefined) throw new RuleFault('level is none of informational, low, medium, high, critical');
  return level;
}

function parseLogsource(raw: unknown): Logsource {
  if (!isMap(raw)) throw new RuleFault('document has no logsource');
  const logsource = {
    ...optional('product', textOf(raw, 'product')?.toLowerCase()),
    ...optional('category', textOf(raw, 'category')?.toLowerCase()),
    ...optional('service', textOf(raw, 'service')?.toLowerCase()),
  };
  if (Object.keys(logsource).length === 0) throw new RuleFault('logsource names no product, category or service');
  return logsource;
}

function correlationOf(document: Document, head: RuleHead): CorrelationRule {
  const checked = parseCorrelation(document['correlation'], { generate: document['generate'] });
  if ('reason' in checked) throw new RuleFault(checked.reason);
  return { ...head, rule: head, section: checked.value };
}

/**
 * The specification's example writes `condition: selection` for what is to be suppressed, pySigma's users write
 * `condition: not selection` for what is to be kept: both mean the same here, since nobody filters to suppress the rest.
 */
function filterOf(document: Document, head: RuleHead, logsource: Logsource, placeholders: Placeholders): Parsed {
  const { rules: named, ...section } = isMap(document['filter']) ? document['filter'] : {};
  const rules = namedRules(named);
  const { node, unresolved }: Detection = parseDetection(section, placeholders);
  const suppress = node.kind === 'not' ? node.part : node;
  return { kind: 'filter', rule: { ...head, logsource, rules, suppress }, unresolved };
}

function namedRules(raw: unknown): readonly string[] | null {
  if (typeof raw === 'string') return raw.toLowerCase() === 'any' ? null : [raw];
  const names = Array.isArray(raw) ? raw.filter((name): name is string => typeof name === 'string') : [];
  if (names.length === 0) throw new RuleFault('filter names no rules');
  return names;
}

function textOf(document: Document, key: string): string | undefined {
  const value = document[key];
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function textsOf(document: Document, key: string): readonly string[] {
  const value = document[key];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((entry) => typeof entry === 'string');
}

/** Under `exactOptionalPropertyTypes` an absent value must be an absent key. */
function optional<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: string });
}
