import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../../test/support/family.ts';
import { mutate, seeded } from '../../../../test/support/mutate.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
import { patientView } from '../../patient-view.ts';
import { MemberReader } from '../../read/reader.ts';
import type { NativeFields, NativeRecord } from '../../types.ts';
import { atna } from './atna.ts';

const [family] = atna.families;
assert.ok(family !== undefined);

/** An export of a patient's study by a person at a workstation; `code` is the name of the code attribute. */
function exported(code: string, words: string): string {
  const coded = (element: string, value: string, text: string) =>
    `<${element} ${code}="${value}" codeSystemName="DCM" ${words}="${text}"/>`;
  return `<AuditMessage><EventIdentification EventActionCode="R" EventDateTime="2026-02-01T10:00:00+01:00" EventOutcomeIndicator="0">
${coded('EventID', '110106', 'Export')}${coded('PurposeOfUse', 'TREAT', 'treatment')}</EventIdentification>
<ActiveParticipant UserID="PACS" UserIsRequestor="false" NetworkAccessPointID="pacs.example" NetworkAccessPointTypeCode="1">${coded('RoleIDCode', '110153', 'Source')}</ActiveParticipant>
<ActiveParticipant UserID="STICK" UserIsRequestor="false">${coded('RoleIDCode', '110152', 'Destination')}</ActiveParticipant>
<ActiveParticipant UserID="rad3" UserName="Ray D" UserIsRequestor="true" NetworkAccessPointID="10.0.0.9" NetworkAccessPointTypeCode="2">${coded('RoleIDCode', 'RAD', 'Radiologist')}</ActiveParticipant>
<AuditSourceIdentification AuditSourceID="PACS" AuditEnterpriseSiteID="North"/>
<ParticipantObjectIdentification ParticipantObjectID="4711^^^&amp;1.2.3.9&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">${coded('ParticipantObjectIDTypeCode', '2', 'Patient Number')}</ParticipantObjectIdentification>
</AuditMessage>`;
}

function fieldsOf(text: string): NativeFields {
  const parsed = atna.parse(text);
  assert.ok(parsed !== null && 'fields' in parsed, JSON.stringify(parsed));
  return parsed.fields;
}

for (const [dialect, code, words] of [
  ['dicom', 'csd-code', 'originalText'],
  ['rfc3881', 'code', 'displayName'],
  ['mixed', 'csd-code', 'displayName'],
] as const)
  test(`an export in the ${dialect} dialect says who took whose study`, () => {
    const event = checkRecord(family, fieldsOf(exported(code, words)));
    assert.equal(event.type_uid, 600501);
    assert.equal(event.time, Date.UTC(2026, 1, 1, 9));
    assert.deepEqual(event['audit_source'], { format: dialect });
    assert.deepEqual(event['patient'], { uid: 'urn:oid:1.2.3.9|4711' });
    assert.deepEqual(event['src_endpoint'], { ip: '10.0.0.9' });
    assert.equal(event['purpose_of_use'], 'TREAT');
    const view = patientView(event);
    assert.deepEqual(
      [view?.who, view?.role, view?.purpose, view?.from],
      ['Ray D', 'Radiologist', 'treatment', 'North'],
    );
    assert.equal(event.metadata.labels, undefined);
  });

test('what the standard requires and a message lacks is a label, not a refusal', () => {
  const text = exported('code', 'displayName')
    .replaceAll(/ UserIsRequestor="\w+"/g, '')
    .replace(/<AuditSource.*\/>/, '');
  const event = checkRecord(family, fieldsOf(text));
  assert.deepEqual(event.metadata.labels?.slice(0, 2), [
    'missing:AuditSourceIdentification',
    'missing:ActiveParticipant@UserIsRequestor',
  ]);
});

test('words that every object answers to are no codes', () => {
  const text = exported('code', 'displayName').replace('Indicator="0"', 'Indicator="constructor"');
  const event = checkRecord(family, fieldsOf(text.replace('ActionCode="R"', 'ActionCode="__proto__"')));
  assert.deepEqual([event.status_id, event.activity_id], [0, 0]);
});

test('no document type, no event and no XML are refused; another element is not ours', () => {
  const refused = [
    '<!DOCTYPE a [<!ENTITY b "c">]><AuditMessage/>',
    '<AuditMessage/>',
    '<AuditMessage><a></AuditMessage>',
  ];
  for (const text of refused) {
    const parsed = atna.parse(text);
    assert.ok(parsed !== null && 'reject' in parsed, text);
  }
  assert.equal(atna.parse('<Event/>'), null);
});

/** As OpenEMR writes it: the word eventIDcode where the code belongs, the header's line apart from the XML. */
const OPENEMR = `<13>2026-02-01T09:00:00+00:00 emr.example
<?xml version="1.0" encoding="ASCII"?><AuditMessage><EventIdentification EventActionCode="R" EventDateTime="2026-02-01T09:00:00+00:00" EventOutcomeIndicator="0"><EventID code="eventIDcode" displayName="Patient Record" codeSystemName="DCM"/></EventIdentification><ActiveParticipant UserID="admin" UserIsRequestor="true" NetworkAccessPointID="10.0.0.1" NetworkAccessPointTypeCode="2"/><AuditSourceIdentification AuditSourceID="emr"/><ParticipantObjectIdentification ParticipantObjectID="17" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1"><ParticipantObjectIDTypeCode code="2"/></ParticipantObjectIdentification></AuditMessage>`;

function readAll(bytes: Buffer): NativeRecord[] {
  const reader = new MemberReader('a.log', bytes, { sources: [atna] });
  const items = [...reader.push(bytes), ...reader.end()];
  return items.flatMap(({ parsed }) => ('fields' in parsed ? [parsed] : []));
}

test('OpenEMR messages are read with and without octet counts', () => {
  for (const text of [OPENEMR, `${Buffer.byteLength(OPENEMR)} ${OPENEMR}`]) {
    const [record] = readAll(Buffer.from(text));
    assert.ok(record !== undefined, text.slice(0, 30));
    const event = checkRecord(family, record.fields);
    assert.equal(event.type_uid, 600501);
    assert.deepEqual(event['patient'], { uid: '17' });
  }
  const login = fieldsOf(OPENEMR.slice(OPENEMR.indexOf('<?xml')).replace('Patient Record', 'Login'));
  assert.equal(checkRecord(family, login).type_uid, 300201);
});

test('the published messages are read from their octet-counted stream', skipWithoutShared, () => {
  const bytes = readFileSync(sharedPath('formats/atna-dicom-audit/atna-rfc5425-octet-counted.bin'));
  const records = readAll(bytes);
  assert.equal(records.length, 2);
  const [query, login] = records.map(({ fields }) => checkRecord(family, fields));
  assert.equal(query?.type_uid, 600504);
  assert.deepEqual(query?.['patient'], { uid: 'urn:oid:1.1.1.99.1|215503a0-11d2-4197-822a-053791ab5a8e' });
  assert.match(JSON.stringify(query?.['query_info']), /patient\.identifier=urn:oid:1\.1\.1\.99\.1/);
  assert.equal(query?.metadata.original_time, '2024-06-25T13:47:57.598829760Z');
  assert.equal(query?.status_id, 2);
  assert.equal(login?.type_uid, 300201);
  assert.deepEqual(login?.metadata.labels, ['missing:ActiveParticipant@UserIsRequestor']);
  checkFamilyNeverLoses(family, records, 300);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  const texts = [exported('csd-code', 'originalText'), exported('code', 'displayName')];
  checkFamilyNeverLoses(
    family,
    texts.map((text) => ({ family: 'atna', fields: fieldsOf(text) })),
  );
});

test('mutated messages are read or refused, never thrown at', () => {
  const below = seeded(5);
  const seeds = [exported('csd-code', 'originalText'), OPENEMR.slice(OPENEMR.indexOf('<?xml'))].map((text) =>
    Buffer.from(text),
  );
  for (let round = 0, all = fuzzInputs(); round < all; round += 1) {
    const parsed = atna.parse(mutate(seeds, below).toString('utf8'));
    if (parsed !== null && 'fields' in parsed && round % 5 === 0) checkRecord(family, parsed.fields);
  }
});
