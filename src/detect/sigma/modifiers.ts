import { entryOf } from '#kernel';
import { base64Offsets, type Encoding, encodeText } from './encode.ts';
import { compileCidr } from './cidr.ts';
import { RuleFault } from './errors.ts';
import { applyForm, parseWildcards, textTest } from './pattern.ts';
import { expandPlaceholders, type Placeholders } from './placeholders.ts';
import { compileRegex, splitInlineFlags } from './regex.ts';
import type { Comparison, Test, TextForm, TimeUnit, WildToken } from './types.ts';

/** A field's modifiers, gathered into what they ask for together: their order has no meaning. */
export interface Modifiers {
  readonly form: TextForm;
  readonly all: boolean;
  readonly cased: boolean;
  readonly windash: boolean;
  readonly negated: boolean;
  readonly encoding: Encoding;
  readonly base64: 'none' | 'plain' | 'offset';
  readonly comparison: Comparison | null;
  readonly unit: TimeUnit | null;
  readonly regexFlags: string | null;
  readonly special: 'cidr' | 'exists' | 'fieldref' | null;
  readonly expand: boolean;
}

const FORMS: Readonly<Record<string, TextForm>> = { contains: 'contains', startswith: 'prefix', endswith: 'suffix' };
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  wide: 'utf16le',
  utf16le: 'utf16le',
  utf16be: 'utf16be',
  utf16: 'utf16',
};
const COMPARISONS = new Set(['gt', 'gte', 'lt', 'lte']);
const UNITS = new Set(['minute', 'hour', 'day', 'week', 'month', 'year']);
const REGEX_FLAGS = new Set(['i', 'm', 's']);
const REGEX_FLAG_NAMES: Readonly<Record<string, string>> = { ignorecase: 'i', multiline: 'm', dotall: 's' };
const SPECIALS = new Set(['cidr', 'exists', 'fieldref']);
const PLAIN = new Set(['all', 'cased', 'windash', 'neq', 'base64', 'base64offset', 're', 'expand']);

/** @throws {RuleFault} for an unknown modifier or two that exclude each other. */
export function parseModifiers(names: readonly string[]): Modifiers {
  const given = new Set(names.map((name) => entryOf(REGEX_FLAG_NAMES, name) ?? name));
  const pick = (known: (name: string) => boolean, what: string): string | null => {
    const found = [...given].filter((name) => known(name));
    if (found.length > 1) throw new RuleFault(`modifiers "${found.join('" and "')}" are two ${what}`);
    return found[0] ?? null;
  };
  for (const name of given) {
    if (!isKnown(name)) throw new RuleFault(`modifier "${name}" is unknown`);
  }
  const form = pick((name) => Object.hasOwn(FORMS, name), 'places');
  const encoding = pick((name) => Object.hasOwn(ENCODINGS, name), 'encodings');
  const comparison = pick((name) => COMPARISONS.has(name), 'comparisons');
  const unit = pick((name) => UNITS.has(name), 'time units');
  const base64 = pick((name) => name === 'base64' || name === 'base64offset', 'encodings');
  const special = pick((name) => SPECIALS.has(name), 'kinds of value');
  const flags = [...given].filter((name) => REGEX_FLAGS.has(name)).toSorted();
  if (flags.length > 0 && !given.has('re')) throw new RuleFault(`modifier "${flags[0]}" needs "re"`);
  if (encoding !== null && base64 === null)
    throw new RuleFault(`modifier "${encoding}" needs "base64" or "base64offset"`);
  const modifiers: Modifiers = {
    form: base64 === 'base64offset' && form === null ? 'contains' : (entryOf(FORMS, form ?? undefined) ?? 'exact'),
    all: given.has('all'),
    cased: given.has('cased'),
    windash: given.has('windash'),
    negated: given.has('neq'),
    encoding: entryOf(ENCODINGS, encoding ?? undefined) ?? 'utf8',
    base64: base64 === null ? 'none' : base64 === 'base64' ? 'plain' : 'offset',
    comparison: comparison as Comparison | null,
    unit: unit as TimeUnit | null,
    regexFlags: given.has('re') ? flags.join('') : null,
    special: special as Modifiers['special'],
    expand: given.has('expand'),
  };
  refuseConflicts(modifiers, given);
  return modifiers;
}

function isKnown(name: string): boolean {
  return (
    PLAIN.has(name) ||
    Object.hasOwn(FORMS, name) ||
    Object.hasOwn(ENCODINGS, name) ||
    COMPARISONS.has(name) ||
    UNITS.has(name) ||
    REGEX_FLAGS.has(name) ||
    SPECIALS.has(name)
  );
}

/** Modifiers that say what kind of thing the value is; only one of them can be true. */
function refuseConflicts(modifiers: Modifiers, given: ReadonlySet<string>): void {
  const kinds = [
    modifiers.regexFlags === null ? null : 're',
    modifiers.special,
    modifiers.unit ?? modifiers.comparison,
    modifiers.base64 === 'none' ? null : 'base64',
    modifiers.windash ? 'windash' : null,
  ].filter((kind) => kind !== null);
  if (kinds.length > 1) throw new RuleFault(`modifiers "${kinds.join('" and "')}" exclude each other`);
  const placed = Object.keys(FORMS).find((name) => given.has(name));
  const placeless =
    ['re', 'cidr', 'exists'].includes(kinds[0] ?? '') || modifiers.unit !== null || modifiers.comparison !== null;
  if (placed !== undefined && placeless)
    throw new RuleFault(`modifiers "${kinds[0]}" and "${placed}" exclude each other`);
}

/**
 * The tests of one value of a rule; several where an encoding or a placeholder gives several.
 * @throws {RuleFault} where the value does not fit the modifiers.
 */
export function testsOf(value: unknown, modifiers: Modifiers, placeholders: Placeholders): Test[] {
  if (modifiers.special === 'exists') {
    if (typeof value !== 'boolean') throw new RuleFault('a value of "exists" is neither true nor false');
    return [{ kind: 'exists', present: value }];
  }
  if (value === null) return [{ kind: 'null' }];
  if (!(typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) {
    throw new RuleFault('a value is neither text, number, true, false nor null');
  }
  if (modifiers.unit !== null || modifiers.comparison !== null) return [numberTest(value, modifiers)];
  if (!modifiers.expand) return valueTests(String(value), modifiers);
  const expanded = expandPlaceholders(String(value), placeholders);
  if ('missing' in expanded) return expanded.missing.map((placeholder) => ({ kind: 'unresolved', placeholder }));
  return expanded.values.flatMap((text) => valueTests(text, modifiers));
}

function numberTest(value: string | number | boolean, modifiers: Modifiers): Test {
  const operand = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  const operator = modifiers.comparison ?? 'eq';
  if (typeof value === 'boolean' || Number.isNaN(operand)) {
    throw new RuleFault(`a value of "${modifiers.comparison ?? modifiers.unit}" is not a number`);
  }
  if (modifiers.unit === null) return { kind: 'compare', operator, operand };
  return { kind: 'time', unit: modifiers.unit, operator, operand };
}

function valueTests(text: string, modifiers: Modifiers): Test[] {
  const folding = { cased: modifiers.cased, dashes: modifiers.windash };
  if (modifiers.regexFlags !== null) return [regexTest(text, modifiers.regexFlags)];
  if (modifiers.special === 'cidr') {
    if (compileCidr(text) === null) throw new RuleFault('a value of "cidr" is not a network');
    return [{ kind: 'cidr', network: text }];
  }
  if (modifiers.special === 'fieldref') {
    return [{ kind: 'fieldref', field: text, form: modifiers.form, cased: modifiers.cased }];
  }
  const tokens = parseWildcards(text);
  if (modifiers.base64 === 'none') return [textTest(applyForm(tokens, modifiers.form), folding)];
  return encodedTexts(tokens, modifiers).map((encoded) => textTest(applyForm([encoded], modifiers.form), folding));
}

function regexTest(text: string, flags: string): Test {
  const split = splitInlineFlags(text, flags);
  const compiled = compileRegex(split.source, split.flags, { regexInputsCut: 0 });
  if (typeof compiled === 'string') throw new RuleFault(compiled);
  return { kind: 'regex', ...split };
}

function encodedTexts(tokens: readonly WildToken[], modifiers: Modifiers): string[] {
  if (tokens.some((token) => typeof token !== 'string')) throw new RuleFault('a value to be encoded holds a wildcard');
  const bytes = encodeText(tokens.join(''), modifiers.encoding);
  if (bytes.length === 0) throw new RuleFault('a value to be encoded is empty');
  if (modifiers.base64 === 'plain') return [bytes.toString('base64')];
  const texts = base64Offsets(bytes);
  if (texts.some((encoded) => encoded === '')) throw new RuleFault('a value of "base64offset" is too short');
  return texts;
}
