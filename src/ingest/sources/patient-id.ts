/**
 * A patient's identity is the authority and the identifier that it gave: `authority|id`, or the identifier alone where
 * no authority is stated. An OID is written `urn:oid:…` whatever the format wrote, so that one patient has one identity
 * in FHIR, ATNA and HL7v2.
 */
export function patientUid(id: string, authority: string | undefined): string {
  return authority === undefined || authority === '' ? id : `${authority}|${id}`;
}

/** An HD (HL7v2 chapter 2A): namespace, universal id and its type; the universal id wins. Undefined when all are empty. */
export function authorityOf(namespace: string, universal: string, type: string): string | undefined {
  if (universal === '') return namespace === '' ? undefined : oidOr(namespace);
  return type === 'ISO' || type === '' ? oidOr(universal) : universal;
}

/** `id^^^ns&oid&ISO` (CX), `urn:oid:1.2|id`, or a bare identifier, as ATNA messages have them. */
export function parsePatientId(text: string): string {
  if (!text.includes('^')) return text;
  const [id = '', , , authority = ''] = text.split('^', 5);
  const [namespace = '', universal = '', type = ''] = authority.split('&', 4);
  return patientUid(id, authorityOf(namespace, universal, type));
}

function oidOr(text: string): string {
  return /^[0-2](?:\.\d{1,40}){2,40}$/.test(text) ? `urn:oid:${text}` : text;
}
