import { OFFSETS_KEPT, REJECT_CODES_MAX } from './limits.ts';
import type { LiveSource, LiveSourceStatus } from './types.ts';

const MINUTE_MS = 60_000;
const MINUTES_KEPT = 60;
const SECONDS_KEPT = 60;
/** A source is troubled when fewer of the last hour's records than this could be read, … */
const PARSE_SHARE_MIN = 0.9;
/** … of at least so many; */
const RECORDS_TO_JUDGE = 20;
/** or when its clock is apart from ours by more than this. */
const OFFSET_S_MAX = 300;
/** What arrives late by ever different times is a backlog that is sent after, and no clock. */
const OFFSET_SPREAD_S_MAX = 120;

interface Minute {
  minuteMs: number;
  events: number;
  rejected: number;
  lost: number;
}

/** What one mapped submission adds. */
export interface Progress {
  atMs: number;
  /** All records, what could not be read among them. */
  events: number;
  rejects: Readonly<Record<string, number>>;
  gaps: number;
  /** Receive time less event time, ms. */
  offsets: readonly number[];
}

/** Counts of one source. */
export class SourceStatistics {
  #events = 0;
  #rejected = 0;
  #gaps = 0;
  #lost = 0;
  #lastEventMs: number | null = null;
  #rejects: Record<string, number> = {};
  #minutes: Minute[] = [];
  #offsets: number[] = [];
  readonly #seconds = new Uint32Array(SECONDS_KEPT);
  #second = 0;
  /** Why something of it is not read, in the words of whoever reads it. */
  #trouble: string | null = null;
  isChanged = false;

  /** @param stored what `stored()` gave; counts begin at 0 without it. */
  constructor(stored: string | null) {
    if (stored === null) return;
    const kept = JSON.parse(stored) as Partial<ReturnType<SourceStatistics['snapshot']>>;
    this.#events = kept.events ?? 0;
    this.#rejected = kept.rejected ?? 0;
    this.#gaps = kept.gaps ?? 0;
    this.#lost = kept.lost ?? 0;
    this.#lastEventMs = kept.lastEventMs ?? null;
    this.#rejects = kept.rejects ?? {};
    this.#minutes = kept.minutes ?? [];
    this.#offsets = kept.offsets ?? [];
  }

  add({ atMs, events, rejects, gaps, offsets }: Progress): void {
    if (events === 0 && gaps === 0) return;
    this.isChanged = true;
    const minute = this.#minuteAt(atMs);
    this.#events += events;
    this.#gaps = Math.max(0, this.#gaps + gaps);
    minute.events += events;
    this.#lastEventMs = Math.max(this.#lastEventMs ?? 0, atMs);
    for (const [code, count] of Object.entries(rejects)) {
      this.#rejected += count;
      minute.rejected += count;
      const isKnown = code in this.#rejects || Object.keys(this.#rejects).length < REJECT_CODES_MAX;
      const key = isKnown ? code : 'other';
      this.#rejects[key] = (this.#rejects[key] ?? 0) + count;
    }
    this.#offsets = [...this.#offsets, ...offsets].slice(-OFFSETS_KEPT);
    this.#rollSeconds(atMs);
    const slot = this.#second % SECONDS_KEPT;
    this.#seconds[slot] = (this.#seconds[slot] ?? 0) + events;
  }

  addLost(count: number, atMs: number): void {
    this.isChanged = true;
    this.#lost += count;
    this.#minuteAt(atMs).lost += count;
  }

  /** What keeps something of it from being read, a sentence; null when that is over. */
  setTrouble(trouble: string | null): void {
    this.#trouble = trouble;
  }

  /** For `SourceStatistics` of a later run. */
  stored(): string {
    this.isChanged = false;
    return JSON.stringify(this.snapshot());
  }

  snapshot() {
    return {
      events: this.#events,
      rejected: this.#rejected,
      gaps: this.#gaps,
      lost: this.#lost,
      lastEventMs: this.#lastEventMs,
      rejects: this.#rejects,
      minutes: this.#minutes,
      offsets: this.#offsets,
    };
  }

  status(source: LiveSource, { createdMs, isConfirmed, nowMs }: StatusContext): LiveSourceStatus {
    this.#rollSeconds(nowMs);
    const clockOffsetS = median(this.#offsets);
    return {
      source,
      createdMs,
      ...this.#health(source, { createdMs, isConfirmed, nowMs }, clockOffsetS),
      lastEventMs: this.#lastEventMs,
      events: this.#events,
      rejected: this.#rejected,
      rejects: { ...this.#rejects },
      rate: this.#seconds.reduce((sum, count) => sum + count, 0) / SECONDS_KEPT,
      rates: this.#lastHour(nowMs),
      gaps: this.#gaps,
      lost: this.#lost,
      clockOffsetS,
    };
  }

  #health(
    { silentAfterMs }: LiveSource,
    { createdMs, isConfirmed, nowMs }: StatusContext,
    clockOffsetS: number | null,
  ): Pick<LiveSourceStatus, 'health' | 'problem'> {
    const since = nowMs - (this.#lastEventMs ?? createdMs);
    if (silentAfterMs !== null && since > silentAfterMs)
      return { health: 'silent', problem: `nothing has come for ${Math.floor(since / MINUTE_MS)} minutes` };
    const problem = this.#trouble ?? this.#problem(nowMs, clockOffsetS);
    if (problem !== null) return { health: 'troubled', problem };
    if (this.#lastEventMs === null) return { health: 'new', problem: 'nothing has come yet' };
    if (!isConfirmed) return { health: 'new', problem: 'it announced itself; give it a name to confirm it' };
    return { health: 'ok', problem: null };
  }

  #problem(nowMs: number, clockOffsetS: number | null): string | null {
    const hour = this.#minutes.filter(({ minuteMs }) => minuteMs > nowMs - MINUTES_KEPT * MINUTE_MS);
    const sum = (of: 'events' | 'rejected' | 'lost'): number => hour.reduce((total, one) => total + one[of], 0);
    const events = sum('events');
    if (sum('lost') > 0) return `${sum('lost')} records were lost before they could be read, in the last hour`;
    if (events >= RECORDS_TO_JUDGE && 1 - sum('rejected') / events < PARSE_SHARE_MIN)
      return `${sum('rejected')} of ${events} records of the last hour could not be read; they are kept as they came`;
    if (clockOffsetS !== null && Math.abs(clockOffsetS) > OFFSET_S_MAX && this.#isOffsetSteady())
      return `its clock is ${Math.abs(Math.round(clockOffsetS))} s ${clockOffsetS > 0 ? 'behind' : 'ahead of'} ours`;
    return null;
  }

  /** Enough of the latest offsets lie close together. */
  #isOffsetSteady(): boolean {
    const sorted = this.#offsets.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return sorted.length >= RECORDS_TO_JUDGE && at(0.9) - at(0.1) <= OFFSET_SPREAD_S_MAX;
  }

  #minuteAt(atMs: number): Minute {
    const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const found = this.#minutes.findLast((one) => one.minuteMs === minuteMs);
    if (found !== undefined) return found;
    const fresh = { minuteMs, events: 0, rejected: 0, lost: 0 };
    this.#minutes = [...this.#minutes, fresh].slice(-MINUTES_KEPT);
    return fresh;
  }

  #lastHour(nowMs: number): { minuteMs: number; events: number; rejected: number }[] {
    const last = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const byMinute = new Map(this.#minutes.map((one) => [one.minuteMs, one]));
    return Array.from({ length: MINUTES_KEPT }, (_, n) => {
      const minuteMs = last - (MINUTES_KEPT - 1 - n) * MINUTE_MS;
      const { events = 0, rejected = 0 } = byMinute.get(minuteMs) ?? {};
      return { minuteMs, events, rejected };
    });
  }

  /** Empties the seconds between the last event and `atMs`. A clock that went back leaves them as they are. */
  #rollSeconds(atMs: number): void {
    const second = Math.floor(atMs / 1000);
    const passed = Math.min(SECONDS_KEPT, second - this.#second);
    for (let n = 1; n <= passed; n += 1) this.#seconds[(this.#second + n) % SECONDS_KEPT] = 0;
    if (passed === SECONDS_KEPT) this.#seconds.fill(0);
    this.#second = Math.max(this.#second, second);
  }
}

interface StatusContext {
  createdMs: number;
  isConfirmed: boolean;
  nowMs: number;
}

/** In seconds; null without any. */
function median(offsets: readonly number[]): number | null {
  const sorted = offsets.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? null : middle / 1000;
}
