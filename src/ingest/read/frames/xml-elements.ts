import { isUtf8 } from 'node:buffer';
import { RECORD_BYTES_MAX } from '#kernel';
import { type Cut, type Framer, KEPT_BYTES_OF_TOO_LONG, tooLong } from './cut.ts';

/**
 * The elements of the given names, wherever they stand (one after the other, or inside a root element). What stands between
 * them is passed over when it is markup or white space; other text there is reported.
 */
export class XmlElementFramer implements Framer {
  readonly #names: readonly string[];
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;
  #dropping = false;

  constructor(names: readonly string[], offset = 0) {
    this.#names = names;
    this.#offset = offset;
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): null {
    return null;
  }

  push(chunk: Buffer): Cut[] {
    const cuts: Cut[] = [];
    this.#carry = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    for (;;) {
      const start = this.#findStart();
      if (start === null) break;
      const end = this.#findEnd(start);
      if (end === -1) {
        this.#pass(cuts, start.at);
        break;
      }
      this.#pass(cuts, start.at);
      this.#emit(cuts, end - start.at);
    }
    if (this.#carry.length > RECORD_BYTES_MAX) this.#drop(cuts);
    return cuts;
  }

  end(): Cut[] {
    const cuts: Cut[] = [];
    const start = this.#findStart();
    if (start === null) this.#pass(cuts, this.#carry.length);
    else {
      this.#pass(cuts, start.at);
      const problem = { reject: 'truncated', reason: `the ${start.name} element is not closed` } as const;
      cuts.push({ offset: this.#offset, raw: this.#carry, text: '', problem });
      this.#advance(this.#carry.length);
    }
    return cuts;
  }

  #findStart(): { at: number; name: string } | null {
    let best: { at: number; name: string } | null = null;
    for (const name of this.#names) {
      const at = indexOfTag(this.#carry, name);
      if (at !== -1 && (best === null || at < best.at)) best = { at, name };
    }
    return best;
  }

  #findEnd(start: { at: number; name: string }): number {
    const closing = `</${start.name}>`;
    const at = this.#carry.indexOf(closing, start.at);
    const prefixed = at === -1 ? closingWithSpace(this.#carry, start) : -1;
    return at === -1 ? prefixed : at + closing.length;
  }

  /** Leaves `length` bytes of in-between behind, reporting them when they are more than markup and white space. */
  #pass(cuts: Cut[], length: number): void {
    if (length === 0) return;
    const raw = this.#carry.subarray(0, length);
    const rest = raw
      .toString('utf8')
      .replaceAll(/<[^<>]*>|\uFEFF|^\s*-\s*$/gm, '')
      .trim();
    if (rest !== '' && rest !== '-' && !this.#dropping) {
      const problem = { reject: 'bad_xml', reason: 'text between the elements that is no record' } as const;
      cuts.push({ offset: this.#offset, raw: raw.subarray(0, KEPT_BYTES_OF_TOO_LONG), text: '', problem });
    }
    this.#dropping = false;
    this.#advance(length);
  }

  #emit(cuts: Cut[], length: number): void {
    const raw = this.#carry.subarray(0, length);
    const text = isUtf8(raw) ? raw.toString('utf8') : raw.toString('latin1');
    cuts.push({ offset: this.#offset, raw, text });
    this.#advance(length);
  }

  #drop(cuts: Cut[]): void {
    if (!this.#dropping) {
      const raw = this.#carry.subarray(0, KEPT_BYTES_OF_TOO_LONG);
      cuts.push({ offset: this.#offset, raw, text: '', problem: tooLong(RECORD_BYTES_MAX) });
    }
    this.#dropping = true;
    // The last bytes stay: an element's tag may be cut between two chunks.
    this.#advance(this.#carry.length - 64);
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#carry = this.#carry.subarray(length);
  }
}

/** Where `<name` begins a tag of exactly that name (with any namespace prefix left to the source); -1 when nowhere. */
function indexOfTag(bytes: Buffer, name: string): number {
  const opening = `<${name}`;
  for (let from = 0; ;) {
    const at = bytes.indexOf(opening, from);
    if (at === -1) return -1;
    const after = bytes[at + opening.length];
    if (after === undefined) return -1;
    if (after === 0x3e || after === 0x2f || after <= 0x20) return at;
    from = at + opening.length;
  }
}

/** `</Event >`: white space before the bracket is allowed by XML, if rare. */
function closingWithSpace(bytes: Buffer, start: { at: number; name: string }): number {
  const at = bytes.indexOf(`</${start.name}`, start.at);
  if (at === -1) return -1;
  const close = bytes.indexOf('>', at);
  return close !== -1 && bytes.toString('latin1', at + 2 + start.name.length, close).trim() === '' ? close + 1 : -1;
}
