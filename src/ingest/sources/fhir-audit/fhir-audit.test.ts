import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../../test/support/family.ts';
import { mutate, seeded } from '../../../../test/support/mutate.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
import { patientKey, patientView } from '../../patient-view.ts';
import { retentionOf } from '../../retention.ts';
import type { NativeFields, NativeRecord } from '../../types.ts';
import { BUNDLE_DEPTH_MAX, BUNDLE_ENTRIES_MAX, fhirAudit } from './fhir-audit.ts';
import { decodeQuery, FHIR_QUERY_CHARS_MAX, typeOfReference } from './resource.ts';

const [family] = fhirAudit.families;
assert.ok(family !== undefined);

const coding = (code: string, display?: string) => ({
  coding: [{ code, ...(display === undefined ? {} : { display }) }],
});

const READ: NativeFields = {
  resourceType: 'AuditEvent',
  id: 'a1',
  meta: { profile: ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead'] },
  type: { code: 'rest' },
  subtype: [{ code: 'read' }],
  action: 'R',
  recorded: '2026-02-01T09:00:00.123456Z',
  outcome: '0',
  source: { site: 'North', observer: { display: 'ehr' } },
  agent: [
    {
      type: coding('110153'),
      requestor: false,
      who: { display: 'ehr' },
      network: { address: 'https://ehr.example/fhir' },
    },
    { type: coding('110152'), requestor: false, who: { display: 'ward-pc' }, network: { address: '10.1.2.3' } },
    {
      type: coding('IRCP'),
      requestor: true,
      who: { identifier: { system: 'urn:oid:1.2.3', value: 'n7' }, display: 'Nia Nurse' },
      role: [coding('106292003', 'Professional nurse')],
      purposeOfUse: [coding('BTG', 'unconscious in the emergency room')],
    },
  ],
  entity: [
    { role: { code: '1' }, what: { identifier: { system: 'urn:oid:1.2.3.9', value: '4711' } } },
    { role: { code: '4' }, what: { reference: 'https://ehr.example/fhir/Observation/9/_history/2' } },
    { what: { reference: 'Encounter/e5' } },
    { type: { code: 'XrequestId' }, what: { identifier: { value: 'req-1' } } },
  ],
};

/** The same act in R5's names. */
const READ_R5: NativeFields = {
  resourceType: 'AuditEvent',
  id: 'a1',
  category: [coding('rest')],
  code: coding('read'),
  action: 'R',
  occurredDateTime: '2026-02-01T09:00:00.123456Z',
  recorded: '2026-02-01T09:05:00Z',
  outcome: { code: { code: 'success' } },
  patient: { identifier: { system: 'urn:oid:1.2.3.9', value: '4711' } },
  encounter: { reference: 'Encounter/e5' },
  authorization: [coding('BTG', 'unconscious in the emergency room')],
  source: { site: 'North', observer: { display: 'ehr' } },
  agent: [
    { type: coding('110153'), requestor: false, who: { display: 'ehr' }, networkUri: 'https://ehr.example/fhir' },
    { type: coding('110152'), requestor: false, who: { display: 'ward-pc' }, networkString: '10.1.2.3' },
    {
      type: coding('IRCP'),
      requestor: true,
      who: { identifier: { system: 'urn:oid:1.2.3', value: 'n7' }, display: 'Nia Nurse' },
      role: [coding('106292003', 'Professional nurse')],
    },
  ],
  entity: [
    { role: coding('4'), what: { reference: 'https://ehr.example/fhir/Observation/9/_history/2' } },
    { what: { reference: 'Encounter/e5' } },
    { what: { identifier: { type: coding('XrequestId'), value: 'req-1' } } },
  ],
};

for (const [release, fields] of [
  ['R4', READ],
  ['R5', READ_R5],
] as const)
  test(`a read in ${release} says who, whose record, from where, why and at which store`, () => {
    const event = checkRecord(family, fields);
    assert.equal(event.type_uid, 600501);
    assert.equal(event.status_id, 1);
    assert.equal(event.time, Date.UTC(2026, 1, 1, 9, 0, 0, 123));
    assert.deepEqual(event['actor'], {
      app_name: 'ward-pc',
      user: {
        uid: 'urn:oid:1.2.3|n7',
        name: 'Nia Nurse',
        groups: [{ name: 'Professional nurse', uid: '106292003', type: 'role' }],
      },
    });
    assert.deepEqual(event['src_endpoint'], { name: 'ward-pc', ip: '10.1.2.3' });
    assert.deepEqual(event['database'], { type_id: 0, name: 'ehr' });
    assert.deepEqual(event['patient'], { uid: 'urn:oid:1.2.3.9|4711' });
    assert.equal(event['encounter_uid'], 'Encounter/e5');
    assert.equal(event['purpose_of_use'], 'BTG');
    assert.deepEqual(event['break_glass'], { reason: 'unconscious in the emergency room' });
    assert.deepEqual(event['record_types'], ['Observation', 'Encounter']);
    assert.equal(event.metadata['correlation_uid'], 'req-1');
    assert.equal(patientView(event)?.role, 'Professional nurse');
  });

const outcome = (value: unknown) => {
  const event = checkRecord(family, { ...READ, outcome: value });
  return [event.status_id, event.severity_id];
};

test('outcomes become status and severity', () => {
  assert.deepEqual(['0', '4', '8', '12', 'x'].map(outcome), [
    [1, 1],
    [2, 2],
    [2, 3],
    [2, 4],
    [0, 0],
  ]);
});

test('words that every object answers to are no codes', () => {
  for (const word of ['__proto__', 'constructor', 'toString']) {
    assert.deepEqual(outcome(word), [0, 0]);
    assert.equal(checkRecord(family, { ...READ, action: word }).activity_id, 0);
  }
});

test('an event without a requesting address becomes a base event, and without a time of its own says so', () => {
  const { recorded: _, ...rest } = READ;
  const event = checkRecord(family, { ...rest, recorded: '2026-02-01', agent: [] });
  assert.equal(event.class_uid, 0);
  assert.deepEqual(event.metadata.labels, ['class:6005', 'activity:1', 'time:received']);
});

/** What servers write that name the person and their address alone (HAPI, Medplum): no client or server among the agents. */
const BARE = {
  ...READ,
  agent: [
    {
      who: { reference: 'Practitioner/7', display: 'Nia Nurse' },
      requestor: true,
      network: { address: '10.1.2.3', type: '2' },
    },
  ],
  source: { observer: { reference: 'Device/ehr', display: 'EHR' } },
};

test('a requestor with an address of its own is the source where no agent is a client', () => {
  const event = checkRecord(family, BARE);
  assert.equal(event.type_uid, 600501);
  assert.deepEqual(event['src_endpoint'], { ip: '10.1.2.3' });
  assert.deepEqual(event['database'], { type_id: 0, name: 'EHR' });
  assert.deepEqual(
    checkRecord(family, { ...BARE, agent: [{ ...BARE.agent[0], network: { address: 'pc-7' } }] })['src_endpoint'],
    {
      hostname: 'pc-7',
    },
  );
});

test('an access that lacks what its class requires keeps patient, purpose and actor, and its patient sees it', () => {
  const [agent] = BARE.agent;
  const { network: _, ...silent } = agent ?? {};
  const btg = { coding: [{ code: 'BTG' }] };
  const event = checkRecord(family, { ...BARE, agent: [{ ...silent, purposeOfUse: [btg] }] });
  assert.equal(event.class_uid, 0);
  assert.ok(event.metadata.profiles?.includes('phi_access'));
  const view = patientView(event);
  assert.ok(view !== null && view.patient === patientKey(checkRecord(family, BARE)));
  assert.deepEqual(
    [view.who, view.action, view.purpose, view.emergency],
    ['Nia Nurse', 'read', 'emergency access', true],
  );
  assert.equal(retentionOf(event), 'record');
});

const typed = (code: string, sub: string) => checkRecord(family, { ...READ, type: { code }, subtype: [{ code: sub }] });

test('sign-ins, alerts and starts have classes of their own', () => {
  assert.equal(typed('110114', '110122').type_uid, 300201);
  assert.equal(typed('110114', '110123').type_uid, 300202);
  assert.equal(typed('110113', '110126').type_uid, 200401);
  assert.equal(typed('110100', '110120').type_uid, 600203);
  assert.equal(typed('110113', 'AuthZ-Consent').type_uid, 600599);
});

const bundle = (...resources: NativeFields[]) => ({
  resourceType: 'Bundle',
  entry: resources.map((resource) => ({ resource })),
});

test('a Bundle gives each AuditEvent, also in Bundles inside; one too deep or without any is refused', () => {
  const parsed = fhirAudit.parse(bundle(READ, { resourceType: 'Patient' }, bundle(READ_R5)));
  assert.ok(Array.isArray(parsed));
  assert.equal(parsed.length, 2);
  let deep: NativeFields = bundle(READ);
  for (let depth = 0; depth < BUNDLE_DEPTH_MAX; depth += 1) deep = bundle(deep);
  for (const refused of [
    deep,
    bundle({ resourceType: 'Patient' }),
    bundle(...Array.from({ length: BUNDLE_ENTRIES_MAX + 1 }, () => READ)),
  ]) {
    const result = fhirAudit.parse(refused);
    assert.ok(result !== null && 'reject' in result);
  }
});

test('a query is decoded only when it is text of a bounded length', () => {
  assert.equal(decodeQuery(Buffer.from('a=ü').toString('base64')), 'a=ü');
  assert.equal(decodeQuery('A'.repeat(FHIR_QUERY_CHARS_MAX + 4)), undefined);
  for (const bad of ['', '%%', '/w==', 'AA==']) assert.equal(decodeQuery(bad), undefined);
});

test('references tell their type in all their forms', () => {
  assert.equal(typeOfReference('Patient/1'), 'Patient');
  assert.equal(typeOfReference('https://x/fhir/List/a.b/_history/3'), 'List');
  for (const none of [undefined, '', 'urn:uuid:1', '#a', `Patient/${'a'.repeat(3000)}`])
    assert.equal(typeOfReference(none), undefined);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(
    family,
    [READ, READ_R5].map((fields) => ({ family: 'fhir-audit', fields })),
  );
});

function examples(): Map<string, NativeFields> {
  const folder = sharedPath('formats/fhir-auditevent/balp-json/');
  const names = readdirSync(folder);
  return new Map(names.map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(folder + name, 'utf8'))]));
}

/** What the published FSH source states of each example: the value of a rule such as `* action = #R`. */
function fshRules(): Map<string, Map<string, string>> {
  const folder = sharedPath('formats/fhir-auditevent/balp-fsh/');
  const instances = new Map<string, Map<string, string>>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.fsh'))) {
    let rules = new Map<string, string>();
    for (const line of readFileSync(folder + file, 'utf8').split('\n')) {
      const instance = /^Instance: *(\S+)/.exec(line)?.[1];
      if (instance !== undefined) instances.set(instance, (rules = new Map()));
      else if (/^(?:Profile|Extension|CodeSystem|ValueSet|RuleSet):/.test(line)) rules = new Map();
      const rule = /^\* *(\S+) *= *(.+?)\s*(?:\/\/ .*)?$/.exec(line);
      if (rule !== null) rules.set(rule[1] ?? '', rule[2] ?? '');
    }
  }
  return instances;
}

const FSH_ACTIVITIES: Readonly<Record<string, number>> = { C: 6, R: 1, U: 2, D: 7, E: 4 };

test('the BALP examples are valid, lossless, and mean what their FSH source states', skipWithoutShared, () => {
  const rules = fshRules();
  const compared = { action: 0, patient: 0, user: 0, request: 0, outcome: 0 };
  const all = examples();
  assert.equal(all.size, 33);
  for (const [name, fields] of all) {
    const event = checkRecord(family, fields);
    const fsh = rules.get(name);
    if (fsh === undefined) continue;
    const action = /#(\w)/.exec(fsh.get('action') ?? '')?.[1] ?? '';
    if (event.class_uid === 6005 && event.activity_id !== 99) {
      assert.equal(event.activity_id, FSH_ACTIVITIES[action], name);
      compared.action += 1;
    }
    const outcome = /#(\d+)/.exec(fsh.get('outcome') ?? '')?.[1];
    if (outcome !== undefined) {
      assert.equal(event.status_id, outcome === '0' ? 1 : 2, name);
      compared.outcome += 1;
    }
    const patient = /Reference\((.+)\)/.exec(fsh.get('entity[patient].what') ?? '')?.[1];
    if (patient !== undefined) {
      assert.deepEqual(event['patient'], { uid: patient.includes('/') ? patient : `Patient/${patient}` }, name);
      compared.patient += 1;
    }
    const user = /"(.+)"/.exec(fsh.get('agent[user].who.display') ?? '')?.[1];
    if (user !== undefined && event.class_uid === 6005) {
      assert.match(JSON.stringify(event['actor']), new RegExp(`"name":"${user}"`), name);
      compared.user += 1;
    }
    const request = /"(.+)"/.exec(fsh.get('entity[transaction].what.identifier.value') ?? '')?.[1];
    if (request !== undefined && event.class_uid === 6005) {
      assert.equal(event.metadata['correlation_uid'], request, name);
      compared.request += 1;
    }
  }
  assert.ok(
    Object.values(compared).every((count) => count >= 4),
    JSON.stringify(compared),
  );
  assert.ok(compared.action >= 25 && compared.patient >= 20, JSON.stringify(compared));
});

test('the client and the server of one act state one request', skipWithoutShared, () => {
  const all = examples();
  const ids = ['ex-auditBasicReadClient', 'ex-auditBasicReadServer'].map((name) => {
    const fields = all.get(name);
    assert.ok(fields !== undefined);
    return checkRecord(family, fields).metadata['correlation_uid'];
  });
  assert.equal(ids[0], ids[1]);
  assert.equal(typeof ids[0], 'string');
});

test('mutated examples are read or refused, never thrown at', skipWithoutShared, () => {
  const seeds = [...examples().values()];
  const records: NativeRecord[] = seeds.map((fields) => ({ family: 'fhir-audit', fields }));
  checkFamilyNeverLoses(family, records, 500);
  const below = seeded(11);
  const texts = seeds.map((fields) => Buffer.from(JSON.stringify(fields)));
  for (let round = 0, all = fuzzInputs(); round < all; round += 1) {
    let value: unknown;
    try {
      value = JSON.parse(mutate(texts, below).toString('utf8'));
    } catch {
      continue;
    }
    if (typeof value === 'object' && value !== null && fhirAudit.accepts(value as NativeFields)) {
      const parsed = fhirAudit.parse(value as NativeFields);
      if (parsed !== null && 'fields' in parsed) checkRecord(family, parsed.fields);
    }
  }
});
