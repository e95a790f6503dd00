/**
 * ATT&CK tactics in the order in which an intrusion mostly goes: those of the matrices Enterprise and ICS, as rules' tags have
 * them. `defense-evasion` is the older name of what is now `stealth` and `defense-impairment`; rules from elsewhere use it.
 */
export const TACTICS = [
  'reconnaissance',
  'resource-development',
  'initial-access',
  'execution',
  'persistence',
  'privilege-escalation',
  'stealth',
  'defense-evasion',
  'evasion',
  'defense-impairment',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'inhibit-response-function',
  'impair-process-control',
  'impact',
] as const;

const ORDER = new Map<string, number>(TACTICS.map((tactic, at) => [tactic, at]));

/** Tactics that the tags of a rule name, in order. */
export function tacticsOf(tags: readonly string[]): string[] {
  const named = tags.map((tag) =>
    tag
      .toLowerCase()
      .replace(/^attack\./, '')
      .replaceAll('_', '-'),
  );
  return inOrder(named.filter((name) => ORDER.has(name)));
}

/** Technique ids that the tags name: `T1003.001`. */
export function techniquesOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? []);
}

/** Each tactic once, in the order of the chain. */
export function inOrder(tactics: Iterable<string>): string[] {
  return [...new Set(tactics)].toSorted((a, b) => (ORDER.get(a) ?? 99) - (ORDER.get(b) ?? 99));
}
