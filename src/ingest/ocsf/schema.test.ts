import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { generateOcsf } from '../../../scripts/generate-ocsf.ts';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import type { ApiActivityEvent, OcsfClasses } from './events.generated.ts';
import { classSpec, classUids, objectSpec } from './schema.ts';

const text = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

test('the committed tables and types are what the generator makes of the schema', skipWithoutShared, () => {
  const { tables, types } = generateOcsf(sharedPath('ocsf/ocsf-schema-1.8.0-3dcb905d.tar.xz'));
  assert.equal(text('schema.generated.ts'), tables);
  assert.equal(text('events.generated.ts'), types);
});

test('the schema has the base event, the 75 classes of 1.8.0 and those of the Windows extension', () => {
  const uids = classUids();
  assert.equal(uids.filter((uid) => uid > 0 && uid < 100_000).length, 75);
  assert.deepEqual(
    uids.filter((uid) => uid >= 100_000),
    [201_001, 201_002, 201_003, 201_004, 205_004, 205_005, 205_019],
  );
});

test('every object that a class or object refers to is there', () => {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const attribute of objectSpec(name).attributes.values())
      if (attribute.base === 'object') visit(attribute.type);
  };
  for (const uid of classUids())
    for (const attribute of classSpec(uid)?.attributes.values() ?? [])
      if (attribute.base === 'object') visit(attribute.type);
  assert.ok(seen.size > 150);
});

test('inheritance, dictionary, profiles, patches and twins of times are resolved', () => {
  const authentication = classSpec(3002);
  assert.deepEqual(authentication?.atLeastOne, ['service', 'dst_endpoint']);
  assert.deepEqual(authentication?.attributes.get('actor')?.profiles, [], 'iam takes the profile host away');
  assert.deepEqual(authentication?.attributes.get('device')?.profiles, ['host']);
  assert.deepEqual(authentication?.attributes.get('time_dt')?.profiles, ['datetime']);
  assert.ok(objectSpec('process').attributes.has('hosted_services'), 'the Windows patch of process');
  assert.deepEqual(objectSpec('process').atLeastOne, ['pid', 'uid', 'cpid']);
  assert.ok(objectSpec('observable').attributes.get('type_id')?.values?.has(2), 'observables of types');
});

test('phi_access reaches every class, so that what lacks its class keeps its patient', () => {
  for (const uid of classUids())
    assert.deepEqual(classSpec(uid)?.attributes.get('patient')?.profiles, ['phi_access'], String(uid));
});

test('the generated types know required attributes and enums', () => {
  const actor: ApiActivityEvent['actor'] = { user: { name: 'ann' } };
  const activity: OcsfClasses[6005]['activity_id'] = 1;
  // @ts-expect-error 11 is not an activity of a datastore
  const none: OcsfClasses[6005]['activity_id'] = 11;
  assert.ok(actor.user !== undefined && activity + none === 12);
});
