import type { TimeUnit } from './types.ts';

const WRITTEN = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2}))?/;
/** Epoch times: below it seconds, above it milliseconds (the year 5138 in seconds). */
const EPOCH_SECONDS_MAX = 1e11;
const DAY_MS = 86_400_000;

/**
 * One part of a date (modifiers appendix, "Time Modifiers"), as the record writes it: no zone is converted. A number
 * is an epoch time in seconds or milliseconds, read in UTC. `week` is the ISO 8601 week. Null = no date.
 */
export function timePart(text: string, unit: TimeUnit): number | null {
  const ms = writtenMs(text) ?? epochMs(text);
  if (ms === null) return null;
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return null;
  switch (unit) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'week':
      return isoWeek(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
  }
}

function writtenMs(text: string): number | null {
  const parts = WRITTEN.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute] = parts.slice(1).map((part) => Number(part ?? 0));
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
}

function epochMs(text: string): number | null {
  if (!/^\d{9,16}(\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  return value < EPOCH_SECONDS_MAX ? value * 1000 : value;
}

function isoWeek(date: Date): number {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.ceil(((thursday.getTime() - yearStart) / DAY_MS + 1) / 7);
}
