import { language } from '../text/index.ts';

/** `12,408`, in the language's own grouping. */
export function count(value: number): string {
  plain ??= new Intl.NumberFormat(language());
  return plain.format(value);
}

/** Made once: the language changes only with a reload. */
let plain: Intl.NumberFormat | undefined;

/** `98.2 %`; never rounds what is below 1 up to 100 %. */
export function share(value: number): string {
  const shown = value < 1 ? Math.min(value, 0.999) : value;
  return new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: 1 }).format(shown);
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `3.2 GB`, by thousands. */
export function bytes(value: number): string {
  const step = value < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: BYTE_UNITS[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(value / 1000 ** step);
}

const DURATION_STEPS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const;

/** `3 hours`, in the largest unit that is at least 1. */
export function duration(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  const step = DURATION_STEPS.find((one) => seconds >= one.seconds) ?? DURATION_STEPS[3];
  return new Intl.NumberFormat(language(), { style: 'unit', unit: step.unit, unitDisplay: 'long' }).format(
    Math.round(seconds / step.seconds),
  );
}

/** `5 minutes ago`. */
export function ago(ms: number, nowMs: number): string {
  const seconds = (nowMs - ms) / 1000;
  const step = DURATION_STEPS.find((one) => Math.abs(seconds) >= one.seconds) ?? DURATION_STEPS[3];
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(
    -Math.round(seconds / step.seconds),
    step.unit,
  );
}

/** Events a second: one digit behind the point below 10. */
export function rate(value: number): string {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
