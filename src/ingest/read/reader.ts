import type { BinaryReader, Parsed, Source, TableReader } from '../source.ts';
import type { Head, NativeRecord, Rejection } from '../types.ts';
import { Dispatcher } from './dispatch.ts';
import { type Encoding, detectEncoding, headText } from './encoding.ts';
import { type Cut, type Framer, wholeCut } from './frames/cut.ts';
import { JsonDocumentFramer } from './frames/json-document.ts';
import { LineFramer, SKIPPING, cutLines } from './frames/lines.ts';
import { MessageFramer } from './frames/messages.ts';
import { OctetFramer } from './frames/octets.ts';
import { XmlElementFramer } from './frames/xml-elements.ts';
import { type Shape, recogniseShape } from './recognise.ts';

/** One record of a member: understood, or rejected with its reason. */
export interface Item {
  /** Number of the record within the member, from 0; records of one frame (a bundle) share it. */
  readonly record: number;
  /** Place within the frame, from 0; more than 0 only in bundles. */
  readonly part: number;
  readonly offset: number;
  /** Where reading may begin with this record: `offset`, or in front of it. */
  readonly frameOffset: number;
  /** As received; a view that is valid until the next chunk is pushed. Empty for `part` > 0. */
  readonly raw: Buffer;
  readonly source: Source | null;
  readonly parsed: NativeRecord | Rejection;
  readonly latin1: boolean;
  /** What a reader needs that begins at this record. */
  readonly state: string | null;
}

export interface ReaderOptions {
  /** Sources to choose from; one alone when the operator named the format. */
  sources: readonly Source[];
  /** Where an earlier reader stopped. */
  resume?: { offset: number; records: number; state: string | null };
  /** Given where whoever hands over the bytes cuts the records itself; else recognised from the first bytes. */
  shape?: Shape;
}

/** Records in one frame (a bundle, a wrapper on one line): they become durable together. */
export const PARTS_MAX = 10_000;

/** Turns the (UTF-8) bytes of one member into records. */
export class MemberReader {
  readonly encoding: Encoding;
  readonly shape: Shape;
  readonly #dispatcher: Dispatcher;
  readonly #framer: Framer | null;
  readonly #binary: BinaryReader | null;
  readonly #table: TableReader | null;
  #records: number;
  #binaryBytes = 0;
  /** What a reader needs that begins at the record in hand; the same object for many records. */
  #stateAt: string | null;

  constructor(name: string, headBytes: Buffer, options: ReaderOptions) {
    const { sources, resume } = options;
    this.encoding = detectEncoding(headBytes);
    this.shape = options.shape ?? recogniseShape(headOf(name, headBytes, this.encoding), sources);
    this.#dispatcher = new Dispatcher(sources);
    this.#framer = framerFor(this.shape, resume?.offset ?? 0, resume?.state ?? null);
    this.#binary = this.shape.kind === 'binary' ? this.shape.source.open() : null;
    this.#table = this.shape.kind === 'table' ? this.shape.source.open(tableState(resume?.state ?? null)) : null;
    // A binary file is read from its beginning each time.
    this.#records = this.#binary === null ? (resume?.records ?? 0) : 0;
    this.#stateAt = this.#table?.state() ?? null;
  }

  /** Records cut so far, with those of the reader that this one resumed. */
  get records(): number {
    return this.#records;
  }

  /** Bytes in front of this offset have become records; a binary file is consumed as a whole at its end. */
  get consumed(): number {
    return this.#framer?.consumed ?? this.#binaryBytes;
  }

  /** What a resuming reader needs besides offset and record number. */
  state(): string | null {
    const framing = this.#framer?.state() ?? null;
    if (this.#table === null) return framing;
    return framing === null ? this.#table.state() : `${framing}\n${this.#table.state()}`;
  }

  push(chunk: Buffer): Item[] {
    if (this.#binary !== null) {
      this.#binaryBytes += chunk.length;
      return this.#binaryItems(this.#binary.push(chunk));
    }
    return this.#understandAll(this.#framer?.push(chunk) ?? []);
  }

  /** As `push`, but one by one: an item that is used up before the next one is asked for costs the collector little. */
  *each(chunk: Buffer): Generator<Item> {
    if (this.#binary !== null) yield* this.push(chunk);
    else yield* this.#understandEach(this.#framer?.push(chunk) ?? []);
  }

  end(): Item[] {
    if (this.#binary !== null) return this.#binaryItems(this.#binary.end());
    return this.#understandAll(this.#framer?.end() ?? []);
  }

  /**
   * Whole lines out of their stream, for a worker that is handed blocks of a member (`lines` and `json` lines only). `offset`
   * and `record` are those of the block's first byte and line.
   */
  block(bytes: Buffer, offset: number): Generator<Item> {
    const cuts: Cut[] = [];
    cutLines(bytes, offset, cuts);
    this.#records = 0;
    return this.#understandEach(cuts);
  }

  /** One record, whole and by itself, at `offset` of whatever it was cut from. */
  one(bytes: Buffer, offset: number): Generator<Item> {
    return this.#understandEach([wholeCut(bytes, offset)]);
  }

  #understandAll(cuts: readonly Cut[]): Item[] {
    const items: Item[] = [];
    for (const cut of cuts) this.#understand(cut, items);
    return items;
  }

  *#understandEach(cuts: readonly Cut[]): Generator<Item> {
    const items: Item[] = [];
    for (const cut of cuts) {
      this.#understand(cut, items);
      yield* items;
      items.length = 0;
    }
  }

  #understand(cut: Cut, items: Item[]): void {
    const { offset, raw } = cut;
    const latin1 = cut.latin1 === true;
    const { frameOffset = offset, state = this.#stateAt } = cut;
    if (cut.problem !== undefined) {
      const record = this.#records++;
      items.push({ record, part: 0, offset, frameOffset, raw, source: null, parsed: cut.problem, latin1, state });
      return;
    }
    const { source, parsed } = this.#parseOrReject(cut.text);
    if (parsed === null) {
      // Only lines that are no records change what a table's columns mean.
      if (this.#table !== null) this.#stateAt = this.#table.state();
      return;
    }
    const record = this.#records++;
    if (!isMany(parsed) || parsed.length > PARTS_MAX) {
      const one = isMany(parsed) ? TOO_MANY_PARTS : parsed;
      items.push({ record, part: 0, offset, frameOffset, raw, source, parsed: one, latin1, state });
      return;
    }
    for (const [part, one] of parsed.entries())
      items.push({
        record,
        part,
        offset,
        frameOffset,
        raw: part === 0 ? raw : EMPTY,
        source,
        parsed: one,
        latin1,
        state,
      });
  }

  /** One record that somebody prepared to make a source fail must not keep out those behind it. */
  #parseOrReject(text: string): { source: Source | null; parsed: Parsed } {
    try {
      return this.#parse(text);
    } catch {
      return { source: null, parsed: FAULTY };
    }
  }

  #parse(text: string): { source: Source | null; parsed: Parsed } {
    switch (this.shape.kind) {
      case 'table':
        return { source: this.shape.source, parsed: this.#table?.line(text) ?? null };
      case 'message':
        return { source: this.shape.source, parsed: this.shape.source.parse(text) };
      case 'xml':
        return this.#dispatcher.xml(text);
      case 'json-document':
        return this.#dispatcher.json(text);
      case 'octets':
      case 'lines':
      case 'binary':
        return this.#dispatcher.line(text);
    }
  }

  #binaryItems(found: ReturnType<BinaryReader['push']>): Item[] {
    const source = this.shape.kind === 'binary' ? this.shape.source : null;
    this.#records += found.length;
    return found.map(({ record, offset, raw, parsed }) => ({
      record,
      part: 0,
      offset,
      frameOffset: offset,
      raw,
      source,
      parsed,
      latin1: false,
      state: null,
    }));
  }
}

/** Where a source throws instead of saying what is wrong. */
export const FAULTY: Rejection = {
  reject: 'bad_record',
  reason: 'Wardkeep failed over this record; it is kept as it came',
};
const EMPTY = Buffer.alloc(0);
const TOO_MANY_PARTS: Rejection = {
  reject: 'too_long',
  reason: `the record holds more than ${PARTS_MAX} records; it is kept as it came`,
};

function framerFor(shape: Shape, offset: number, state: string | null): Framer | null {
  switch (shape.kind) {
    case 'binary':
      return null;
    case 'message':
      return new MessageFramer(shape.source, offset, state);
    case 'xml':
      return new XmlElementFramer([...new Set(shape.sources.flatMap((source) => source.elements))], offset, state);
    case 'json-document':
      return new JsonDocumentFramer(shape.recordDepth, offset, state);
    case 'octets':
      return new OctetFramer(offset, state);
    case 'table':
      return new LineFramer(offset, lineState(state));
    case 'lines':
      return new LineFramer(offset, state);
  }
}

/** The state of a table's reading is that of its columns, behind that of its lines where these are not between two. */
function tableState(state: string | null): string | null {
  return lineState(state) === null ? state : (state ?? '').slice(`${SKIPPING}\n`.length);
}

function lineState(state: string | null): string | null {
  return state?.startsWith(`${SKIPPING}\n`) === true ? SKIPPING : null;
}

function headOf(name: string, bytes: Buffer, encoding: Encoding): Head {
  const text = headText(bytes, encoding);
  return {
    name: name.slice(name.lastIndexOf('/') + 1),
    bytes,
    text,
    get json() {
      return firstJson(text);
    },
  };
}

function firstJson(text: string): unknown {
  const end = text.indexOf('\n');
  for (const candidate of end === -1 ? [text] : [text.slice(0, end), text]) {
    try {
      const value: unknown = JSON.parse(candidate);
      return Array.isArray(value) ? value[0] : value;
    } catch {
      // Not whole, or not JSON: the next candidate, or none.
    }
  }
  return undefined;
}

function isMany(parsed: Exclude<Parsed, null>): parsed is readonly NativeRecord[] {
  return Array.isArray(parsed);
}
