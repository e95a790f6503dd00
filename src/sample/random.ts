/** A small seeded generator of numbers: the same seed gives the same hospital night. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [least, most]. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new TypeError('nothing to pick from');
    return item;
  }

  /** How many things happen in a span in which `mean` happen on average (Poisson, after Knuth; mean at most 500). */
  count(mean: number): number {
    const least = Math.exp(-Math.min(mean, 500));
    let product = this.next();
    let count = 0;
    while (product > least) {
      product *= this.next();
      count += 1;
    }
    return count;
  }
}
