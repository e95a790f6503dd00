import { NESTING_DEPTH_MAX } from '#kernel';

/** Elements within elements. */
export const XML_DEPTH_MAX = NESTING_DEPTH_MAX;
/** Attributes of one element. */
export const XML_ATTRIBUTES_MAX = 256;
/** Elements of one document. */
export const XML_ELEMENTS_MAX = 100_000;
/** Characters of one element's or attribute's name. */
export const XML_NAME_MAX = 1024;

export type XmlFaultCode =
  /** The text ends inside an element, a tag, a comment or a CDATA section. */
  | 'truncated'
  /** A document type declaration: none is ever read, so that no entity can be declared. */
  | 'doctype'
  /** An entity other than the five of XML, or a character number that is no character. */
  | 'entity'
  /** A limit on depth, elements, attributes or the length of a name. */
  | 'limit'
  /** An end tag that closes another element than the one that is open. */
  | 'mismatch'
  /** Text or a second element outside the one root element, or no element at all. */
  | 'outside'
  /** Not XML: a tag, name or attribute that breaks its grammar. */
  | 'syntax';

/** Why a text is not XML that we read. */
export interface XmlFault {
  readonly fault: XmlFaultCode;
  /** Offset in UTF-16 units. */
  readonly at: number;
}

const REASONS: Readonly<Record<XmlFaultCode, string>> = {
  truncated: 'the XML ends inside an element',
  doctype: 'the XML has a document type declaration, which is refused',
  entity: 'the XML uses an entity that is not one of the five of XML',
  limit: 'the XML goes beyond the limits on depth, elements, attributes or names',
  mismatch: 'an end tag does not fit the element that is open',
  outside: 'the XML is not one element',
  syntax: 'the XML is not well formed',
};

/** The fault as a sentence, without content of the text. */
export function faultReason({ fault, at }: XmlFault): string {
  return `${REASONS[fault]} (at character ${at})`;
}

/** Whether the reader gave a fault instead of what was asked for. */
export function isXmlFault(value: object): value is XmlFault {
  return 'fault' in value;
}
