import type { Ledger } from '#ledger';

/** Events that travel with a finding: the first, and the last ones. */
export const EVENTS_PER_FINDING = 20;

type Event = Readonly<Record<string, unknown>>;

/** Events that rules matched lately: those that a finding rests on are nearly always among them. */
export class RecentEvents {
  readonly #limit: number;
  readonly #events = new Map<number, Uint8Array>();

  /** `limit`: events kept; the oldest goes first, and is read from the ledger when it is wanted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a copy: a view would hold the whole batch. */
  add(index: number, normal: Uint8Array): void {
    this.#events.set(index, new Uint8Array(normal));
    if (this.#events.size <= this.#limit) return;
    for (const oldest of this.#events.keys()) {
      this.#events.delete(oldest);
      return;
    }
  }

  forget(indexes: readonly number[]): void {
    for (const index of indexes) this.#events.delete(index);
  }

  get(index: number): Event | null {
    const normal = this.#events.get(index);
    return normal === undefined ? null : parse(normal);
  }
}

/** The events of a finding, oldest first, at most EVENTS_PER_FINDING; erased ones are left out. */
export async function eventsOf(
  ledger: Pick<Ledger, 'entry'>,
  indexes: readonly number[],
  recent?: RecentEvents,
): Promise<{ index: number; event: Event }[]> {
  const chosen =
    indexes.length <= EVENTS_PER_FINDING ? indexes : [...indexes.slice(0, 1), ...indexes.slice(1 - EVENTS_PER_FINDING)];
  const events: { index: number; event: Event }[] = [];
  for (const index of chosen) {
    const event = recent?.get(index) ?? (await stored(ledger, index));
    if (event !== null) events.push({ index, event });
  }
  return events;
}

async function stored(ledger: Pick<Ledger, 'entry'>, index: number): Promise<Event | null> {
  const entry = await ledger.entry(index);
  return entry === null || entry.state !== 'present' ? null : parse(entry.normal);
}

function parse(normal: Uint8Array): Event {
  return JSON.parse(Buffer.from(normal.buffer, normal.byteOffset, normal.byteLength).toString('utf8')) as Event;
}
