import { isIP } from 'node:net';
import { compact, objectsAt, textAt, valueAt } from '../../native-value.ts';
import { defineFieldMap } from '../../ocsf/field-map.ts';
import { isPlain } from '../../ocsf/native.ts';
import { defineFamily } from '../../ocsf/table-family.ts';
import type { XmlSource } from '../../source.ts';
import { isoTime } from '../../time.ts';
import type { Draft, NativeFields } from '../../types.ts';
import { faultReason, isXmlFault, parseXml } from '../../xml/xml.ts';
import { decodeQuery } from '../fhir-audit/resource.ts';
import { parsePatientId } from '../patient-id.ts';
import { entryOf } from '#kernel';
import { dialectOf, fieldsOf, missingIn } from './message.ts';

// DICOM PS3.15 A.5 and RFC 3881; both write <AuditMessage>, with csd-code or code for coded values.

type Kind = 'access' | 'signin' | 'alert' | 'lifecycle';

const ROWS_MAP = defineFieldMap(
  [
    ['EventIdentification/EventOutcomeIndicator', 'status_code'],
    ['EventIdentification/EventOutcomeDescription', 'status_detail'],
    ['dialect', 'audit_source.format'],
  ],
  { 'metadata.product.name': 'DICOM audit message', 'metadata.product.vendor_name': 'DICOM' },
);

/** EventActionCode → activity of Datastore Activity. */
const ACTIONS: Readonly<Record<string, number>> = { C: 6, R: 1, U: 2, D: 7 };
/** EventID (DCM) of queries. */
const QUERY = '110112';
/** EventOutcomeIndicator → status and severity (RFC 3881 §5.1.4). */
const OUTCOMES: Readonly<Record<string, readonly [status: number, severity: number]>> = {
  '0': [1, 1],
  '4': [2, 2],
  '8': [2, 3],
  '12': [2, 4],
};
/** Kinds of record by EventID where no object states its own (DICOM PS3.16 CID 400). */
const RECORDS: Readonly<Record<string, string>> = {
  '110103': 'DICOM instances',
  '110104': 'DICOM instances',
  '110105': 'DICOM study',
  '110110': 'Patient record',
  '110111': 'Procedure record',
  '110109': 'Order record',
};

const family = defineFamily<Kind>({
  name: 'atna',
  title: 'DICOM audit message (ATNA)',
  maps: { access: ROWS_MAP, signin: ROWS_MAP, alert: ROWS_MAP, lifecycle: ROWS_MAP },
  kind: kindOf,
  time: (fields, context) => isoTime(valueAt(fields, 'EventIdentification', 'EventDateTime'), context),
  fill(fields, draft, kind) {
    const event = eventOf(fields);
    const [status, severity] = entryOf(OUTCOMES, textAt(event, 'EventOutcomeIndicator')) ?? [0, 0];
    draft.statusId = status;
    draft.severityId = severity;
    draft.set('metadata.event_code', typeCodes(fields)[0] ?? codeOf(event['EventID']));
    const missing = fields['missing'];
    if (Array.isArray(missing))
      for (const name of missing) if (typeof name === 'string') draft.label(`missing:${name}`);
    if (kind === 'access') fillAccess(fields, draft);
    else if (kind === 'signin') fillSignIn(fields, draft);
    else if (kind === 'alert') fillAlert(fields, draft);
    else fillLifecycle(fields, draft);
  },
});

function eventOf(fields: NativeFields): NativeFields {
  const event = fields['EventIdentification'];
  return isPlain(event) ? event : {};
}

/** The code of a coded value of either dialect. */
function codeOf(value: unknown): string | undefined {
  return isPlain(value) ? (textAt(value, 'csd-code') ?? textAt(value, 'code')) : undefined;
}

function wordsOf(value: unknown): string | undefined {
  return isPlain(value) ? (textAt(value, 'originalText') ?? textAt(value, 'displayName')) : undefined;
}

function typeCodes(fields: NativeFields): string[] {
  return objectsAt(eventOf(fields), 'EventTypeCode').flatMap((type) => codeOf(type) ?? []);
}

function kindOf(fields: NativeFields): Kind {
  switch (codeOf(eventOf(fields)['EventID'])) {
    case '110114':
      return 'signin';
    case '110113':
      return 'alert';
    case '110100':
      return 'lifecycle';
    case 'eventIDcode':
      // OpenEMR writes this word for the code; only the display name says what happened.
      return /log(?:in|out)|authentication/i.test(wordsOf(eventOf(fields)['EventID']) ?? '') ? 'signin' : 'access';
    default:
      return 'access';
  }
}

interface Participants {
  requestor: NativeFields | undefined;
  source: NativeFields | undefined;
  destination: NativeFields | undefined;
}

function participantsOf(fields: NativeFields): Participants {
  const all = objectsAt(fields, 'ActiveParticipant');
  const having = (role: string): NativeFields | undefined =>
    all.find((one) => objectsAt(one, 'RoleIDCode').some((code) => codeOf(code) === role));
  const requestors = all.filter((one) => /^(?:true|1)$/i.test(textAt(one, 'UserIsRequestor') ?? ''));
  // IHE lists the system that asked and the person in front of it, both as requestors: the person has no system's role.
  const person = requestors.find(
    (one) => !objectsAt(one, 'RoleIDCode').some((code) => /^11015\d$/.test(codeOf(code) ?? '')),
  );
  // Who did not say whether anybody asked named one participant alone: that one did.
  const only = all.length === 1 ? all[0] : undefined;
  return { requestor: person ?? requestors[0] ?? only, source: having('110153'), destination: having('110152') };
}

function fillAccess(fields: NativeFields, draft: Draft): void {
  const event = eventOf(fields);
  const action = textAt(event, 'EventActionCode') ?? '';
  const { requestor, source, destination } = participantsOf(fields);
  draft.classUid = 6005;
  const query = queryOf(fields);
  const isQuery = codeOf(event['EventID']) === QUERY || (action === 'E' && query !== undefined);
  draft.activityId = isQuery ? 4 : (entryOf(ACTIONS, action) ?? (action === 'E' ? 99 : 0));
  fillUser(draft, 'actor.user', requestor);
  // On a read or export data flow from the store to the one who asked; else the one who asks is the source.
  const isFromStore = source !== requestor && destination === requestor;
  const client = isFromStore ? destination : (source ?? requestor);
  const server = isFromStore ? source : destination;
  fillEndpoint(draft, 'src_endpoint', hasAddress(requestor) ? requestor : client);
  fillEndpoint(draft, 'dst_endpoint', server);
  draft.set('database.name', nameOf(server) ?? sourceId(fields));
  fillRecord(fields, draft, query);
}

function hasAddress(participant: NativeFields | undefined): boolean {
  return participant !== undefined && textAt(participant, 'NetworkAccessPointID') !== undefined;
}

function nameOf(participant: NativeFields | undefined): string | undefined {
  return participant === undefined ? undefined : (textAt(participant, 'UserName') ?? textAt(participant, 'UserID'));
}

function fillUser(draft: Draft, path: 'actor.user' | 'user', participant: NativeFields | undefined): void {
  if (participant === undefined) return;
  draft.set(`${path}.uid`, textAt(participant, 'UserID'));
  draft.set(`${path}.name`, textAt(participant, 'UserName'));
  draft.set(`${path}.uid_alt`, textAt(participant, 'AlternativeUserID'));
  const roles = objectsAt(participant, 'RoleIDCode').filter((role) => !/^1101[0-9]{2}$/.test(codeOf(role) ?? ''));
  const groups = roles
    .map((role) => compact({ name: wordsOf(role) ?? codeOf(role), uid: codeOf(role), type: 'role' }))
    .filter((group) => group !== undefined);
  if (groups.length > 0) draft.set(`${path}.groups`, groups);
}

/** NetworkAccessPointTypeCode 1 is a machine name, 2 an address; senders mix them up, so the text decides. */
function fillEndpoint(
  draft: Draft,
  side: 'src_endpoint' | 'dst_endpoint',
  participant: NativeFields | undefined,
): void {
  const access = participant === undefined ? undefined : textAt(participant, 'NetworkAccessPointID');
  if (access === undefined) return;
  if (isIP(access) !== 0) draft.set(`${side}.ip`, access);
  else draft.set(`${side}.name`, access);
}

function sourceId(fields: NativeFields): string | undefined {
  const [source] = objectsAt(fields, 'AuditSourceIdentification');
  return source === undefined ? undefined : textAt(source, 'AuditSourceID');
}

function fillRecord(fields: NativeFields, draft: Draft, query: string | undefined): void {
  const objects = objectsAt(fields, 'ParticipantObjectIdentification');
  const patient = objects.find(
    (one) => textAt(one, 'ParticipantObjectTypeCode') === '1' && textAt(one, 'ParticipantObjectTypeCodeRole') === '1',
  );
  const id = patient === undefined ? undefined : textAt(patient, 'ParticipantObjectID');
  if (id !== undefined) draft.set('patient.uid', parsePatientId(id));
  draft.set('query_info.query_string', query);
  if (query !== undefined) draft.set('query_info.name', typeCodes(fields)[0] ?? 'query');
  const encounter = objects.find((one) => idTypeOf(one) === '3');
  draft.set('encounter_uid', encounter === undefined ? undefined : textAt(encounter, 'ParticipantObjectID'));
  draft.set('purpose_of_use', purposeOf(fields));
  const record =
    entryOf(RECORDS, codeOf(eventOf(fields)['EventID'])) ?? wordsOf(objectsAt(eventOf(fields), 'EventTypeCode')[0]);
  if (record !== undefined) draft.set('record_types', [record]);
  const [source] = objectsAt(fields, 'AuditSourceIdentification');
  draft.set('facility_uid', source === undefined ? undefined : textAt(source, 'AuditEnterpriseSiteID'));
}

function idTypeOf(object: NativeFields): string | undefined {
  return codeOf(object['ParticipantObjectIDTypeCode']);
}

function purposeOf(fields: NativeFields): string | undefined {
  const [purpose] = objectsAt(eventOf(fields), 'PurposeOfUse');
  return codeOf(purpose);
}

/** The first ParticipantObjectQuery, decoded. */
function queryOf(fields: NativeFields): string | undefined {
  for (const object of objectsAt(fields, 'ParticipantObjectIdentification')) {
    const encoded = textAt(object, 'ParticipantObjectQuery');
    if (encoded !== undefined) return decodeQuery(encoded);
  }
  return undefined;
}

function fillSignIn(fields: NativeFields, draft: Draft): void {
  const codes = typeCodes(fields);
  const words = wordsOf(eventOf(fields)['EventID']) ?? '';
  const { requestor } = participantsOf(fields);
  const who = requestor ?? objectsAt(fields, 'ActiveParticipant')[0];
  draft.classUid = 3002;
  draft.activityId =
    codes.includes('110122') || /login/i.test(words) ? 1 : codes.includes('110123') || /logout/i.test(words) ? 2 : 99;
  fillUser(draft, 'user', who);
  fillEndpoint(draft, 'src_endpoint', who);
  draft.set('service.name', sourceId(fields));
}

function fillAlert(fields: NativeFields, draft: Draft): void {
  draft.classUid = 2004;
  draft.activityId = 1;
  const parts = [sourceId(fields), textAt(eventOf(fields), 'EventDateTime'), typeCodes(fields)[0]];
  // The message has no identifier; these three name it.
  if (!parts.includes(undefined)) draft.set('finding_info.uid', parts.join('/'));
  draft.set('finding_info.title', wordsOf(objectsAt(eventOf(fields), 'EventTypeCode')[0]) ?? 'Security Alert');
}

function fillLifecycle(fields: NativeFields, draft: Draft): void {
  const codes = typeCodes(fields);
  draft.classUid = 6002;
  draft.activityId = codes.includes('110120') ? 3 : codes.includes('110121') ? 4 : 99;
  draft.set('app.name', sourceId(fields));
}

/** Audit messages of DICOM and RFC 3881, bare or behind syslog; the dialect is told by the attributes, not by MSGID. */
export const atna: XmlSource = {
  name: 'atna',
  title: 'DICOM audit message, IHE ATNA (DICOM and RFC 3881 dialects)',
  families: [family],
  oracle: '2 published messages',
  shape: 'xml',
  elements: ['AuditMessage'],
  parse(text) {
    if (!text.includes('AuditMessage')) return null;
    const root = parseXml(text);
    if (isXmlFault(root)) return { reject: 'bad_xml', reason: faultReason(root) };
    if (root.name !== 'AuditMessage') return null;
    const fields = fieldsOf(root);
    const missing = missingIn(fields);
    if (missing.includes('EventIdentification'))
      return { reject: 'bad_record', reason: 'the audit message identifies no event' };
    fields['dialect'] = dialectOf(root);
    if (missing.length > 0) fields['missing'] = missing;
    return { family: 'atna', fields };
  },
};
