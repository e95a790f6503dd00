import { readFileSync } from 'node:fs';
import { messageOf } from '#kernel';
import { SigmaError } from './errors.ts';
import { VALUES_MAX } from './limits.ts';
import { parseYaml } from './yaml.ts';

/** Name without `%` → values. The values are Sigma strings: they may hold wildcards. */
export type Placeholders = Readonly<Record<string, readonly string[]>>;

const PLACEHOLDER = /%([A-Za-z_][\w-]*)%/;

/** Every combination of values for the placeholders of a text, or the names that have none. */
export function expandPlaceholders(
  text: string,
  placeholders: Placeholders,
): { values: string[] } | { missing: string[] } {
  const names = [...text.matchAll(new RegExp(PLACEHOLDER, 'g'))].map((match) => match[1] ?? '');
  const missing = names.filter((name) => !Object.hasOwn(placeholders, name));
  if (missing.length > 0) return { missing: [...new Set(missing)] };
  let values = [text];
  for (const name of new Set(names)) {
    const replacements = placeholders[name] ?? [];
    values = values.flatMap((value) => replacements.map((word) => value.replaceAll(`%${name}%`, () => word)));
    if (values.length > VALUES_MAX) return { missing: [name] };
  }
  return { values };
}

/**
 * Reads a placeholder file: a YAML or JSON map of name to value or list of values.
 * @throws {SigmaError} `bad_placeholders`
 */
export function readPlaceholders(path: string): Placeholders {
  const advice = 'write a YAML map such as "Admins: [alice, bob]"';
  let document: unknown;
  try {
    [document] = parseYaml(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SigmaError('bad_placeholders', `cannot read the placeholders: ${messageOf(cause)}`, { cause, advice });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new SigmaError('bad_placeholders', 'the placeholder file is not a map', { advice });
  }
  const entries = Object.entries(document).map(([name, value]: [string, unknown]): [string, string[]] => {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every((word) => typeof word === 'string' || typeof word === 'number')) {
      throw new SigmaError('bad_placeholders', `placeholder "${name}" holds more than texts and numbers`, { advice });
    }
    return [name.replaceAll('%', ''), list.map(String)];
  });
  return Object.fromEntries(entries);
}
