const MINUTE_MS = 60_000;

/** `2026-12-01T02:13` in an IANA zone, as a field of date and time has it. */
export function zonedText(ms: number, zone: string): string {
  return new Date(ms + offsetMs(ms, zone)).toISOString().slice(0, 16);
}

/** Moment of such a text in the zone, ms; null where it is none. An hour that the clock skips counts from before the skip. */
export function msOfZoned(text: string, zone: string): number | null {
  const asUtc = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (!Number.isFinite(asUtc)) return null;
  const guess = asUtc - offsetMs(asUtc, zone);
  return asUtc - offsetMs(guess, zone);
}

/** What a zone's clocks are ahead of UTC at a moment, ms, to the minute; 0 for a zone that is not known. */
function offsetMs(ms: number, zone: string): number {
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    }).formatToParts(ms);
    const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
    const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'));
    return shown - Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  } catch {
    return 0;
  }
}
