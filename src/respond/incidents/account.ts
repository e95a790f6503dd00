import { techniquesOf } from './attack.ts';
import { sentenceOf, tacticOf, upperFirst } from './sentences.ts';
import type { Finding, TimelineItem } from './types.ts';
import type { IncidentWords } from './words/words.ts';

/** Findings further apart than this begin a new paragraph. */
const PARAGRAPH_MS = 6 * 3_600_000;
/** Sentences of one paragraph; more are counted. */
const SENTENCES_MAX = 12;

/** One step of the account: a finding, and how often the same was found after it. */
interface Step {
  finding: Finding;
  sentence: string;
  times: number;
  lastMs: number;
}

/** The account of an incident in plain words, a paragraph an element; times in the hospital's zone. */
export function storyOf(findings: readonly Finding[], zone: string, words: IncidentWords): string[] {
  const steps = stepsOf(findings, words);
  const paragraphs: Step[][] = [];
  for (const step of steps) {
    const current = paragraphs.at(-1);
    const last = current?.at(-1);
    if (current === undefined || last === undefined || step.finding.firstMs - last.lastMs > PARAGRAPH_MS)
      paragraphs.push([step]);
    else current.push(step);
  }
  return paragraphs.map((paragraph) => paragraphText(paragraph, zone, words));
}

/** By time; what the same sentence tells again is counted. */
function stepsOf(findings: readonly Finding[], words: IncidentWords): Step[] {
  const steps: Step[] = [];
  for (const finding of findings.toSorted(byTime)) {
    const sentence = sentenceOf(finding, words);
    const same = steps.find((step) => step.sentence === sentence && finding.firstMs - step.lastMs <= PARAGRAPH_MS);
    if (same === undefined) steps.push({ finding, sentence, times: 1, lastMs: finding.atMs });
    else {
      same.times += 1;
      same.lastMs = Math.max(same.lastMs, finding.atMs);
    }
  }
  return steps;
}

function paragraphText(steps: readonly Step[], zone: string, words: IncidentWords): string {
  const [first] = steps;
  if (first === undefined) return '';
  const shown = steps.slice(0, SENTENCES_MAX);
  let told = '';
  const sentences = shown.map(({ finding, sentence, times, lastMs }, at) => {
    const [clock, lastClock] = [clockText(finding.firstMs, zone), clockText(lastMs, zone)];
    const again = times === 1 ? '' : words.again(times, lastClock === clock ? null : lastClock);
    const day = at === 0 ? dayText(finding.firstMs, zone, words.locale) : null;
    // A time that has just been told is not told again.
    const text = clock === told ? upperFirst(sentence) : words.at(day, clock, sentence);
    told = clock;
    return `${text}${again}.`;
  });
  const left = steps.length - shown.length;
  return [...sentences, ...(left > 0 ? [words.moreSteps(left)] : [])].join(' ');
}

/** Each finding with its sentence, oldest first. */
export function timelineOf(findings: readonly Finding[], words: IncidentWords): TimelineItem[] {
  return findings.toSorted(byTime).map((finding) => ({
    atMs: finding.firstMs,
    text: `${upperFirst(sentenceOf(finding, words))}.`,
    level: finding.rule.level,
    rule: { id: finding.rule.id, title: finding.rule.title },
    techniques: techniquesOf(finding.rule.tags),
    tactic: tacticOf(finding),
    finding: finding.index,
    events: finding.events,
    eventsTotal: finding.eventsTotal,
  }));
}

function byTime(a: Finding, b: Finding): number {
  return a.firstMs - b.firstMs || a.index - b.index;
}

function clockText(ms: number, zone: string): string {
  return format(ms, zone, 'en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function dayText(ms: number, zone: string, locale: string): string {
  return format(ms, zone, locale, { day: 'numeric', month: 'long' });
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function format(ms: number, zone: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone} ${locale} ${Object.keys(options).join()}`;
  const known = FORMATS.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  FORMATS.set(key, known);
  return known.format(ms);
}
