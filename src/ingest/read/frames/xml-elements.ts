import { RECORD_BYTES_MAX } from '#kernel';
import { type Cut, type Framer, KEPT_BYTES_OF_TOO_LONG, tooLongCut, wholeCut } from './cut.ts';

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const DROPPING = 'dropping';
/** Longer names of elements are none of ours. */
const NAME_BYTES_MAX = 128;

/** A record's start tag: where it begins and what its element is called, with the prefix as written. */
interface Start {
  at: number;
  name: string;
}

/**
 * The elements of the given local names, wherever they stand (one after the other, or inside a root element). What stands
 * between them is passed over when it is markup or white space; other text there is reported.
 */
export class XmlElementFramer implements Framer {
  readonly #names: ReadonlySet<string>;
  #carry: Buffer = Buffer.alloc(0);
  #offset: number;
  /** No start tag begins in front of this byte of the carry. */
  #searched = 0;
  /** Set while the rest of an element or gap beyond the limit is being passed over. */
  #dropping: boolean;

  constructor(names: readonly string[], offset = 0, state: string | null = null) {
    this.#names = new Set(names);
    this.#offset = offset;
    this.#dropping = state === DROPPING;
  }

  get consumed(): number {
    return this.#offset;
  }

  state(): string | null {
    return this.#dropping ? DROPPING : null;
  }

  push(chunk: Buffer): Cut[] {
    const cuts: Cut[] = [];
    this.#carry = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    for (let start = this.#findStart(); start !== null; start = this.#findStart()) {
      const end = this.#findEnd(start);
      if (end === -1) {
        this.#pass(cuts, start.at);
        if (this.#carry.length > RECORD_BYTES_MAX) this.#drop(cuts, tooLongCut(this.#carry, this.#offset));
        return cuts;
      }
      this.#pass(cuts, start.at);
      cuts.push(wholeCut(this.#carry.subarray(0, end - start.at), this.#offset));
      this.#advance(end - start.at);
    }
    if (this.#dropping || this.#carry.length > RECORD_BYTES_MAX) this.#drop(cuts, this.#gap(this.#carry));
    return cuts;
  }

  end(): Cut[] {
    const cuts: Cut[] = [];
    const start = this.#findStart();
    this.#pass(cuts, start?.at ?? this.#carry.length);
    if (start !== null) {
      const problem = { reject: 'truncated', reason: `the ${start.name} element is not closed` } as const;
      cuts.push({ offset: this.#offset, raw: this.#carry, text: '', problem });
      this.#advance(this.#carry.length);
    }
    return cuts;
  }

  #findStart(): Start | null {
    for (;;) {
      const at = this.#carry.indexOf(LT, this.#searched);
      if (at === -1) {
        this.#searched = this.#carry.length;
        return null;
      }
      this.#searched = at;
      if (this.#isComment(at)) {
        const close = this.#carry.indexOf('-->', at + 4);
        if (close === -1) return null;
        this.#searched = close + 3;
        continue;
      }
      const name = this.#nameAt(at + 1);
      if (name === null) return null;
      if (this.#names.has(name.slice(name.indexOf(':') + 1))) return { at, name };
      this.#searched = at + 1;
    }
  }

  #isComment(at: number): boolean {
    return this.#carry[at + 1] === 0x21 && this.#carry.toString('latin1', at, at + 4) === '<!--';
  }

  /** The name that begins here, '' for none; null when the bytes end before it does. */
  #nameAt(from: number): string | null {
    const most = Math.min(this.#carry.length, from + NAME_BYTES_MAX);
    let at = from;
    while (at < most && !endsName(this.#carry[at] as number)) at += 1;
    if (at === from + NAME_BYTES_MAX) return '';
    return at === this.#carry.length ? null : this.#carry.toString('utf8', from, at);
  }

  /** The first byte behind the element, -1 when it does not end here. */
  #findEnd({ at, name }: Start): number {
    const tagEnd = this.#tagEnd(at);
    if (tagEnd === -1 || this.#carry[tagEnd - 1] === SLASH) return tagEnd === -1 ? -1 : tagEnd + 1;
    const closing = `</${name}`;
    for (let from = tagEnd; ;) {
      const found = this.#carry.indexOf(closing, from);
      if (found === -1) return -1;
      let end = found + closing.length;
      while ((this.#carry[end] ?? GT) <= 0x20) end += 1;
      if (end >= this.#carry.length) return -1;
      if (this.#carry[end] === GT) return end + 1;
      from = end;
    }
  }

  /** Where the tag that begins at `at` has its closing bracket; those in quoted values do not count. */
  #tagEnd(at: number): number {
    let quote = 0;
    for (let i = at; i < this.#carry.length; i += 1) {
      const byte = this.#carry[i] as number;
      if (quote !== 0) quote = byte === quote ? 0 : quote;
      else if (byte === GT) return i;
      else if (byte === 0x22 || byte === 0x27) quote = byte;
    }
    return -1;
  }

  /** Leaves `length` bytes of in-between behind, reporting them when they are more than markup and white space. */
  #pass(cuts: Cut[], length: number): void {
    const raw = this.#carry.subarray(0, length);
    if (!this.#dropping && !isMarkup(raw)) cuts.push(this.#gap(raw));
    if (length > 0) this.#dropping = false;
    this.#advance(length);
  }

  #gap(raw: Buffer): Cut {
    const problem = { reject: 'bad_xml', reason: 'text between the elements that is no record' } as const;
    return { offset: this.#offset, raw: raw.subarray(0, KEPT_BYTES_OF_TOO_LONG), text: '', problem };
  }

  #drop(cuts: Cut[], cut: Cut): void {
    if (!this.#dropping) cuts.push(cut);
    this.#dropping = true;
    // The last bytes stay: an element's tag may be cut between two chunks. They must not begin with the tag just dropped.
    this.#advance(Math.max(Math.min(1, this.#carry.length), this.#carry.length - NAME_BYTES_MAX));
  }

  #advance(length: number): void {
    this.#offset += length;
    this.#carry = this.#carry.subarray(length);
    this.#searched = Math.max(0, this.#searched - length);
  }
}

function endsName(byte: number): boolean {
  return byte <= 0x20 || byte === GT || byte === SLASH || byte === LT;
}

/** Also the `-` that some browsers put in front of what can be folded. */
function isMarkup(bytes: Buffer): boolean {
  if (bytes.length === 0) return true;
  const text = withoutComments(bytes.toString('utf8'))
    .replaceAll(/<[^<>]*>|\uFEFF/g, '')
    .replaceAll(/^[ \t]*-[ \t]*\r?$/gm, '');
  return text.trim() === '';
}

function withoutComments(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('<!--', from);
    const close = open === -1 ? -1 : text.indexOf('-->', open + 4);
    kept.push(text.slice(from, close === -1 ? text.length : open));
    if (close === -1) return kept.join('');
    from = close + 3;
  }
}
