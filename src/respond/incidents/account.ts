import { techniquesOf } from './attack.ts';
import { sentenceOf, tacticOf, upperFirst } from './sentences.ts';
import type { Finding, TimelineItem } from './types.ts';

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
export function storyOf(findings: readonly Finding[], zone: string): string[] {
  const steps = stepsOf(findings);
  const paragraphs: Step[][] = [];
  for (const step of steps) {
    const current = paragraphs.at(-1);
    const last = current?.at(-1);
    if (current === undefined || last === undefined || step.finding.firstMs - last.lastMs > PARAGRAPH_MS)
      paragraphs.push([step]);
    else current.push(step);
  }
  return paragraphs.map((paragraph) => paragraphText(paragraph, zone));
}

/** By time; what the same sentence tells again is counted. */
function stepsOf(findings: readonly Finding[]): Step[] {
  const steps: Step[] = [];
  for (const finding of findings.toSorted(byTime)) {
    const sentence = sentenceOf(finding);
    const same = steps.find((step) => step.sentence === sentence && finding.firstMs - step.lastMs <= PARAGRAPH_MS);
    if (same === undefined) steps.push({ finding, sentence, times: 1, lastMs: finding.atMs });
    else {
      same.times += 1;
      same.lastMs = Math.max(same.lastMs, finding.atMs);
    }
  }
  return steps;
}

function paragraphText(steps: readonly Step[], zone: string): string {
  const [first] = steps;
  if (first === undefined) return '';
  const shown = steps.slice(0, SENTENCES_MAX);
  let told = '';
  const sentences = shown.map(({ finding, sentence, times, lastMs }, at) => {
    const [clock, lastClock] = [clockText(finding.firstMs, zone), clockText(lastMs, zone)];
    const again = times === 1 ? '' : ` (${times} times${lastClock === clock ? '' : `, until ${lastClock}`})`;
    const day = at === 0 ? `On ${dayText(finding.firstMs, zone)} at` : 'At';
    // A time that has just been told is not told again.
    const text = clock === told ? upperFirst(sentence) : `${day} ${clock} ${sentence}`;
    told = clock;
    return `${text}${again}.`;
  });
  const left = steps.length - shown.length;
  return [...sentences, ...(left > 0 ? [`${left} more steps are in the timeline.`] : [])].join(' ');
}

/** Each finding with its sentence, oldest first. */
export function timelineOf(findings: readonly Finding[]): TimelineItem[] {
  return findings.toSorted(byTime).map((finding) => ({
    atMs: finding.firstMs,
    text: `${upperFirst(sentenceOf(finding))}.`,
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
  return format(ms, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function dayText(ms: number, zone: string): string {
  return format(ms, zone, { day: 'numeric', month: 'long' });
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function format(ms: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone} ${Object.keys(options).join()}`;
  const known = FORMATS.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
  FORMATS.set(key, known);
  return known.format(ms);
}
