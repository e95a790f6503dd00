import type { Ledger } from '#ledger';

/** Events that travel with a finding: the first, and the last ones. */
export const EVENTS_PER_FINDING = 20;

type Event = Readonly<Record<string, unknown>>;

/** The order is cut when this many have gone, and half of it. */
const ORDER_CUT_MIN = 1_024;

interface Place {
  index: number;
  at: number;
  length: number;
}

/**
 * Events that rules matched lately: those that a finding rests on are nearly always among them. They lie in one ring of
 * bytes, so that keeping one allocates nothing; what the ring has no room for any more is read from the ledger.
 */
export class RecentEvents {
  readonly #ring: Buffer;
  /** Index of the entry → where it lies. */
  readonly #places = new Map<number, Place>();
  /** Oldest first, from `#oldest` on; what is forgotten stays until it is its turn. A Map passes over what was deleted. */
  #order: Place[] = [];
  #oldest = 0;
  #next = 0;

  /** `bytes`: size of the ring. */
  constructor(bytes: number) {
    this.#ring = Buffer.allocUnsafeSlow(bytes);
  }

  add(index: number, normal: Uint8Array): void {
    const { length } = normal;
    if (length > this.#ring.length) return;
    if (this.#next + length > this.#ring.length) {
      this.#makeRoom(this.#next, this.#ring.length);
      this.#next = 0;
    }
    const at = this.#next;
    this.#next = at + length;
    this.#makeRoom(at, this.#next);
    const place = { index, at, length };
    this.#places.set(index, place);
    this.#order.push(place);
    this.#ring.set(normal, at);
  }

  /** Writing goes round, so whatever lies in the way is the oldest. */
  #makeRoom(from: number, to: number): void {
    for (;;) {
      const place = this.#order[this.#oldest];
      if (place === undefined || place.at >= to || place.at + place.length <= from) break;
      if (this.#places.get(place.index) === place) this.#places.delete(place.index);
      this.#oldest += 1;
    }
    if (2 * this.#oldest <= this.#order.length || this.#oldest < ORDER_CUT_MIN) return;
    this.#order = this.#order.slice(this.#oldest);
    this.#oldest = 0;
  }

  forget(indexes: readonly number[]): void {
    for (const index of indexes) {
      const place = this.#places.get(index);
      if (place === undefined) continue;
      this.#ring.fill(0, place.at, place.at + place.length);
      this.#places.delete(index);
    }
  }

  get(index: number): Event | null {
    const place = this.#places.get(index);
    return place === undefined ? null : parse(this.#ring.subarray(place.at, place.at + place.length));
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
