/** Longest text that is tried as a needle, and how many needles are worth their searches. */
const NEEDLE_LENGTH_MAX = 6;
const NEEDLES_MAX = 6;
/** Beyond it looking for needles costs more at start than it saves. */
const LITERALS_MAX = 128;

/** Roughly how common a character is in logs, from 1 (common) down. */
const COMMONNESS: ReadonlyMap<string, number> = new Map([
  ...'bcdfghjklmpquvwxyz0123456789'.split('').map((char) => [char, 0.4] as const),
  ...'\\. /:_-'.split('').map((char) => [char, 0.3] as const),
  ...'aeinorst'.split('').map((char) => [char, 1] as const),
]);

/**
 * A few short texts of which every one of `literals` holds at least one: where none of them stands, no literal does.
 * Native substring search is many times faster than an automaton, so that looking for these first pays.
 * Null where no small set does.
 */
export function coveringNeedles(literals: readonly string[]): readonly string[] | null {
  if (literals.length > LITERALS_MAX) return null;
  let open = new Set(literals);
  const needles: string[] = [];
  while (open.size > 0) {
    if (needles.length === NEEDLES_MAX) return null;
    const best = bestNeedle(open);
    if (best === null) return null;
    needles.push(best);
    open = new Set([...open].filter((literal) => !literal.includes(best)));
  }
  return needles;
}

function bestNeedle(literals: ReadonlySet<string>): string | null {
  const covers = new Map<string, number>();
  for (const literal of literals) for (const part of substrings(literal)) covers.set(part, (covers.get(part) ?? 0) + 1);
  let best: string | null = null;
  let bestScore = 0;
  for (const [part, count] of covers) {
    const score = count / (0.02 + shareOf(part) * 0.2 ** part.length);
    if (score > bestScore) [best, bestScore] = [part, score];
  }
  return best;
}

function substrings(literal: string): Set<string> {
  const parts = new Set<string>();
  const lengthMin = Math.min(2, literal.length);
  for (let length = lengthMin; length <= Math.min(NEEDLE_LENGTH_MAX, literal.length); length++) {
    for (let at = 0; at + length <= literal.length; at++) parts.add(literal.slice(at, at + length));
  }
  return parts;
}

/**
 * The part of a literal that stands for it in an automaton, whose table grows with the length of its texts: the
 * rarest window of NEEDLE_LENGTH_MAX characters.
 */
export function rarestPart(literal: string): string {
  const last = literal.length - NEEDLE_LENGTH_MAX;
  let best = 0;
  let least = Infinity;
  for (let at = 0; at <= last; at++) {
    let share = 1;
    for (let i = at; i < at + NEEDLE_LENGTH_MAX; i++) share *= SHARES[literal.charCodeAt(i)] ?? 0.05;
    if (share < least) [best, least] = [at, share];
  }
  return literal.slice(best, best + NEEDLE_LENGTH_MAX);
}

/** The same by character code. */
const SHARES = Float64Array.from({ length: 128 }, (_, code) => COMMONNESS.get(String.fromCharCode(code)) ?? 0.05);

function shareOf(text: string): number {
  let share = 1;
  for (const char of text) share *= COMMONNESS.get(char) ?? 0.05;
  return share;
}
