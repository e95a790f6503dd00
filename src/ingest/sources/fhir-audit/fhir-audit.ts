import { entryOf } from '#kernel';
import { textAt, valueAt } from '../../native-value.ts';
import { defineFieldMap, type Row } from '../../ocsf/field-map.ts';
import { isPlain } from '../../ocsf/native.ts';
import { defineFamily } from '../../ocsf/table-family.ts';
import type { JsonSource, Parsed } from '../../source.ts';
import { isoTime } from '../../time.ts';
import type { Draft, EventTime, NativeFields, NativeRecord, TimeContext } from '../../types.ts';
import { fillActor, fillAddress, fillEndpoint, type Parties, partiesOf, purposesOf, systemName } from './parties.ts';
import { agentsOf, codesOf, codingsOf, entitiesOf, queryOf, requestIdOf, typeOfReference, uidOf } from './resource.ts';

// AuditEvent: https://hl7.org/fhir/R4/auditevent.html, https://hl7.org/fhir/R5/auditevent.html;
// profiles: https://profiles.ihe.net/ITI/BALP/

type Kind = 'access' | 'signin' | 'alert' | 'lifecycle';

/** Entries of one Bundle, and Bundles inside Bundles. */
export const BUNDLE_ENTRIES_MAX = 10_000;
export const BUNDLE_DEPTH_MAX = 3;

const ROWS: Row[] = [
  ['id', 'metadata.uid'],
  ['outcomeDesc', 'status_detail'],
];
const PRODUCT = { 'metadata.product.name': 'FHIR AuditEvent', 'metadata.product.vendor_name': 'HL7' };
const MAP = defineFieldMap(ROWS, PRODUCT);

/** Activities of Datastore Activity by `action`; E with a search is a query. */
const ACTIONS: Readonly<Record<string, number>> = { C: 6, R: 1, U: 2, D: 7, E: 4 };
const SEARCHES = new Set(['search', 'search-type', 'search-system', 'history', 'history-type', 'history-system']);
/** R4 outcome → status and severity; R5 has issue severities in its place. */
const OUTCOMES: Readonly<Record<string, readonly [status: number, severity: number]>> = {
  '0': [1, 1],
  '4': [2, 2],
  '8': [2, 3],
  '12': [2, 4],
  success: [1, 1],
  information: [1, 1],
  warning: [2, 2],
  error: [2, 3],
  fatal: [2, 4],
};

/** Sensitivities of the v3 ActCode system, which a security label of the patient may name. */
const CELEBRITY = 'CEL';
const EMPLOYEE = 'EMP';

const family = defineFamily<Kind>({
  name: 'fhir-audit',
  title: 'FHIR AuditEvent',
  maps: { access: MAP, signin: MAP, alert: MAP, lifecycle: MAP },
  kind: kindOf,
  time: timeOf,
  fill(fields, draft, kind) {
    const code = outcomeOf(fields);
    const [status, severity] = entryOf(OUTCOMES, code) ?? [0, 0];
    draft.statusId = status;
    draft.severityId = severity;
    draft.set('status_code', code);
    draft.set('metadata.event_code', subtypesOf(fields)[0] ?? typesOf(fields)[0]);
    if (kind === 'access') fillAccess(fields, draft);
    else if (kind === 'signin') fillSignIn(fields, draft);
    else if (kind === 'alert') fillAlert(fields, draft);
    else fillLifecycle(fields, draft);
  },
});

/** R4 `type`, R5 `category`. */
function typesOf(fields: NativeFields): string[] {
  return codesOf([fields['type'], fields['category']]);
}

/** R4 `subtype`, R5 `code`. */
function subtypesOf(fields: NativeFields): string[] {
  return codesOf([fields['subtype'], isPlain(fields['code']) ? fields['code'] : undefined]);
}

function kindOf(fields: NativeFields): Kind {
  const types = typesOf(fields);
  const codes = [...types, ...subtypesOf(fields)];
  if (codes.some((code) => code === '110114' || code === '110122' || code === '110123')) return 'signin';
  // A consent decision comes under the code of security alerts, but it is a yes or no to an access.
  if (types.includes('110113') && !codes.includes('AuthZ-Consent')) return 'alert';
  if (!types.includes('110100')) return 'access';
  const usesToken = agentsOf(fields).some((agent) =>
    agent.codes.some((code) => /^User(?:Saml|Oauth)Agent$/.test(code)),
  );
  return usesToken ? 'signin' : 'lifecycle';
}

/** When it occurred (R5 `occurred[x]`, R4 `period`), else when it was recorded. */
function timeOf(fields: NativeFields, context: TimeContext): EventTime | null {
  const occurred = [
    fields['occurredDateTime'],
    valueAt(fields, 'occurredPeriod', 'start'),
    valueAt(fields, 'period', 'start'),
  ];
  for (const value of [...occurred, fields['recorded']]) {
    // A date alone is allowed here; its midnight would be invented.
    if (typeof value !== 'string' || !value.includes('T')) continue;
    const time = isoTime(value, context);
    if (time !== null) return time;
  }
  return null;
}

function outcomeOf(fields: NativeFields): string | undefined {
  return textAt(fields, 'outcome') ?? codesOf(valueAt(fields, 'outcome', 'code'))[0];
}

function fillAccess(fields: NativeFields, draft: Draft): void {
  const isConsent = subtypesOf(fields).includes('AuthZ-Consent');
  const isExport = typesOf(fields).includes('110106');
  draft.classUid = 6005;
  draft.activityId = isConsent ? 99 : activityOf(fields);
  const act = isExport ? 'export' : textAt(fields, 'action') === 'R' ? 'read' : 'other';
  const parties = partiesOf(fields, act);
  fillActor(draft, parties);
  fillEndpoint(draft, 'src_endpoint', parties.client);
  // Where no system is named as client, who asks may state the address they ask from.
  if (systemName(parties.client) === undefined && parties.user !== undefined)
    fillAddress(draft, 'src_endpoint', parties.user);
  fillEndpoint(draft, 'dst_endpoint', parties.recipient ?? parties.server);
  draft.set('database.name', systemName(parties.server) ?? sourceName(fields));
  fillRecord(fields, draft, parties);
}

function activityOf(fields: NativeFields): number {
  const action = textAt(fields, 'action') ?? '';
  if (action === 'E' && !subtypesOf(fields).some((code) => SEARCHES.has(code))) {
    return entitiesOf(fields).some(({ roles }) => roles.includes('24')) ? 4 : 99;
  }
  return entryOf(ACTIONS, action) ?? 0;
}

/** The system that reports, where no agent names the record store. */
function sourceName(fields: NativeFields): string | undefined {
  return (
    textAt(fields, 'source', 'site') ??
    textAt(fields, 'source', 'observer', 'display') ??
    uidOf(valueAt(fields, 'source', 'observer'))
  );
}

function fillRecord(fields: NativeFields, draft: Draft, { user }: Parties): void {
  const entities = entitiesOf(fields);
  const query = queryOf(entities);
  draft.set('query_info.query_string', query);
  if (query !== undefined) draft.set('query_info.name', subtypesOf(fields)[0] ?? 'query');
  draft.set('metadata.correlation_uid', requestIdOf(entities, query));
  const patient = entities.find(
    ({ roles, reference }) => roles.includes('1') || (roles.length === 0 && typeOfReference(reference) === 'Patient'),
  );
  draft.set('patient.uid', uidOf(fields['patient']) ?? uidOf(patient?.fields['what']));
  const labels = codesOf(patient?.fields['securityLabel']);
  if (labels.includes(CELEBRITY)) draft.set('patient.vip_level', 1);
  if (labels.includes(EMPLOYEE)) draft.set('patient.is_staff', true);
  const encounter = entities.find(({ reference }) => typeOfReference(reference) === 'Encounter');
  draft.set('encounter_uid', uidOf(fields['encounter']) ?? uidOf(encounter?.fields['what']));
  const purposes = purposesOf(fields, user);
  draft.set('purpose_of_use', purposes[0]);
  if (purposes.includes('BTG')) draft.set('break_glass.reason', breakGlassReason(fields, user?.fields));
  const types = recordTypes(fields, query);
  if (types.length > 0) draft.set('record_types', types);
  draft.set('facility_uid', textAt(fields, 'source', 'site'));
  draft.set('audit_source.format', 'fhir');
  const profile = valueAt(fields, 'meta', 'profile');
  if (Array.isArray(profile)) draft.set('audit_source.profile_url', profile[0]);
}

function breakGlassReason(fields: NativeFields, user: NativeFields | undefined): string {
  const codings = codingsOf([
    user?.['purposeOfUse'],
    user?.['authorization'],
    fields['purposeOfEvent'],
    fields['authorization'],
  ]);
  const coding = codings.find((one) => textAt(one, 'code') === 'BTG');
  return (coding === undefined ? undefined : textAt(coding, 'display')) ?? 'BTG';
}

/** Resource types of what was reached; of the patient alone, `Patient`; of a search, what it searched. */
function recordTypes(fields: NativeFields, query: string | undefined): string[] {
  const entities = entitiesOf(fields);
  const all = new Set(entities.map(({ reference }) => typeOfReference(reference)).filter((type) => type !== undefined));
  const searched =
    query === undefined ? undefined : /(?:^|\/|\s)([A-Z][A-Za-z]{2,60})(?:\/_search|[?\s]|$)/.exec(pathOf(query))?.[1];
  if (searched !== undefined) all.add(searched);
  if (all.size > 1) all.delete('Patient');
  return [...all];
}

/** The first line of a query without its parameters and method. */
function pathOf(query: string): string {
  const [line = ''] = query.slice(0, 2048).split('\n', 1);
  return line
    .replace(/^(?:GET|POST|HEAD) /, '')
    .replace(/ HTTP\/.*$/, '')
    .replace(/\?.*$/s, '');
}

function fillSignIn(fields: NativeFields, draft: Draft): void {
  draft.classUid = 3002;
  const subtypes = subtypesOf(fields);
  draft.activityId = subtypes.includes('110122') ? 1 : subtypes.includes('110123') ? 2 : 99;
  const { user, client } = partiesOf(fields, 'other');
  const who = user ?? agentsOf(fields)[0];
  draft.set('user.uid', uidOf(who?.fields['who']));
  draft.set('user.name', textAt(who?.fields ?? {}, 'who', 'display') ?? textAt(who?.fields ?? {}, 'name'));
  draft.set('service.name', sourceName(fields));
  if (client !== undefined) fillEndpoint(draft, 'src_endpoint', client);
  else if (who !== undefined) fillAddress(draft, 'src_endpoint', who);
  if (who?.codes.includes('UserSamlAgent') === true) draft.set('auth_protocol_id', 5);
  else if (who?.codes.includes('UserOauthAgent') === true) draft.set('auth_protocol_id', 6);
}

function fillAlert(fields: NativeFields, draft: Draft): void {
  draft.classUid = 2004;
  draft.activityId = 1;
  draft.set('finding_info.uid', textAt(fields, 'id'));
  const [subtype] = codingsOf([fields['subtype'], fields['code'], fields['type']]);
  draft.set(
    'finding_info.title',
    subtype === undefined ? undefined : (textAt(subtype, 'display') ?? textAt(subtype, 'code')),
  );
}

function fillLifecycle(fields: NativeFields, draft: Draft): void {
  draft.classUid = 6002;
  const subtypes = subtypesOf(fields);
  draft.activityId = subtypes.includes('110120') ? 3 : subtypes.includes('110121') ? 4 : 99;
  draft.set('app.name', sourceName(fields));
}

function isAuditEvent(value: unknown): value is NativeFields {
  return isPlain(value) && value['resourceType'] === 'AuditEvent';
}

/** The AuditEvents of a Bundle; its other resources are not audit, and a Bundle without any gives none. */
function unbundle(value: NativeFields, records: NativeRecord[], depth: number): boolean {
  const entries = value['entry'];
  if (!Array.isArray(entries)) return true;
  if (depth >= BUNDLE_DEPTH_MAX || records.length + entries.length > BUNDLE_ENTRIES_MAX) return false;
  for (const entry of entries) {
    const resource = isPlain(entry) ? entry['resource'] : undefined;
    if (isAuditEvent(resource)) records.push({ family: 'fhir-audit', fields: resource });
    else if (isPlain(resource) && resource['resourceType'] === 'Bundle' && !unbundle(resource, records, depth + 1))
      return false;
  }
  return true;
}

function parse(value: NativeFields): Parsed {
  if (isAuditEvent(value)) return { family: 'fhir-audit', fields: value };
  const records: NativeRecord[] = [];
  if (!unbundle(value, records, 0))
    return { reject: 'too_deep', reason: 'the Bundle holds more entries or Bundles than the limit' };
  return records.length > 0 ? records : { reject: 'bad_record', reason: 'the Bundle holds no AuditEvent' };
}

/** AuditEvent of R4 and R5: single, in arrays, in Bundles and as NDJSON. */
export const fhirAudit: JsonSource = {
  name: 'fhir-audit',
  title: 'FHIR AuditEvent (R4, R5 names; IHE BALP)',
  families: [family],
  oracle: '33 BALP examples, against their FSH source',
  shape: 'json',
  accepts: (value) => value['resourceType'] === 'AuditEvent' || value['resourceType'] === 'Bundle',
  parse,
};
