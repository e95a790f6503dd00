import type { BinaryReader, Parsed, Source, TableReader } from '../source.ts';
import type { Head, NativeRecord, Rejection } from '../types.ts';
import { Dispatcher } from './dispatch.ts';
import { type Encoding, detectEncoding, headText } from './encoding.ts';
import type { Cut, Framer } from './frames/cut.ts';
import { JsonDocumentFramer } from './frames/json-document.ts';
import { LineFramer, cutLines } from './frames/lines.ts';
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
  /** As received; a view that is valid until the next chunk is pushed. Empty for `part` > 0. */
  readonly raw: Buffer;
  readonly source: Source | null;
  readonly parsed: NativeRecord | Rejection;
  readonly latin1: boolean;
}

export interface ReaderOptions {
  /** Sources to choose from; one alone when the operator named the format. */
  sources: readonly Source[];
  /** Where an earlier reader stopped. */
  resume?: { offset: number; records: number; state: string | null };
}

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

  constructor(name: string, headBytes: Buffer, options: ReaderOptions) {
    const { sources, resume } = options;
    this.encoding = detectEncoding(headBytes);
    this.shape = recogniseShape(headOf(name, headBytes, this.encoding), sources);
    this.#dispatcher = new Dispatcher(sources);
    this.#framer = framerFor(this.shape, resume?.offset ?? 0);
    this.#binary = this.shape.kind === 'binary' ? this.shape.source.open() : null;
    this.#table = this.shape.kind === 'table' ? this.shape.source.open(resume?.state ?? null) : null;
    this.#records = resume?.records ?? 0;
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
    return this.#table?.state() ?? this.#framer?.state() ?? null;
  }

  push(chunk: Buffer): Item[] {
    if (this.#binary !== null) {
      this.#binaryBytes += chunk.length;
      return this.#binaryItems(this.#binary.push(chunk));
    }
    return this.#understandAll(this.#framer?.push(chunk) ?? []);
  }

  end(): Item[] {
    if (this.#binary !== null) return this.#binaryItems(this.#binary.end());
    return this.#understandAll(this.#framer?.end() ?? []);
  }

  /**
   * Whole lines out of their stream, for a worker that is handed blocks of a member (`lines` and `json` lines only). `offset`
   * and `record` are those of the block's first byte and line.
   */
  block(bytes: Buffer, offset: number): Item[] {
    const cuts: Cut[] = [];
    cutLines(bytes, offset, cuts);
    this.#records = 0;
    return this.#understandAll(cuts);
  }

  #understandAll(cuts: readonly Cut[]): Item[] {
    const items: Item[] = [];
    for (const cut of cuts) this.#understand(cut, items);
    return items;
  }

  #understand(cut: Cut, items: Item[]): void {
    const { offset, raw } = cut;
    const latin1 = cut.latin1 === true;
    if (cut.problem !== undefined) {
      items.push({ record: this.#records++, part: 0, offset, raw, source: null, parsed: cut.problem, latin1 });
      return;
    }
    const { source, parsed } = this.#parse(cut.text);
    if (parsed === null) return;
    const record = this.#records++;
    if (!isMany(parsed)) {
      items.push({ record, part: 0, offset, raw, source, parsed, latin1 });
      return;
    }
    for (const [part, one] of parsed.entries())
      items.push({ record, part, offset, raw: part === 0 ? raw : EMPTY, source, parsed: one, latin1 });
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
      raw,
      source,
      parsed,
      latin1: false,
    }));
  }
}

const EMPTY = Buffer.alloc(0);

function framerFor(shape: Shape, offset: number): Framer | null {
  switch (shape.kind) {
    case 'binary':
      return null;
    case 'message':
      return new MessageFramer(shape.source, offset);
    case 'xml':
      return new XmlElementFramer([...new Set(shape.sources.flatMap((source) => source.elements))], offset);
    case 'json-document':
      return new JsonDocumentFramer(shape.recordDepth, offset);
    case 'octets':
      return new OctetFramer(offset);
    case 'table':
    case 'lines':
      return new LineFramer(offset);
  }
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
