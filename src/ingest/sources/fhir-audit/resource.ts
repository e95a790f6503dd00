import { isPlain } from '../../ocsf/native.ts';
import { objectsAt, textAt, valueAt } from '../../native-value.ts';
import type { NativeFields } from '../../types.ts';

/** An encoded query longer than this is left encoded. */
export const FHIR_QUERY_CHARS_MAX = 64 * 1024;

/** A participant of an AuditEvent in one shape for R4 and R5. */
export interface Agent {
  readonly fields: NativeFields;
  /** Codes of `type` and, in R5, of `role`. */
  readonly codes: readonly string[];
  readonly isRequestor: boolean;
}

/** A thing or person that an AuditEvent is about, in one shape for R4 and R5. */
export interface Entity {
  readonly fields: NativeFields;
  /** `type.code`; R4 only. */
  readonly type: string | undefined;
  readonly roles: readonly string[];
  /** `Patient/1`, as written. */
  readonly reference: string | undefined;
}

/** Items looked at in one list of codings; real lists have a few. */
const CODINGS_MAX = 100;

/** Codings of a Coding, a CodeableConcept or a list of either: R4 and R5 swap these, and implementers too. */
export function codingsOf(value: unknown): NativeFields[] {
  const found: NativeFields[] = [];
  addCodings(value, found);
  return found;
}

function addCodings(value: unknown, into: NativeFields[]): void {
  if (Array.isArray(value)) {
    const most = Math.min(value.length, CODINGS_MAX);
    for (let n = 0; n < most; n += 1) addCodings(value[n], into);
  } else if (isPlain(value)) {
    if ('coding' in value) addCodings(value['coding'], into);
    else if ('code' in value) into.push(value);
  }
}

/** Their codes. */
export function codesOf(value: unknown): string[] {
  const codes: string[] = [];
  for (const coding of codingsOf(value)) {
    const code = textAt(coding, 'code');
    if (code !== undefined) codes.push(code);
  }
  return codes;
}

export function agentsOf(fields: NativeFields): Agent[] {
  return objectsAt(fields, 'agent').map((agent) => ({
    fields: agent,
    codes: codesOf([agent['type'], agent['role']]),
    isRequestor: agent['requestor'] === true,
  }));
}

export function entitiesOf(fields: NativeFields): Entity[] {
  return objectsAt(fields, 'entity').map((entity) => ({
    fields: entity,
    type: codesOf(entity['type'])[0],
    roles: codesOf(entity['role']),
    reference: textAt(entity, 'what', 'reference'),
  }));
}

/** What a Reference says of itself, the most telling first: `system|value` of its identifier, else the reference. */
export function uidOf(reference: unknown): string | undefined {
  if (!isPlain(reference)) return undefined;
  const value = textAt(reference, 'identifier', 'value');
  const system = textAt(reference, 'identifier', 'system');
  if (value !== undefined) return system === undefined ? value : `${system}|${value}`;
  return textAt(reference, 'reference');
}

/** Resource type of a reference: `Patient` of `https://server/fhir/Patient/1/_history/2`. */
export function typeOfReference(reference: string | undefined): string | undefined {
  if (reference === undefined || reference.length > 2048) return undefined;
  return /(?:^|\/)([A-Z][A-Za-z]{2,60})\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]+)?$/.exec(reference)?.[1];
}

/** The decoded query of the first Query entity: R4 and R5 keep it as base64. Undefined where none is readable. */
export function queryOf(entities: readonly Entity[]): string | undefined {
  for (const { fields } of entities) {
    const encoded = textAt(fields, 'query');
    if (encoded !== undefined) return decodeQuery(encoded);
  }
  return undefined;
}

/** Base64 as text; undefined when it is too long, no base64, or no text. */
export function decodeQuery(encoded: string): string | undefined {
  if (encoded.length > FHIR_QUERY_CHARS_MAX || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(encoded)) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text === '' || text.includes('\ufffd') || text.includes('\0') ? undefined : text;
}

/** The request id that client and server both state, so that two reports of one act can be told to be one. */
export function requestIdOf(entities: readonly Entity[], query: string | undefined): string | undefined {
  const entity = entities.find(({ type, fields }) => type === 'XrequestId' || isRequestId(fields));
  const stated = entity === undefined ? undefined : textAt(entity.fields, 'what', 'identifier', 'value');
  return stated ?? (query === undefined ? undefined : /^x-request-id: *(\S{1,200})/im.exec(query)?.[1]);
}

function isRequestId(fields: NativeFields): boolean {
  return codesOf(valueAt(fields, 'what', 'identifier', 'type')).includes('XrequestId');
}
