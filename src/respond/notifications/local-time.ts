const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** A moment on the clock of a zone: `day` as `YYYY-MM-DD`, `minute` of the day. */
export function localTime(ms: number, zone: string): { day: string; minute: number } {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const day = `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
  return { day, minute: number('hour') * 60 + number('minute') };
}

/** `2026-11-24 02:13` */
export function localText(ms: number, zone: string): string {
  const { day, minute } = localTime(ms, zone);
  return `${day} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Whether a minute of the day lies in quiet hours, which may go over midnight. */
export function isQuiet(minute: number, quiet: { from: string; to: string } | null): boolean {
  if (quiet === null) return false;
  const [from, to] = [minuteOf(quiet.from), minuteOf(quiet.to)];
  if (from === null || to === null || from === to) return false;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Minute of the day of `HH:MM`; null when it is none. */
export function minuteOf(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  FORMATS.set(zone, made);
  return made;
}
