import type { OcsfEvent } from './types.ts';

/** What an event is, or was meant to be before it became a Base Event. */
export interface Intended {
  readonly classUid: number;
  readonly activityId: number;
}

const CLASS = 'class:';
const ACTIVITY = 'activity:';

/** The labels by which a Base Event tells what it was meant for; activities that class 0 has itself need none. */
export function intendedLabels({ classUid, activityId }: Intended): string[] {
  const said = activityId === 0 || activityId === 99;
  return said ? [`${CLASS}${classUid}`] : [`${CLASS}${classUid}`, `${ACTIVITY}${activityId}`];
}

/** Class and activity of the event; of a Base Event those that it was meant for, where its labels tell. */
export function intendedOf(event: OcsfEvent): Intended {
  const { class_uid: classUid, activity_id: activityId } = event;
  if (classUid !== 0) return { classUid, activityId };
  return { classUid: numberIn(event, CLASS) ?? 0, activityId: numberIn(event, ACTIVITY) ?? activityId };
}

function numberIn(event: OcsfEvent, mark: string): number | undefined {
  const label = event.metadata.labels?.find((one) => one.startsWith(mark));
  const number = label === undefined ? Number.NaN : Number(label.slice(mark.length));
  return Number.isSafeInteger(number) ? number : undefined;
}
