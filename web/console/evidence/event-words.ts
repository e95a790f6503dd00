import type { EventSummary } from '../../../src/console/api.ts';
import { count } from '../../kit/numbers.ts';
import { t } from '../../text/index.ts';

/** Name of an event's OCSF class in the reader's language. */
export function className({ classUid, className: name }: Pick<EventSummary, 'classUid' | 'className'>): string {
  return t.evidence.classes[classUid] ?? name;
}

/** The line about an event, without the name of its class in front, which stands beside it. */
export function eventText({ text, className: name }: Pick<EventSummary, 'text' | 'className'>): string {
  const front = `${name.toLowerCase()} · `;
  return text.toLowerCase().startsWith(front) ? text.slice(front.length) : text;
}

/** An event's index as people read it; what an address says instead of one, as it stands. */
export function eventNumber(index: string): string {
  const number = Number(index);
  return index !== '' && Number.isSafeInteger(number) ? count(number) : index;
}
