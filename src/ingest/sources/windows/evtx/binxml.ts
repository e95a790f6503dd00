import { NESTING_DEPTH_MAX } from '#kernel';
import { encodeEntities } from '../../../xml/xml.ts';
import { EvtxFault } from './fault.ts';
import type { Attribute, Element, Instance, Node, Substitution, Value } from './nodes.ts';

/** Values of one template; real ones have fewer than a hundred. */
const VALUES_MAX = 4096;
/** Bit of a token: more follows (attributes of an element, further values). */
const MORE = 0x40;

const T = {
  end: 0x00,
  open: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  closeElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  character: 0x08,
  entity: 0x09,
  piTarget: 0x0a,
  piData: 0x0b,
  template: 0x0c,
  normal: 0x0d,
  optional: 0x0e,
  fragment: 0x0f,
} as const;

/** A place in a chunk that reading moves on. */
interface Cursor {
  at: number;
  readonly end: number;
}

/**
 * Reads BinXML of one chunk ([MS-EVEN6] 2.2.12; offsets of names and templates count from the chunk's first byte).
 * Templates and names are read once and kept, a chunk at a time. Throws `EvtxFault` or `RangeError` on broken bytes.
 */
export class BinXml {
  readonly #chunk: Buffer;
  readonly #names = new Map<number, string>();
  readonly #templates = new Map<number, readonly Node[]>();

  constructor(chunk: Buffer) {
    this.#chunk = chunk;
  }

  /** The nodes of the fragment that lies in `[at, end)`. */
  fragment(at: number, end: number, depth = 0): readonly Node[] {
    return this.#content({ at, end }, depth);
  }

  #content(cursor: Cursor, depth: number): Node[] {
    if (depth > NESTING_DEPTH_MAX) throw new EvtxFault('its elements are nested too deeply');
    const nodes: Node[] = [];
    while (cursor.at < cursor.end) {
      const token = this.#chunk.readUInt8(cursor.at) & ~MORE;
      if (token === T.closeElement) {
        cursor.at += 1;
        break;
      }
      if (token === T.end) break;
      const node = this.#node(token, cursor, depth);
      if (node !== null) nodes.push(node);
    }
    return nodes;
  }

  #node(token: number, cursor: Cursor, depth: number): Node | null {
    switch (token) {
      case T.open:
        return this.#element(cursor, depth);
      case T.template:
        return this.#instance(cursor, depth);
      case T.fragment:
        cursor.at += 4;
        return null;
      case T.cdata:
        cursor.at += 1;
        return encodeEntities(this.#counted(cursor));
      case T.piTarget:
        cursor.at += 1;
        this.#name(cursor);
        return null;
      case T.piData:
        cursor.at += 1;
        this.#counted(cursor);
        return null;
      default:
        return this.#piece(token, cursor);
    }
  }

  /** Text or a place for a value: what may stand in an attribute as well as in an element. */
  #piece(token: number, cursor: Cursor): string | Substitution {
    switch (token) {
      case T.value:
        if (this.#chunk.readUInt8(cursor.at + 1) !== 0x01) throw new EvtxFault('it has a literal that is no text');
        cursor.at += 2;
        return encodeEntities(this.#counted(cursor));
      case T.normal:
      case T.optional: {
        const index = this.#chunk.readUInt16LE(cursor.at + 1);
        cursor.at += 4;
        return { kind: 'substitution', index, isOptional: token === T.optional };
      }
      case T.character: {
        const code = this.#chunk.readUInt16LE(cursor.at + 1);
        cursor.at += 3;
        return encodeEntities(String.fromCharCode(code));
      }
      case T.entity:
        cursor.at += 1;
        return entityText(this.#name(cursor));
      default:
        throw new EvtxFault(`it has the unknown token 0x${token.toString(16)}`);
    }
  }

  #element(cursor: Cursor, depth: number): Element {
    const hasAttributes = (this.#chunk.readUInt8(cursor.at) & MORE) !== 0;
    // Token, dependency, size: the size only helps those who pass over the element.
    cursor.at += 7;
    const name = xmlName(this.#name(cursor));
    const attributes: Attribute[] = [];
    if (hasAttributes) {
      cursor.at += 4;
      while (cursor.at < cursor.end && (this.#chunk.readUInt8(cursor.at) & ~MORE) === T.attribute)
        attributes.push(this.#attribute(cursor));
    }
    const closing = this.#chunk.readUInt8(cursor.at);
    cursor.at += 1;
    if (closing === T.closeEmpty) return { kind: 'element', name, attributes, children: [] };
    if (closing !== T.closeStart) throw new EvtxFault('a start tag does not end');
    return { kind: 'element', name, attributes, children: this.#content(cursor, depth + 1) };
  }

  #attribute(cursor: Cursor): Attribute {
    cursor.at += 1;
    const name = xmlName(this.#name(cursor));
    const value: (string | Substitution)[] = [];
    while (cursor.at < cursor.end) {
      const token = this.#chunk.readUInt8(cursor.at) & ~MORE;
      const isPiece =
        token === T.value || token === T.normal || token === T.optional || token === T.character || token === T.entity;
      if (!isPiece) break;
      value.push(this.#piece(token, cursor));
    }
    return { name, value };
  }

  #instance(cursor: Cursor, depth: number): Instance {
    const offset = this.#chunk.readUInt32LE(cursor.at + 6);
    cursor.at += 10;
    const template = this.#template(offset, depth + 1);
    // The definition stands here when this is its first use in the chunk.
    if (offset === cursor.at) cursor.at += 24 + this.#chunk.readUInt32LE(offset + 20);
    return { kind: 'instance', template, values: this.#values(cursor) };
  }

  #template(offset: number, depth: number): readonly Node[] {
    const known = this.#templates.get(offset);
    if (known !== undefined) return known;
    const size = this.#chunk.readUInt32LE(offset + 20);
    const at = offset + 24;
    if (at + size > this.#chunk.length) throw new EvtxFault('its template does not fit its chunk');
    const nodes = this.#content({ at, end: at + size }, depth);
    this.#templates.set(offset, nodes);
    return nodes;
  }

  #values(cursor: Cursor): Value[] {
    const count = this.#chunk.readUInt32LE(cursor.at);
    if (count > VALUES_MAX) throw new EvtxFault('it has too many values');
    const descriptors = cursor.at + 4;
    let at = descriptors + count * 4;
    const values: Value[] = [];
    for (let index = 0; index < count; index += 1) {
      const size = this.#chunk.readUInt16LE(descriptors + index * 4);
      values.push({ type: this.#chunk.readUInt8(descriptors + index * 4 + 2), at, size });
      at += size;
    }
    if (at > cursor.end) throw new EvtxFault('its values go beyond its end');
    cursor.at = at;
    return values;
  }

  /** A name by its offset; it stands at the cursor itself when this is its first use in the chunk. */
  #name(cursor: Cursor): string {
    const offset = this.#chunk.readUInt32LE(cursor.at);
    cursor.at += 4;
    const count = this.#chunk.readUInt16LE(offset + 6);
    if (offset === cursor.at) cursor.at += 10 + count * 2;
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const name = this.#text(offset + 8, count);
    this.#names.set(offset, name);
    return name;
  }

  #counted(cursor: Cursor): string {
    const count = this.#chunk.readUInt16LE(cursor.at);
    const text = this.#text(cursor.at + 2, count);
    cursor.at += 2 + count * 2;
    return text;
  }

  #text(at: number, count: number): string {
    if (at + count * 2 > this.#chunk.length) throw new EvtxFault('its text goes beyond its chunk');
    return this.#chunk.toString('utf16le', at, at + count * 2);
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&amp;',
  lt: '&lt;',
  gt: '&gt;',
  quot: '&quot;',
  apos: '&apos;',
};

function entityText(name: string): string {
  const text = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  if (text === undefined) throw new EvtxFault('it has an entity that is not one of the five of XML');
  return text;
}

/** A name as XML allows it; broken bytes must not become markup. */
function xmlName(name: string): string {
  if (!/^[\p{L}_][\p{L}\p{N}_.:-]{0,255}$/u.test(name)) throw new EvtxFault('it has a name that is none');
  return name;
}
