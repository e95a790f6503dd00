/** XML without document types and entities: `parseXml` gives a tree; `reader.ts` tells a handler of the parts instead. */
export { encodeEntities } from './entities.ts';
export { type XmlFault, XML_DEPTH_MAX, faultReason, isXmlFault } from './fault.ts';
export { type XmlElement, parseXml } from './tree.ts';
