import { FAMILIES, type NativeFields, type OcsfEvent } from '#ingest';
import { type RuleExplanation, explain } from '../explain.ts';
import type { Rule } from '../types.ts';

/** Fields under the names of a family, as rules see them. */
interface View {
  family: string;
  fields: NativeFields;
}

/** Why a rule does or does not match, and in whose names the event was read for it. */
export interface EventExplanation extends RuleExplanation {
  readonly family: string;
}

/**
 * A stored event under the native names that its family gives back. `fields` is null where the event's format has no native
 * names: what Wardkeep itself says, and what did not parse.
 */
export function nativeViewOf(event: OcsfEvent): { family: string; fields: NativeFields | null } {
  const format = event.metadata.log_format ?? '';
  const family = format.slice(0, format.indexOf('/'));
  return { family, fields: FAMILIES.get(family)?.unmap(event) ?? null };
}

/**
 * Explains a rule on all that detection looks at: the native names, where there are any, and the OCSF event. Gives the view
 * on which the rule matches, else one that it is meant for, else the native one.
 * @param native the record's own fields; null where there are none
 */
export function explainViews(rule: Rule, native: View | null, event: OcsfEvent | null): EventExplanation {
  const views = [
    ...(native === null || native.family === 'ocsf' ? [] : [native]),
    ...(event === null ? [] : [{ family: 'ocsf', fields: event as NativeFields }]),
  ];
  const all = views.map((view) => explainView(rule, view));
  const [first] = all;
  if (first === undefined) throw new TypeError('there is nothing to be explained');
  return all.find(({ matches }) => matches) ?? all.find(({ logsource }) => logsource.holds) ?? first;
}

function explainView(rule: Rule, { family, fields }: View): EventExplanation {
  return Object.assign({ family }, explain(rule, family, fields));
}

/** Explains a rule on an event as the ledger holds it, with the answer that detection over the ledger gives. */
export function explainStored(rule: Rule, event: OcsfEvent): EventExplanation {
  const { family, fields } = nativeViewOf(event);
  return explainViews(rule, fields === null ? null : { family, fields }, event);
}
