import { type RuleSet, createCorrelator } from '#detect/sigma';
import { type Finding, correlationFinding } from './findings.ts';
import type { BaseMatch } from './types.ts';

/** Matches kept for correlations; beyond it the rest is left out, counted and reported. */
const KEPT_MATCHES_MAX = 500_000;

/** Gathers the matches that correlations look at, and runs the correlations once over all of them. */
export class ScanCorrelator {
  readonly #ruleSet: RuleSet;
  readonly #kept: BaseMatch[] = [];
  readonly #silent: ReadonlySet<string>;
  /** Matches whose source states no time: they cannot stand in a window. */
  timeless = 0;
  /** Matches beyond the limit. */
  leftOut = 0;
  readonly failed: readonly { file: string; reason: string }[];

  constructor(ruleSet: RuleSet) {
    this.#ruleSet = ruleSet;
    const correlator = createCorrelator(ruleSet.correlations, ruleSet.rules);
    this.#silent = correlator.silent;
    this.failed = correlator.failed.map(({ rule, reason }) => ({ file: fileOf(ruleSet, rule.id), reason }));
  }

  /** Keeps what correlations need; returns whether the match also alerts by itself. */
  take(match: BaseMatch): boolean {
    const rule = this.#ruleSet.rules[match.rule];
    if (match.fields !== undefined) {
      if (match.timeMs === null) this.timeless += 1;
      else if (this.#kept.length >= KEPT_MATCHES_MAX) this.leftOut += 1;
      else this.#kept.push(match);
    }
    return rule !== undefined && !this.#silent.has(rule.id);
  }

  /** Event times first, then file, member and record: the order in which files were given changes nothing. */
  findings(): Finding[] {
    const { correlations, rules } = this.#ruleSet;
    const correlator = createCorrelator(correlations, rules);
    const sorted = this.#kept.toSorted(byTimeAndPlace);
    const refs = new Map<string, BaseMatch>();
    const findings: Finding[] = [];
    for (const match of sorted) {
      const ref = `${match.file}\n${match.member ?? ''}\n${match.record}\n${match.part}`;
      refs.set(ref, match);
      const found = correlator.feed({
        ruleId: rules[match.rule]?.id ?? '',
        timeMs: match.timeMs ?? 0,
        orderable: match.timeSource === 'event',
        sourceId: match.member === null ? match.file : `${match.file}#${match.member}`,
        fields: match.fields ?? {},
        ref,
      });
      for (const finding of found)
        findings.push(
          correlationFinding(finding, (one) => {
            const event = refs.get(String(one));
            if (event === undefined) throw new TypeError('a correlation names an event that it was never given');
            return event;
          }),
        );
    }
    return findings;
  }
}

function byTimeAndPlace(a: BaseMatch, b: BaseMatch): number {
  return (
    (a.timeMs ?? 0) - (b.timeMs ?? 0) ||
    compare(a.file, b.file) ||
    compare(a.member ?? '', b.member ?? '') ||
    a.record - b.record ||
    a.part - b.part ||
    a.rule - b.rule
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function fileOf({ correlations }: RuleSet, id: string): string {
  return correlations.find((one) => one.id === id)?.file ?? id;
}
