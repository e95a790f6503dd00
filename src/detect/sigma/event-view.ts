import { type Accessor, type Fields, type Texts, textsOf } from './values.ts';

/**
 * One event as the rules of one route see it: each field is read, turned to text and folded at most once, and only
 * when somebody asks. Fields are numbered (`slot`) when rules are compiled.
 */
export class EventView {
  readonly #accessors: Accessor[] = [];
  readonly #raw: unknown[] = [];
  readonly #texts: Texts[] = [];
  readonly #folded: Texts[] = [];
  readonly #rawAt: number[] = [];
  readonly #textsAt: number[] = [];
  readonly #foldedAt: number[] = [];
  #epoch = 0;
  #fields: Fields = {};

  /** Numbers a field. Only while compiling. */
  addSlot(accessor: Accessor): number {
    const slot = this.#accessors.push(accessor) - 1;
    this.#raw.push(undefined);
    this.#texts.push(null);
    this.#folded.push(null);
    this.#rawAt.push(0);
    this.#textsAt.push(0);
    this.#foldedAt.push(0);
    return slot;
  }

  /** Counts up with each event: what was computed for another epoch is stale. */
  get epoch(): number {
    return this.#epoch;
  }

  get fields(): Fields {
    return this.#fields;
  }

  open(fields: Fields): void {
    this.#epoch++;
    this.#fields = fields;
  }

  /** Lets go of the event, so that its memory is free while none is looked at. */
  close(): void {
    this.#fields = {};
  }

  raw(slot: number): unknown {
    if (this.#rawAt[slot] !== this.#epoch) {
      this.#raw[slot] = this.#accessors[slot]?.(this.#fields);
      this.#rawAt[slot] = this.#epoch;
    }
    return this.#raw[slot];
  }

  texts(slot: number): Texts {
    if (this.#textsAt[slot] !== this.#epoch) {
      this.#texts[slot] = textsOf(this.raw(slot));
      this.#textsAt[slot] = this.#epoch;
    }
    return this.#texts[slot] ?? null;
  }

  /** The texts in lower case. */
  folded(slot: number): Texts {
    if (this.#foldedAt[slot] !== this.#epoch) {
      const texts = this.texts(slot);
      if (typeof texts === 'string') this.#folded[slot] = texts.toLowerCase();
      else this.#folded[slot] = texts === null ? null : texts.map((text) => text.toLowerCase());
      this.#foldedAt[slot] = this.#epoch;
    }
    return this.#folded[slot] ?? null;
  }
}
