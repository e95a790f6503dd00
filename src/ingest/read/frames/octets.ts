import { RECORD_BYTES_MAX } from '#kernel';
import { bomLength } from '../encoding.ts';
import { type Cut, type Framer, wholeCut } from './cut.ts';

const COUNT = /^(\d{1,9}) /;
/** A count with its space. */
const COUNT_BYTES_MAX = 10;
const LF = 10;
const SKIPPING = 'skipping';

/**
 * Octet-counted syslog (RFC 6587 §3.4.1, RFC 5425 §4.3): `MSG-LEN SP SYSLOG-MSG`, the length in bytes. A message that has no
 * count is taken up to its line feed, so that one broken count does not lose what follows.
 */
export class OctetFramer implements Framer {
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;
  /** Set while the rest of an uncounted line beyond the limit is being passed over. */
  #skipping: boolean;

  constructor(offset = 0, state: string | null = null) {
    this.#offset = offset;
    this.#skipping = state === SKIPPING;
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): string | null {
    return this.#skipping ? SKIPPING : null;
  }

  push(chunk: Buffer): Cut[] {
    this.#carry = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    return this.#drain(false);
  }

  end(): Cut[] {
    return this.#drain(true);
  }

  #drain(atEnd: boolean): Cut[] {
    const cuts: Cut[] = [];
    while (this.#step(cuts, atEnd));
    return cuts;
  }

  /** Cuts one message; false when more bytes are needed. */
  #step(cuts: Cut[], atEnd: boolean): boolean {
    if (this.#skipping && !this.#skip()) return false;
    let lead = this.#offset === 0 ? bomLength(this.#carry) : 0;
    while (lead < this.#carry.length && (this.#carry[lead] === LF || this.#carry[lead] === 13)) lead += 1;
    this.#advance(lead);
    if (this.#carry.length === 0 || (this.#carry.length < COUNT_BYTES_MAX && !atEnd)) return false;
    const counted = COUNT.exec(this.#carry.toString('latin1', 0, COUNT_BYTES_MAX));
    if (counted === null) return this.#uncounted(cuts, atEnd);
    const begin = counted[0].length;
    const length = Number(counted[1]);
    if (length > RECORD_BYTES_MAX) return this.#uncounted(cuts, atEnd);
    if (this.#carry.length < begin + length) return atEnd ? this.#cutShort(cuts, begin) : false;
    if (length > 0) {
      const cut = wholeCut(this.#carry.subarray(begin, begin + length), this.#offset + begin);
      cuts.push({ ...cut, frameOffset: this.#offset });
    }
    this.#advance(begin + length);
    return true;
  }

  #uncounted(cuts: Cut[], atEnd: boolean): boolean {
    const feed = this.#carry.indexOf(LF);
    if (feed === -1 && !atEnd && this.#carry.length <= RECORD_BYTES_MAX) return false;
    const end = feed === -1 ? this.#carry.length : feed;
    cuts.push(wholeCut(this.#carry.subarray(0, end), this.#offset));
    this.#skipping = feed === -1 && !atEnd;
    this.#advance(end);
    return true;
  }

  /** Passes over the rest of a line; false when it goes on behind the bytes in hand. */
  #skip(): boolean {
    const feed = this.#carry.indexOf(LF);
    this.#advance(feed === -1 ? this.#carry.length : feed);
    this.#skipping = feed === -1;
    return feed !== -1;
  }

  #cutShort(cuts: Cut[], begin: number): boolean {
    const raw = this.#carry.subarray(begin);
    const problem = { reject: 'truncated', reason: 'the message is shorter than its octet count says' } as const;
    cuts.push({ offset: this.#offset + begin, raw, text: '', problem });
    this.#advance(this.#carry.length);
    return false;
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#carry = this.#carry.subarray(length);
  }
}
