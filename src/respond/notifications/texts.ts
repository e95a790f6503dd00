import { TEXT_CHARS_MAX } from './limits.ts';
import { localText } from './local-time.ts';
import { type DigestFacts, LEVELS, type Message, type NotifiedIncident } from './types.ts';

export interface TextOptions {
  hospital: string;
  zone: string;
  /** Where the console is reached, without a slash at its end; empty when that is not known. */
  consoleUrl: string;
}

/** Subject and text of a message, plain. What comes from log lines cannot make a line, a header or a link of its own. */
export function mailOf(message: Message, options: TextOptions): { subject: string; text: string } {
  const lines = [...bodyOf(message, options), '', ...footer(options)];
  return { subject: `[Wardkeep] ${subjectOf(message, options)}`, text: `${lines.join('\n')}\n` };
}

function subjectOf(message: Message, { hospital }: TextOptions): string {
  if (message.kind === 'test') return `Test message of ${harmless(hospital)}`;
  if (message.kind === 'digest') return `${message.day}: ${countText(message.facts.open, 'open incident')}`;
  const [first, ...others] = message.incidents;
  if (first === undefined) return countText(message.leftOut, 'incident');
  if (others.length === 0) return `${first.severity}: ${harmless(first.title)} (${first.number})`;
  return `${worstOf(message.incidents)}: ${countText(message.incidents.length + message.leftOut, 'incident')}`;
}

function bodyOf(message: Message, options: TextOptions): string[] {
  switch (message.kind) {
    case 'test':
      return ['This is a test. Messages about incidents will arrive here.'];
    case 'digest':
      return digestLines(message.facts, options);
    case 'incidents':
      return [
        ...message.incidents.flatMap((incident) => [...incidentLines(incident, options), '']),
        ...leftOutLines(message.leftOut),
      ];
  }
}

function incidentLines(incident: NotifiedIncident, { zone, consoleUrl }: TextOptions): string[] {
  const { id, number, title, severity, firstMs, lastMs, findings, tactics } = incident;
  return [
    `${number}  ${severity.toUpperCase()}  ${harmless(title)}`,
    `  from ${localText(firstMs, zone)} to ${localText(lastMs, zone)} (${zone}), ${countText(findings, 'finding')}`,
    ...(tactics.length === 0 ? [] : [`  steps: ${tactics.join(', ')}`]),
    ...(consoleUrl === '' ? [] : [`  what happened and what to do now: ${incidentUrl(consoleUrl, id)}`]),
  ];
}

function digestLines({ open, bySeverity, fresh, troubles }: DigestFacts, options: TextOptions): string[] {
  const counts = LEVELS.toReversed()
    .filter((level) => bySeverity[level] > 0)
    .map((level) => `${bySeverity[level]} ${level}`);
  return [
    open === 0 ? 'No incident is open.' : `Open incidents: ${open} (${counts.join(', ')}).`,
    fresh.length === 0 ? 'Nothing new since the last digest.' : `New since the last digest: ${fresh.length}.`,
    '',
    ...fresh.slice(0, DIGEST_LISTED).flatMap((incident) => incidentLines(incident, options)),
    ...leftOutLines(fresh.length - DIGEST_LISTED),
    ...(troubles.length === 0 ? [] : ['', 'Wardkeep itself needs a look:', ...troubles.map((one) => `  ${one}`)]),
  ];
}

/** Incidents that the digest lists. */
const DIGEST_LISTED = 20;

function leftOutLines(count: number): string[] {
  return count > 0 ? [`${countText(count, 'more incident')} in the console.`] : [];
}

function footer({ hospital, consoleUrl }: TextOptions): string[] {
  return [`${harmless(hospital)}, Wardkeep${consoleUrl === '' ? '' : ` at ${consoleUrl}`}`];
}

export function incidentUrl(consoleUrl: string, id: string): string {
  return `${consoleUrl}/incidents/${encodeURIComponent(id)}`;
}

/** Text that holds names from log lines: one line, no controls or direction marks, nothing that a mail program links. */
export function harmless(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('://', ': //')
    .replaceAll(/www\./gi, 'www ')
    .trim()
    .slice(0, TEXT_CHARS_MAX);
}

function worstOf(incidents: readonly NotifiedIncident[]): string {
  return LEVELS[Math.max(...incidents.map(({ severity }) => LEVELS.indexOf(severity)))] ?? 'informational';
}

function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
