import { SYSLOG_FRAME_BYTES_MAX } from '../limits.ts';
import { Carry } from './carry.ts';

const LF = 10;
const CR = 13;
const SPACE = 0x20;
const LESS = 0x3c;
const COUNT_DIGITS_MAX = 7;

/**
 * Cuts a syslog stream into messages. Each frame is told by itself: octet-counted (`MSG-LEN SP <`, RFC 6587 §3.4.1, RFC 5425)
 * or up to a line feed (§3.4.2), since senders change between the two when they are set up anew.
 */
export class SyslogFramer {
  readonly #carry = new Carry();
  /** So many bytes of what is carried have no line feed in them. */
  #searched = 0;
  readonly #bytesMax: number;

  constructor(bytesMax = SYSLOG_FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The messages that the bytes complete; broken when one is too long, and nothing behind it can be cut. */
  push(chunk: Buffer): { frames: Buffer[]; isBroken: boolean } {
    const data = this.#carry.followedBy(chunk);
    const frames: Buffer[] = [];
    let at = 0;
    for (;;) {
      // Passed over here, not carried: a sender of nothing but line feeds fills no memory.
      while (data[at] === LF || data[at] === CR || data[at] === 0) at += 1;
      const next = this.#next(data, at);
      if (next === 'broken') return { frames, isBroken: true };
      if (next === null) break;
      if (next.end > next.start) frames.push(data.subarray(next.start, next.end));
      at = next.behind;
    }
    this.#carry.keep(data, at);
    return { frames, isBroken: false };
  }

  /** What stands behind the last whole message, when the sender has closed. */
  end(): Buffer | null {
    const rest = this.#carry.take();
    this.#searched = 0;
    return rest.length === 0 ? null : rest;
  }

  /** Where the message that begins at `at` ends; null while it is not whole. */
  #next(data: Buffer, at: number): { start: number; end: number; behind: number } | 'broken' | null {
    const count = countAt(data, at);
    if (count === 'more') return null;
    if (count !== null) {
      if (count.length > this.#bytesMax) return 'broken';
      const end = count.start + count.length;
      return end > data.length ? null : { start: count.start, end, behind: end };
    }
    const feed = data.indexOf(LF, at + this.#searched);
    this.#searched = feed === -1 ? data.length - at : 0;
    if (feed === -1) return data.length - at > this.#bytesMax ? 'broken' : null;
    if (feed - at > this.#bytesMax) return 'broken';
    const end = data[feed - 1] === CR ? feed - 1 : feed;
    return { start: at, end, behind: feed + 1 };
  }
}

/** A count and where its message begins; null where there is none, `more` where that cannot be said yet. */
function countAt(data: Buffer, at: number): { start: number; length: number } | 'more' | null {
  let digits = at;
  while (digits < data.length && digits - at <= COUNT_DIGITS_MAX && isDigit(data[digits] ?? 0)) digits += 1;
  const isCandidate = digits > at && digits - at <= COUNT_DIGITS_MAX && data[at] !== 0x30;
  if (at === data.length || (isCandidate && digits + 1 >= data.length)) return 'more';
  if (!isCandidate || data[digits] !== SPACE || data[digits + 1] !== LESS) return null;
  return { start: digits + 1, length: Number(data.toString('latin1', at, digits)) };
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
