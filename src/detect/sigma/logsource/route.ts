import { type Accessor, type Fields, accessor } from '../values.ts';
import type { Logsource } from '../types.ts';

/**
 * What one kind of record is, in the words of Sigma's `logsource`, and how the names that rules use are read from it.
 * Interned: records of one kind share one object, so that rules are compiled once for it.
 */
export interface Route {
  readonly key: string;
  readonly products: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
  /** Field names that all rules may use beside the native ones. */
  readonly aliases: ReadonlyMap<string, Accessor>;
  /**
   * Whether native names may hold spaces, which rules leave out (`Threat Name` → `ThreatName`; rules specification,
   * "Field Usage"). The event's own spaced name goes before the envelope's.
   */
  readonly spaced: boolean;
  /** Field names of category rules, which speak of one thing (a process started) whatever source reports it. */
  readonly categoryAliases: ReadonlyMap<string, Accessor>;
}

export interface RouteFacts {
  readonly products?: readonly string[];
  readonly services?: readonly string[];
  readonly categories?: readonly string[];
  readonly aliases?: ReadonlyMap<string, Accessor>;
  readonly categoryAliases?: ReadonlyMap<string, Accessor>;
  readonly spaced?: boolean;
}

/** A family's part of routing: `key` says which of its kinds a record is, `facts` what that kind is. */
export interface FamilyRouter {
  key(fields: Fields): string;
  facts(key: string): RouteFacts;
}

const NO_ALIASES: ReadonlyMap<string, Accessor> = new Map();

export function makeRoute(key: string, facts: RouteFacts): Route {
  return {
    key,
    products: new Set(facts.products),
    services: new Set(facts.services),
    categories: new Set(facts.categories),
    spaced: facts.spaced ?? false,
    aliases: facts.aliases ?? NO_ALIASES,
    categoryAliases: facts.categoryAliases ?? NO_ALIASES,
  };
}

/** Whether a rule for `logsource` is meant for records of this route: each attribute that it names must hold. */
export function serves(route: Route, logsource: Logsource): boolean {
  return (
    (logsource.product === undefined || route.products.has(logsource.product)) &&
    (logsource.service === undefined || route.services.has(logsource.service)) &&
    (logsource.category === undefined || route.categories.has(logsource.category))
  );
}

/** How a rule for `logsource` reads `field` on this route. */
export function fieldOf(route: Route, logsource: Logsource, field: string): Accessor {
  const byCategory = logsource.category === undefined ? undefined : route.categoryAliases.get(field);
  if (byCategory !== undefined) return byCategory;
  const read = route.aliases.get(field) ?? accessor(field);
  const spaced = field.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return route.spaced && spaced !== field ? eitherOf(accessor(spaced), read) : read;
}

function eitherOf(first: Accessor, second: Accessor): Accessor {
  return (fields) => first(fields) ?? second(fields);
}

/** The first of several native names that the record has; the rule's own name comes first. */
export function firstOf(...names: readonly string[]): Accessor {
  const readers = names.map((name) => accessor(name));
  return (fields) => {
    for (const read of readers) {
      const value = read(fields);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** A table of alias → native names, as a map of accessors in which the alias itself comes first. */
export function aliasTable(table: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, Accessor> {
  return new Map(Object.entries(table).map(([alias, names]) => [alias, firstOf(alias, ...names)]));
}

/** A family of which all records are of one kind. */
export function single(facts: RouteFacts): FamilyRouter {
  return { key: () => '', facts: () => facts };
}

/** A family whose kind stands in one field; `facts` gets its text, lower case, `` where it is absent. */
export function byField(field: string, facts: (value: string) => RouteFacts): FamilyRouter {
  const read = accessor(field);
  return {
    key: (fields) => {
      const value = read(fields);
      return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 128).toLowerCase() : '';
    },
    facts,
  };
}
