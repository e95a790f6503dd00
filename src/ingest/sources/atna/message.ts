import { put } from '../../ocsf/native.ts';
import type { NativeFields } from '../../types.ts';
import { type XmlElement } from '../../xml/xml.ts';

/** Elements that DICOM PS3.15 A.5 lets repeat; they are lists however many there are. */
const LISTS = new Set([
  'ActiveParticipant',
  'RoleIDCode',
  'AuditSourceIdentification',
  'AuditSourceTypeCode',
  'ParticipantObjectIdentification',
  'ParticipantObjectDetail',
  'EventTypeCode',
  'PurposeOfUse',
]);

export type Dialect = 'dicom' | 'rfc3881' | 'mixed' | 'unknown';

/** An audit message under its own names: attributes and elements are fields, repeatable elements lists. */
export function fieldsOf(element: XmlElement): NativeFields {
  const fields: NativeFields = {};
  for (const [name, value] of Object.entries(element.attributes))
    if (!name.startsWith('xmlns')) put(fields, name, value);
  for (const child of element.children) addChild(fields, child);
  return fields;
}

function addChild(fields: NativeFields, child: XmlElement): void {
  const text = child.text.trim();
  const isLeaf = child.children.length === 0 && Object.keys(child.attributes).length === 0;
  const inner = isLeaf ? text : fieldsOf(child);
  if (!isLeaf && text !== '' && typeof inner === 'object') put(inner, 'text', text);
  const present = Object.hasOwn(fields, child.name) ? fields[child.name] : undefined;
  if (Array.isArray(present)) present.push(inner);
  // A second one of what should be single is kept as a list rather than lost.
  else if (present !== undefined) put(fields, child.name, [present, inner]);
  else put(fields, child.name, LISTS.has(child.name) ? [inner] : inner);
}

/** Which dialect the coded values are in: the attributes decide, since senders name either in MSGID. */
export function dialectOf(element: XmlElement): Dialect {
  let hasDicom = false;
  let hasRfc = false;
  const visit = ({ attributes, children, name }: XmlElement): void => {
    if ('csd-code' in attributes || 'originalText' in attributes) hasDicom = true;
    if ('displayName' in attributes || ('code' in attributes && name !== 'AuditSourceIdentification')) hasRfc = true;
    for (const child of children) visit(child);
  };
  visit(element);
  return hasDicom ? (hasRfc ? 'mixed' : 'dicom') : hasRfc ? 'rfc3881' : 'unknown';
}

/** What DICOM PS3.15 A.5.1 requires of every message and this one lacks, as `Element@attribute` or `Element`. */
export function missingIn(fields: NativeFields): string[] {
  const missing: string[] = [];
  need(missing, fields['EventIdentification'], 'EventIdentification', [
    'EventDateTime',
    'EventOutcomeIndicator',
    'EventID',
  ]);
  need(missing, fields['AuditSourceIdentification'], 'AuditSourceIdentification', ['AuditSourceID']);
  need(missing, fields['ActiveParticipant'], 'ActiveParticipant', ['UserID', 'UserIsRequestor']);
  if ('ParticipantObjectIdentification' in fields)
    need(missing, fields['ParticipantObjectIdentification'], 'ParticipantObjectIdentification', [
      'ParticipantObjectID',
      'ParticipantObjectIDTypeCode',
    ]);
  return missing;
}

function need(missing: string[], value: unknown, element: string, names: readonly string[]): void {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  if (value === undefined) {
    missing.push(element);
    return;
  }
  for (const name of names)
    if (items.some((item) => typeof item !== 'object' || item === null || !(name in item)))
      missing.push(`${element}@${name}`);
}
