import { Tooltip } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { language } from '../text/index.ts';
import { ago } from './numbers.ts';
import { useSession } from './session.ts';

const MINUTE_MS = 60_000;

export interface MomentProps {
  /** ms since the epoch. */
  ms: number;
  /** `stamp` 14 May 02:13:09 · `clock` 02:13:09 · `day` 14 May 2026 · `ago` 5 minutes ago */
  form?: 'stamp' | 'clock' | 'day' | 'ago';
}

/** A time in the hospital's zone; UTC on hover and for assistive technology. */
export function Moment({ ms, form = 'stamp' }: MomentProps): React.ReactNode {
  const { zone } = useSession();
  if (!Number.isFinite(ms)) return '–';
  const utc = new Date(ms).toISOString();
  const shown = form === 'ago' ? <Ago ms={ms} /> : formatMoment(ms, zone, form);
  return (
    <Tooltip label={`${formatMoment(ms, zone, 'full')} · ${utc.slice(0, 19).replace('T', ' ')} UTC`}>
      <time dateTime={utc} style={{ whiteSpace: 'nowrap' }}>
        {shown}
      </time>
    </Tooltip>
  );
}

function Ago({ ms }: { ms: number }): React.ReactNode {
  return ago(ms, useNow());
}

const FORMS = {
  stamp: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  hour: { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short', year: 'numeric' },
  full: { dateStyle: 'full', timeStyle: 'long', hourCycle: 'h23' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Text of a time in an IANA zone; an unknown zone falls back to UTC. */
export function formatMoment(ms: number, zone: string, form: keyof typeof FORMS): string {
  const options = FORMS[form];
  try {
    return new Intl.DateTimeFormat(language(), { ...options, timeZone: zone }).format(ms);
  } catch {
    return new Intl.DateTimeFormat(language(), { ...options, timeZone: 'UTC' }).format(ms);
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
