import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import * as fc from 'fast-check';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { classSpec, classUids, objectSpec, type AttributeSpec, type ItemSpec } from './schema.ts';
import { EVENT_DEPTH_MAX, validateEvent, VIOLATIONS_MAX } from './validate.ts';

type Item = Record<string, unknown>;

/** The least that an object of this kind may hold. */
function least(spec: ItemSpec): Item {
  const item: Item = {};
  for (const name of needed(spec)) {
    const attribute = spec.attributes.get(name);
    if (attribute !== undefined) item[name] = attribute.isArray ? [sample(attribute)] : sample(attribute);
  }
  return item;
}

function needed(spec: ItemSpec): string[] {
  const groups = [spec.atLeastOne, spec.justOne].filter((group) => group !== null);
  // Some groups name attributes that the class does not have.
  const chosen = groups
    .filter((group) => !group.some((name) => spec.required.includes(name)))
    .map((group) => group.find((name) => spec.attributes.has(name)) ?? '');
  return [...spec.required, ...chosen];
}

function sample(attribute: AttributeSpec): unknown {
  const [first] = attribute.values ?? [];
  if (first !== undefined) return first;
  const texts: Record<string, string> = {
    ip_t: '10.0.0.1',
    mac_t: '00:00:5e:00:53:01',
    email_t: 'ann@example.org',
    uuid_t: '123e4567-e89b-12d3-a456-426614174000',
    datetime_t: '2026-01-01T00:00:00Z',
    bytestring_t: 'AAAA',
  };
  switch (attribute.base) {
    case 'object':
      return least(objectSpec(attribute.type));
    case 'boolean':
      return true;
    case 'integer':
    case 'float':
      return 1;
    case 'json':
      return { any: 1 };
    default:
      return texts[attribute.type] ?? 'text';
  }
}

function leastEvent(uid: number): Item {
  const spec = classSpec(uid);
  assert.ok(spec !== null);
  const event = least(spec);
  if (uid === 5004)
    event['device'] = { ...least(objectSpec('device')), os: { name: 'Windows', type_id: 100, version: '11' } };
  return { ...event, class_uid: uid, activity_id: 0, type_uid: uid * 100 };
}

const codes = (event: unknown): string[] => validateEvent(event).map(({ path, code }) => `${path} ${code}`);

for (const uid of classUids())
  test(`class ${uid}: the least event is valid and every mutation of it is not`, () => {
    const spec = classSpec(uid);
    assert.ok(spec !== null);
    const event = leastEvent(uid);
    assert.deepEqual(codes(event), []);
    for (const name of spec.required.filter((name) => name !== 'class_uid')) {
      const { [name]: _, ...without } = event;
      assert.ok(codes(without).includes(`${name} required_missing`), name);
    }
    for (const group of [spec.atLeastOne, spec.justOne]) {
      if (group === null) continue;
      const without = Object.fromEntries(
        Object.entries(event).filter(([name]) => !group.some((one) => one === name || one.startsWith(`${name}.`))),
      );
      assert.ok(codes(without).includes(' constraint_failed'));
    }
    assert.deepEqual(codes({ ...event, no_such: 1 }), ['no_such attribute_unknown']);
    assert.deepEqual(codes({ ...event, unmapped: { no_such: { any: [1] } } }), []);
    const activities = spec.attributes.get('activity_id')?.values;
    assert.ok(activities && !activities.has(98));
    assert.ok(codes({ ...event, activity_id: 98, type_uid: uid * 100 + 98 }).includes('activity_id enum_unknown'));
    for (const attribute of spec.attributes.values()) {
      if (attribute.base === 'json' || attribute.profiles.length > 0 || attribute.name === 'class_uid') continue;
      const wrong = codes({ ...event, [attribute.name]: attribute.isArray ? [Number.NaN] : Number.NaN });
      assert.ok(
        wrong.some((line) => line.startsWith(attribute.name)),
        attribute.name,
      );
    }
  });

test('types are held to their patterns, ranges and lengths', () => {
  const event = { ...leastEvent(4001) };
  const endpointCodes = (endpoint: Item): string[] =>
    codes({ ...event, src_endpoint: { ip: '10.0.0.1', ...endpoint } });
  assert.deepEqual(endpointCodes({ ip: '2001:db8::1', mac: '00-00-5e-00-53-01', port: 65_535 }), []);
  assert.deepEqual(endpointCodes({ ip: '10.0.0.256' }), ['src_endpoint.ip wrong_type']);
  assert.deepEqual(endpointCodes({ mac: '00:00:5e:00:53' }), ['src_endpoint.mac wrong_type']);
  assert.deepEqual(endpointCodes({ port: 65_536 }), ['src_endpoint.port wrong_type']);
  assert.deepEqual(endpointCodes({ port: '80' }), ['src_endpoint.port wrong_type']);
  assert.deepEqual(endpointCodes({ hostname: ['a'] }), ['src_endpoint.hostname wrong_type']);
  assert.deepEqual(codes({ ...event, time: 1.5 }), ['time wrong_type']);
  assert.deepEqual(codes({ ...event, time: '2026-01-01T00:00:00Z' }), ['time wrong_type']);
});

test('a profile allows its attributes only where it is stated, and requires what it requires', () => {
  const event = leastEvent(6005);
  const { metadata } = event;
  assert.ok(typeof metadata === 'object');
  const stating = (...profiles: string[]): Item => ({ ...event, metadata: { ...metadata, profiles } });
  const patient = { uid: '17', vip_level: 1, is_staff: false };
  assert.deepEqual(codes({ ...event, patient }), ['patient attribute_unknown']);
  assert.deepEqual(codes({ ...stating('phi_access'), patient, care_relation_id: 3 }), []);
  assert.deepEqual(codes({ ...stating('phi_access'), care_relation_id: 8 }), ['care_relation_id enum_unknown']);
  assert.deepEqual(codes({ ...stating('phi_access'), patient: {} }), ['patient constraint_failed']);
  assert.deepEqual(codes(stating('cloud')), ['cloud required_missing']);
  assert.deepEqual(codes(stating('clouds')), ['metadata.profiles profile_unknown']);
});

test('depth and number of violations are limited', () => {
  let process: Item = { pid: 1 };
  for (let depth = 0; depth < EVENT_DEPTH_MAX + 5; depth++) process = { pid: 1, parent_process: process };
  assert.ok(codes({ ...leastEvent(1007), process }).some((line) => line.endsWith('too_deep')));
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${index}`, 1]));
  assert.equal(validateEvent({ ...leastEvent(0), ...many }).length, VIOLATIONS_MAX);
});

test('objects that cannot be made text or numbers do not make the validator throw', () => {
  const opaque = { toString: 1, valueOf: 2 };
  const metadata = { version: '1.8.0', product: { name: opaque }, profiles: [opaque] };
  const found = codes({ ...leastEvent(4001), type_uid: opaque, activity_id: opaque, metadata });
  assert.ok(found.includes('type_uid wrong_type') && found.includes('metadata.profiles.0 wrong_type'));
});

test('no value makes the validator throw', () => {
  const uid = fc.constantFrom(...classUids());
  const key = fc.constantFrom(
    'metadata',
    'actor',
    'user',
    'type_uid',
    'time',
    'observables',
    'unmapped',
    'device',
    'api',
  );
  const event = fc
    .tuple(uid, fc.dictionary(key, fc.anything()))
    .map(([uid, rest]) => Object.assign(rest, { class_uid: uid }));
  fc.assert(
    fc.property(fc.oneof(event, fc.anything()), (value) => Array.isArray(validateEvent(value))),
    {
      numRuns: fuzzInputs({ atMost: 100_000 }),
    },
  );
});

/** What the published pairs break, and why. All others are valid under 1.8.0 although they state older versions. */
const BROKEN: Record<string, { reason: string; violations: string[] | 'not JSON' }> = {
  'AWS/v1.1.0/Security_Hub/Detection_Finding/samples/sechub-guardduty.ocsf': {
    reason: 'states the profile linux, which 1.8.0 calls linux/linux_users',
    violations: ['metadata.profiles profile_unknown'],
  },
  'AWS/v1.5.0/CloudTrail/Authentication/samples/authentication.ocsf': {
    reason: 'trailing comma',
    violations: 'not JSON',
  },
  'AWS/v1.5.0/EKS_Audit_Logs/samples/eks.ocsf': { reason: 'trailing comma', violations: 'not JSON' },
  'AWS/v1.5.0/WAF/Samples/waf.ocsf': {
    reason: 'nulls for absent attributes, numbers and times as text',
    violations: [
      'http_request.referrer wrong_type',
      'http_status wrong_type',
      'metadata.labels wrong_type',
      'time_dt wrong_type',
    ],
  },
  'Falco/samples/falco.ocsf': {
    reason: 'classname instead of class_name',
    violations: ['classname attribute_unknown'],
  },
  'Microsoft/O365/Exchange/messagetrace/v1.4.0/samples/messagetrace_Delivered.ocsf': {
    reason: 'the email object has neither uid nor message_uid that 1.8.0 knows',
    violations: ['email constraint_failed'],
  },
  'Microsoft/O365/Exchange/messagetrace/v1.4.0/samples/messagetrace_Resolved.ocsf': {
    reason: 'the same',
    violations: ['email constraint_failed'],
  },
  'Microsoft/Windows_Events/4624/4624_0.json': {
    reason: 'a release candidate: account_type moved into account; the address is a dash',
    violations: [
      'actor.user.account_type attribute_unknown',
      'actor.user.account_type_id attribute_unknown',
      'src_endpoint.ip wrong_type',
      'user.account_type attribute_unknown',
      'user.account_type_id attribute_unknown',
    ],
  },
  'Microsoft/Windows_Events/4661/4661.json': {
    reason: 'class 1010 was Windows resource activity then (now 201003)',
    violations: resource(true),
  },
  'Microsoft/Windows_Events/4663/4663_0.json': { reason: 'the same', violations: resource(false) },
  'Microsoft/Windows_Events/4673/4673_0.json': { reason: 'the same', violations: resource(true) },
  'Microsoft/Windows_Events/4688/4688_0.json': {
    reason: 'a release candidate: account_type moved into account',
    violations: ['actor.user.account_type attribute_unknown', 'actor.user.account_type_id attribute_unknown'],
  },
  'Zeek/v1.3.0/dns_log/samples/dns_log.ocsf': { reason: 'a comma is missing', violations: 'not JSON' },
  'Zeek/v1.3.0/http_log/samples/http_log.ocsf': {
    reason: 'x_forwarded_for is text instead of a list; message is a list instead of text',
    violations: ['http_request.x_forwarded_for wrong_type', 'message wrong_type'],
  },
  'Zeek/v1.3.0/smtp_log/samples/smtp_log.ocsf': { reason: 'text behind the value', violations: 'not JSON' },
};

function resource(lacksType: boolean): string[] {
  const before = ['actor.user.account_type', 'actor.user.account_type_id', 'win_resource'].map(
    (path) => `${path} attribute_unknown`,
  );
  return lacksType
    ? [...before, 'type_uid required_missing', 'peripheral_device required_missing', 'type_uid enum_unknown']
    : [...before, 'peripheral_device required_missing'];
}

test('the published pairs are valid, or break the schema in the known ways', skipWithoutShared, () => {
  const folder = sharedPath('formats/ocsf-pairs/');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(?:ocsf|json)$/.test(file),
  );
  assert.equal(files.length, 35);
  for (const file of files) {
    const found = check(readFileSync(folder + file, 'utf8'));
    assert.deepEqual(found, BROKEN[file]?.violations ?? [], file);
  }
});

function check(text: string): string[] | 'not JSON' {
  try {
    return codes(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return 'not JSON';
    throw error;
  }
}
