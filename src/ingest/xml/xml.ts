/** XML without document types and entities: `parseXml` gives a tree, `readXml` tells a handler. */
export { decodeEntities, encodeEntities } from './entities.ts';
export { type XmlFault, type XmlFaultCode, XML_DEPTH_MAX, faultReason, isXmlFault } from './fault.ts';
export { type XmlAttributes, type XmlHandler, readXml } from './reader.ts';
export { type XmlElement, childOf, childrenOf, parseXml } from './tree.ts';
