import type { NativeFields } from '../../types.ts';
import { type XmlElement, type XmlFault, isXmlFault, parseXml } from '../../xml/xml.ts';
import { addEventField, setSystemField } from './system-fields.ts';

/** Sections of an event in which leaf elements are fields under their own names. */
const LEAF_SECTIONS = new Set(['UserData', 'ProcessingErrorData', 'DebugData']);

/** One `<Event>` as native fields; null when the element is another one or has neither System nor an event number. */
export function recordOfXml(text: string): NativeFields | XmlFault | null {
  const root = parseLoosely(text);
  if (isXmlFault(root)) return root;
  if (root.name !== 'Event') return null;
  const fields: NativeFields = {};
  for (const section of root.children) if (section.name === 'System') readSystem(section, fields);
  if (fields['EventID'] === undefined) return null;
  const taken = new Set(Object.keys(fields));
  for (const section of root.children) {
    if (section.name === 'EventData') readEventData(section, fields, taken);
    else if (section.name === 'RenderingInfo') readRendering(section, fields, taken);
    else if (LEAF_SECTIONS.has(section.name)) readLeaves(section, fields, taken);
  }
  return fields;
}

/** An ampersand that begins none of XML's references. */
const LOOSE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/g;

/** Sysmon for Linux leaves ampersands as they are; such a one is text. */
function parseLoosely(text: string): XmlElement | XmlFault {
  const root = parseXml(text);
  const isLoose = isXmlFault(root) && root.fault === 'entity';
  return isLoose ? parseXml(text.replaceAll(LOOSE_AMPERSAND, '&amp;')) : root;
}

/** The fields of an `<EventData>` alone (Azure exports it as text); null when it is not one. */
export function eventDataOfXml(text: string, fields: NativeFields, taken: ReadonlySet<string>): boolean {
  const root = parseXml(text);
  if (isXmlFault(root)) return false;
  if (root.name === 'EventData') readEventData(root, fields, taken);
  else if (root.name === 'DataItem') readLeaves(root, fields, taken);
  else if (root.name === 'UserData') readLeaves(root, fields, taken);
  else return false;
  return true;
}

function readSystem(system: XmlElement, fields: NativeFields): void {
  for (const { name, attributes, text } of system.children) {
    for (const attribute in attributes) {
      if (!isNamespace(attribute)) setSystemField(fields, name, attribute, attributes[attribute]);
    }
    setSystemField(fields, name, '', text.trim());
  }
}

function readEventData(section: XmlElement, fields: NativeFields, taken: ReadonlySet<string>): void {
  for (const name in section.attributes)
    if (!isNamespace(name))
      addEventField(fields, { name: `EventData_${name}`, value: section.attributes[name] }, taken);
  for (const child of section.children) {
    const named = child.name === 'Data' || child.name === 'ComplexData' ? child.attributes['Name'] : undefined;
    if (child.children.length > 0) readLeaves(child, fields, taken);
    else addEventField(fields, { name: named ?? child.name, value: child.text }, taken);
  }
}

/** What has no children is a field; what has is only the way to it. */
function readLeaves(element: XmlElement, fields: NativeFields, taken: ReadonlySet<string>): void {
  for (const child of element.children) {
    const { name, attributes } = child;
    const own = Object.keys(attributes).filter((attribute) => !isNamespace(attribute) && attribute !== 'Name');
    for (const attribute of own)
      addEventField(fields, { name: `${name}_${attribute}`, value: attributes[attribute] }, taken);
    if (child.children.length > 0) readLeaves(child, fields, taken);
    else addEventField(fields, { name: attributes['Name'] ?? name, value: child.text }, taken);
  }
}

/** What the event viewer's words are; the message is a field of its own, the rest says what numbers say elsewhere. */
function readRendering(section: XmlElement, fields: NativeFields, taken: ReadonlySet<string>): void {
  for (const child of section.children) {
    const words = child.children.map(({ text }) => text);
    const value = child.children.length === 0 ? child.text : words;
    if (value === '' || words.length !== child.children.length) continue;
    addEventField(fields, { name: child.name === 'Message' ? 'Message' : `Rendered${child.name}`, value }, taken);
  }
}

function isNamespace(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:');
}
