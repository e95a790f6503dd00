import { useEffect, useState, useSyncExternalStore } from 'react';
import { language } from '../text/index.ts';
import { ago } from './numbers.ts';
import { useSession } from './session.ts';

const MINUTE_MS = 60_000;

export interface MomentProps {
  /** ms since the epoch. */
  ms: number;
  /** `stamp` 14 May 02:13:09 · `minute` 14 May 02:13 · `clock` 02:13:09 · `day` 14 May 2026 · `ago` 5 minutes ago */
  form?: 'stamp' | 'minute' | 'clock' | 'day' | 'ago';
}

/** A time in the hospital's zone; UTC on hover and for assistive technology. */
export function Moment({ ms, form = 'stamp' }: MomentProps): React.ReactNode {
  const { zone } = useSession();
  if (!Number.isFinite(ms)) return '–';
  const utc = new Date(ms).toISOString();
  const shown = form === 'ago' ? <Ago ms={ms} /> : formatMoment(ms, zone, form);
  return (
    <time
      dateTime={utc}
      title={`${formatMoment(ms, zone, 'full')} · ${utc.slice(0, 19).replace('T', ' ')} UTC`}
      style={{ whiteSpace: 'nowrap' }}
    >
      {shown}
    </time>
  );
}

function Ago({ ms }: { ms: number }): React.ReactNode {
  return ago(ms, useNow());
}

const FORMS = {
  stamp: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  minute: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  hour: { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short', year: 'numeric' },
  full: { dateStyle: 'full', timeStyle: 'long', hourCycle: 'h23' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Text of a time in an IANA zone; an unknown zone falls back to UTC. */
export function formatMoment(ms: number, zone: string, form: keyof typeof FORMS): string {
  return formatterOf(form, zone).format(ms);
}

/** Formatters are dear to make and every row needs some; there are as many as forms, since the zone is the hospital's. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(form: keyof typeof FORMS, zone: string): Intl.DateTimeFormat {
  const key = `${language()} ${form} ${zone}`;
  const kept = formatters.get(key);
  if (kept !== undefined) return kept;
  const made = newFormatter(FORMS[form], zone);
  formatters.set(key, made);
  return made;
}

function newFormatter(options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(language(), { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(language(), { ...options, timeZone: 'UTC' });
  }
}

/** Now, to the minute, renewed each minute. */
export function useNow(): number {
  const [clock] = useState(minuteClock);
  const now = useSyncExternalStore(clock.subscribe, clock.read);
  useEffect(() => clock.renew(), [clock]);
  return now;
}

function minuteClock() {
  let now = Date.now();
  return {
    read: () => now,
    renew: () => {
      now = Date.now();
    },
    subscribe: (changed: () => void) => {
      const timer = setInterval(() => {
        now = Date.now();
        changed();
      }, MINUTE_MS);
      return () => clearInterval(timer);
    },
  };
}
