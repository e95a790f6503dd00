import type { BinXml } from './binxml.ts';
import { EvtxFault } from './fault.ts';
import type { Attribute, Element, Instance, Node, Substitution, Value } from './nodes.ts';
import { BINXML_TYPE, NULL_TYPE, valueText } from './values.ts';

/** Characters of one rendered record: 64 KiB of BinXML give less than this unless they were made to swell. */
export const RENDERED_MAX = 4 * 1024 * 1024;
/** Nodes that are visited for one record. */
const NODES_MAX = 200_000;
/** Templates within values of templates. */
const INSTANCES_DEEP_MAX = 16;

interface Rendering {
  readonly chunk: Buffer;
  readonly binXml: BinXml;
  text: string;
  nodes: number;
  deep: number;
}

const NO_VALUES: readonly Value[] = [];

/** The fragment in `[at, end)` of the chunk as XML text. Throws `EvtxFault` or `RangeError` on broken bytes. */
export function renderRecord(chunk: Buffer, binXml: BinXml, { at, end }: { at: number; end: number }): string {
  const rendering: Rendering = { chunk, binXml, text: '', nodes: 0, deep: 0 };
  renderAll(rendering, binXml.fragment(at, end), NO_VALUES);
  return rendering.text;
}

/** Counts work, whatever it writes: broken bytes may ask for much of it. */
function spend(rendering: Rendering, nodes: number): void {
  rendering.nodes += nodes;
  if (rendering.nodes > NODES_MAX || rendering.text.length > RENDERED_MAX)
    throw new EvtxFault('it swells beyond the limit when rendered');
}

function renderAll(rendering: Rendering, nodes: readonly Node[], values: readonly Value[]): void {
  for (const node of nodes) {
    spend(rendering, 1);
    if (typeof node === 'string') rendering.text += node;
    else if (node.kind === 'element') renderElement(rendering, node, values);
    else if (node.kind === 'instance') renderInstance(rendering, node);
    else renderValue(rendering, node, values);
  }
}

function renderElement(rendering: Rendering, element: Element, values: readonly Value[]): void {
  const list = arrayWithin(rendering, element, values);
  if (list === null) return renderOne(rendering, element, values, null);
  // An array is written as one element per item.
  for (const item of list) {
    renderOne(rendering, element, values, item);
    spend(rendering, 1);
  }
}

/** The items, when the element's only child is a place for an array. */
function arrayWithin(rendering: Rendering, { children }: Element, values: readonly Value[]): string[] | null {
  const [child] = children;
  if (children.length !== 1 || typeof child !== 'object' || child.kind !== 'substitution') return null;
  const value = values[child.index];
  if (value === undefined || value.size === 0 || value.type < 0x80) return null;
  const texts = valueText(rendering.chunk, value);
  return typeof texts === 'string' ? [texts] : texts;
}

function renderOne(rendering: Rendering, element: Element, values: readonly Value[], content: string | null): void {
  rendering.text += `<${element.name}`;
  for (const attribute of element.attributes) renderAttribute(rendering, attribute, values);
  if (content === null && element.children.length === 0) {
    rendering.text += '/>';
    return;
  }
  rendering.text += '>';
  if (content === null) renderAll(rendering, element.children, values);
  else rendering.text += content;
  rendering.text += `</${element.name}>`;
}

function renderAttribute(rendering: Rendering, { name, value }: Attribute, values: readonly Value[]): void {
  let text = '';
  for (const piece of value) {
    if (typeof piece === 'string') text += piece;
    else {
      const bound = values[piece.index];
      const isNull = bound === undefined || bound.type === NULL_TYPE || bound.size === 0;
      if (isNull && piece.isOptional) return;
      if (!isNull) text += [valueText(rendering.chunk, bound)].flat().join(' ');
    }
  }
  rendering.text += ` ${name}="${text}"`;
  spend(rendering, 1);
}

function renderValue(rendering: Rendering, { index }: Substitution, values: readonly Value[]): void {
  const value = values[index];
  if (value === undefined) return;
  if (value.type === BINXML_TYPE) return renderEmbedded(rendering, value);
  const text = valueText(rendering.chunk, value);
  rendering.text += typeof text === 'string' ? text : text.join(' ');
}

function renderEmbedded(rendering: Rendering, { at, size }: Value): void {
  if (rendering.deep >= INSTANCES_DEEP_MAX) throw new EvtxFault('its templates are nested too deeply');
  // A template may name one value many times, and each time it is read.
  spend(rendering, size >> 3);
  rendering.deep += 1;
  renderAll(rendering, rendering.binXml.fragment(at, at + size), NO_VALUES);
  rendering.deep -= 1;
}

function renderInstance(rendering: Rendering, { template, values }: Instance): void {
  if (rendering.deep >= INSTANCES_DEEP_MAX) throw new EvtxFault('its templates are nested too deeply');
  rendering.deep += 1;
  renderAll(rendering, template, values);
  rendering.deep -= 1;
}
