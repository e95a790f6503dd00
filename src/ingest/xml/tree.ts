import type { XmlFault } from './fault.ts';
import { type XmlAttributes, readXml } from './reader.ts';

export interface XmlElement {
  /** Local name. */
  readonly name: string;
  /** Namespace prefix as written; empty when none. */
  readonly prefix: string;
  /** By name as written, prefix included. */
  readonly attributes: XmlAttributes;
  readonly children: readonly XmlElement[];
  /** All character data that stands directly in it, decoded and joined; white space kept. */
  readonly text: string;
}

interface Growing extends XmlElement {
  readonly children: Growing[];
  text: string;
}

/** One XML document as a tree, or why it is none. Limits and grammar as `readXml` has them. Never throws. */
export function parseXml(text: string): XmlElement | XmlFault {
  const stack: Growing[] = [];
  let root: Growing | null = null;
  const fault = readXml(text, {
    open(name, prefix, attributes) {
      const element: Growing = { name, prefix, attributes, children: [], text: '' };
      stack.at(-1)?.children.push(element);
      root ??= element;
      stack.push(element);
    },
    text(piece) {
      const element = stack.at(-1);
      if (element !== undefined) element.text += piece;
    },
    close() {
      stack.pop();
    },
  });
  return fault ?? root ?? { fault: 'outside', at: 0 };
}
