import type { XmlSource } from '../../source.ts';
import type { NativeFields, NativeRecord, Rejection } from '../../types.ts';
import { type XmlFault, faultReason, isXmlFault } from '../../xml/xml.ts';
import { windows } from './family.ts';
import { recordOfXml } from './xml-record.ts';

/** One `<Event>` element; null when it is no event of Windows. */
export function parseWindowsXml(text: string): NativeRecord | Rejection | null {
  return parsedXml(recordOfXml(text));
}

/** What reading the XML gave, as a source gives it. */
export function parsedXml(fields: NativeFields | XmlFault | null): NativeRecord | Rejection | null {
  if (fields === null) return null;
  if (isXmlFault(fields))
    return { reject: fields.fault === 'limit' ? 'too_deep' : 'bad_xml', reason: faultReason(fields) };
  return { family: windows.name, fields };
}

/** Windows events as XML: exported, forwarded, copied from the event viewer or a browser, Sysmon for Linux. */
export const windowsXml: XmlSource = {
  shape: 'xml',
  name: 'windows-xml',
  title: 'Windows events as XML, Sysmon for Linux',
  families: [windows],
  oracle: 'CrowdSec hub samples; the XML that libevtx renders of four event logs',
  elements: ['Event'],
  parse: parseWindowsXml,
};
