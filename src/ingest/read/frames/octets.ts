import { RECORD_BYTES_MAX } from '#kernel';
import { bomLength } from '../encoding.ts';
import { type Cut, type Framer, KEPT_BYTES_OF_TOO_LONG, tooLong } from './cut.ts';

const COUNT = /^(\d{1,9}) /;
const LF = 10;

/**
 * Octet-counted syslog (RFC 6587 §3.4.1, RFC 5425 §4.3): `MSG-LEN SP SYSLOG-MSG`, the length in bytes. A message that has no
 * count is taken up to its line feed, so that one broken count does not lose what follows.
 */
export class OctetFramer implements Framer {
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): null {
    return null;
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
    let lead = this.#offset === 0 ? bomLength(this.#carry) : 0;
    while (lead < this.#carry.length && (this.#carry[lead] === LF || this.#carry[lead] === 13)) lead += 1;
    this.#advance(lead);
    if (this.#carry.length === 0) return false;
    const counted = COUNT.exec(this.#carry.toString('latin1', 0, 11));
    if (counted === null) return this.#carry.length >= 11 || atEnd ? this.#uncounted(cuts, atEnd) : false;
    const begin = counted[0].length;
    const length = Number(counted[1]);
    if (length > RECORD_BYTES_MAX) return this.#uncounted(cuts, atEnd);
    if (this.#carry.length < begin + length) return atEnd ? this.#cutShort(cuts, begin) : false;
    const raw = this.#carry.subarray(begin, begin + length);
    cuts.push({ offset: this.#offset + begin, raw, text: raw.toString('utf8') });
    this.#advance(begin + length);
    return true;
  }

  #uncounted(cuts: Cut[], atEnd: boolean): boolean {
    const feed = this.#carry.indexOf(LF);
    if (feed === -1 && !atEnd && this.#carry.length <= RECORD_BYTES_MAX) return false;
    const end = feed === -1 ? this.#carry.length : feed;
    const raw = this.#carry.subarray(0, end);
    if (end > RECORD_BYTES_MAX)
      cuts.push({
        offset: this.#offset,
        raw: raw.subarray(0, KEPT_BYTES_OF_TOO_LONG),
        text: '',
        problem: tooLong(RECORD_BYTES_MAX),
      });
    else cuts.push({ offset: this.#offset, raw, text: raw.toString('utf8') });
    this.#advance(end);
    return true;
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
