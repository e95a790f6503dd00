import { loadAll } from 'js-yaml';
import { RuleFault } from './errors.ts';
import { RULE_FILE_BYTES_MAX, YAML_DEPTH_MAX, YAML_DOCUMENTS_MAX } from './limits.ts';

/**
 * The documents of a YAML text. Aliases and duplicate keys are refused, as is what is too large or too deep.
 * @throws {RuleFault} with the reason.
 */
export function parseYaml(text: string): unknown[] {
  if (text.length > RULE_FILE_BYTES_MAX) throw new RuleFault(`file is larger than ${RULE_FILE_BYTES_MAX} bytes`);
  let documents: unknown[];
  try {
    documents = loadAll(text, { maxAliases: 0, maxDepth: YAML_DEPTH_MAX, maxTotalMergeKeys: 0 });
  } catch (error) {
    throw new RuleFault(`not usable YAML: ${firstLine(error)}`);
  }
  if (documents.length > YAML_DOCUMENTS_MAX) throw new RuleFault(`more than ${YAML_DOCUMENTS_MAX} documents`);
  return documents.filter((document) => document !== null && document !== undefined);
}

/** js-yaml shows the offending lines under its message; the report wants the message alone. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
