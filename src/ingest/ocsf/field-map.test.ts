import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { assertSameFields } from '../../../test/support/family.ts';
import { byForm } from '../../../test/support/shared.ts';
import type { NativeFields } from '../types.ts';
import * as codecs from './codec.ts';
import { createDraft, finishDraft } from './draft.ts';
import { defineFieldMap, type FieldMap, type Row } from './field-map.ts';
import type { OcsfEvent } from './types.ts';
import { validateEvent } from './validate.ts';

const ROWS: Row[] = [
  ['User', 'user.name'],
  ['User', 'actor.user.name'],
  ['Ip', 'src_endpoint.ip'],
  ['Port', 'src_endpoint.port'],
  ['Pid', 'actor.process.pid', codecs.hex],
  ['When', 'session.created_time', codecs.msFromIso],
  ['Mfa', 'is_mfa'],
  ['LogonType', 'logon_type_id'],
  ['Host', 'dst_endpoint.hostname', codecs.lower],
  ['Result', 'status_code', codecs.words({ ok: 1, no: 2 })],
  ['who/id', 'user.uid'],
  ['who/mail/address', 'user.email_addr'],
  ['who/groups', 'user.uid_alt', codecs.keep(codecs.str)],
  ['Factor', 'auth_factors.0.factor_type_id', codecs.words({ sms: 2, push: 6 })],
];
const MAP = defineFieldMap(ROWS, { is_remote: true });

function finish(map: FieldMap, fields: NativeFields, classUid = 3002): OcsfEvent {
  const draft = createDraft();
  map.apply(fields, draft);
  draft.classUid = classUid;
  draft.activityId = 1;
  draft.severityId = 1;
  return finishDraft(draft, { family: 'f', kind: 'k', time: null, receivedMs: 1_700_000_000_000 });
}

const FULL: NativeFields = { User: 'ann', Host: 'pc', who: { id: 5, mail: { address: 'ann@example.org' } } };

test('a row moves its field to the attribute and the way back is the same', () => {
  const fields = { ...FULL, Ip: '10.1.2.3', Port: '443', Pid: '0x1f4', Mfa: 'true', LogonType: 3, Factor: 'push' };
  const event = finish(MAP, fields);
  assert.equal(event.class_uid, 3002);
  assert.equal(event.unmapped, undefined);
  assert.deepEqual(event['src_endpoint'], { ip: '10.1.2.3', port: 443 });
  assert.deepEqual(event['user'], { name: 'ann', uid: '5', email_addr: 'ann@example.org' });
  assert.deepEqual(event['actor'], { user: { name: 'ann' }, process: { pid: 500 } });
  assert.deepEqual(event['auth_factors'], [{ factor_type_id: 6 }]);
  assertSameFields(MAP.unmap(event), fields);
});

test('a field without a row, or that its attribute cannot hold, stays in unmapped under its own name', () => {
  const fields = {
    ...FULL,
    Ip: 'fe80::zz',
    Port: 70_000,
    LogonType: 77,
    Other: { deep: [1, null] },
    Empty: '',
    None: null,
  };
  const event = finish(MAP, fields);
  assert.deepEqual(event.unmapped, {
    Ip: 'fe80::zz',
    Port: 70_000,
    LogonType: 77,
    Other: { deep: [1, null] },
    Empty: '',
    None: null,
  });
  assert.equal(event['src_endpoint'], undefined);
});

test('a field that loses precision is mapped and kept as well', () => {
  const fields = { ...FULL, Host: 'PC-1', Pid: '0x1F4', When: '2026-01-02T03:04:05.123456Z' };
  const event = finish(MAP, fields);
  assert.deepEqual(event['dst_endpoint'], { hostname: 'pc-1' });
  assert.deepEqual(event.unmapped, { Host: 'PC-1', Pid: '0x1F4', When: '2026-01-02T03:04:05.123456Z' });
  assert.deepEqual(MAP.unmap(event), { ...fields, who: { id: '5', mail: { address: 'ann@example.org' } } });
});

test('a field called __proto__ survives and pollutes nothing', () => {
  const fields: NativeFields = JSON.parse('{"__proto__": {"polluted": 1}, "User": "ann", "Host": "pc"}');
  const event = finish(MAP, fields);
  assert.ok(Object.hasOwn(event.unmapped ?? {}, '__proto__'));
  assert.ok(Object.hasOwn(MAP.unmap(event), '__proto__'));
  assert.equal(Object.getPrototypeOf(event.unmapped), Object.prototype);
});

test('an object that lacks what it needs is dropped and its fields return to unmapped', () => {
  const map = defineFieldMap([
    ['Host', 'dst_endpoint.hostname'],
    ['User', 'user.name'],
    ['Zone', 'src_endpoint.zone'],
  ]);
  const fields = { Host: 'pc', User: 'ann', Zone: 'dmz' };
  const event = finish(map, fields);
  assert.equal(event.class_uid, 3002);
  assert.equal(event['src_endpoint'], undefined);
  assert.deepEqual(event.unmapped, { Zone: 'dmz' });
});

test('an attribute that the class does not have returns to unmapped', () => {
  const map = defineFieldMap([
    ['Host', 'device.hostname'],
    ['User', 'user.name'],
    ['Url', 'api.operation'],
  ]);
  const event = finish(map, { Host: 'pc', User: 'ann', Url: 'x' }, 4001);
  assert.equal(event.class_uid, 0);
  assert.deepEqual(event.unmapped, { Host: 'pc', User: 'ann', Url: 'x' });
  assert.deepEqual(event.metadata.labels, ['class:4001', 'activity:1', 'time:received']);
});

test('an event without what its class requires becomes a base event that keeps every field', () => {
  const fields = { Ip: '10.0.0.1', Port: 5 };
  const event = finish(MAP, fields);
  assert.equal(event.class_uid, 0);
  assert.equal(event.type_uid, 99);
  assert.deepEqual(event.unmapped, fields);
  assert.deepEqual(validateEvent(event), []);
  assert.deepEqual(MAP.unmap(event), fields);
});

test('profiles whose attributes an event uses are stated', () => {
  const map = defineFieldMap(
    [
      ['Host', 'dst_endpoint.hostname'],
      ['User', 'user.name'],
      ['Account', 'cloud.account.uid'],
    ],
    {
      'cloud.provider': 'AWS',
    },
  );
  const event = finish(map, { Host: 'pc', User: 'ann', Account: '1' });
  assert.deepEqual(event.metadata.profiles, ['cloud']);
  assert.deepEqual(validateEvent(event), []);
});

test('a profile that cannot be stated takes its attributes with it, also those inside objects', () => {
  const map = defineFieldMap([
    ['Host', 'dst_endpoint.hostname'],
    ['User', 'user.name'],
    ['Account', 'cloud.account.uid'],
    ['Region', 'logon_process.file.storage_class'],
    ['File', 'logon_process.file.name'],
    ['Pid', 'logon_process.pid'],
  ]);
  const fields = { Host: 'pc', User: 'ann', Account: '1', Region: 'cold', File: 'lsass.exe', Pid: 4 };
  const event = finish(map, fields);
  assert.deepEqual(validateEvent(event), []);
  assert.equal(event['cloud'], undefined);
  assertSameFields(map.unmap(event), fields);
});

test('a table that the schema does not know, or that could not be undone, is refused when it is made', () => {
  assert.throws(() => defineFieldMap([['A', 'user.nam']]), /no nam/);
  assert.throws(() => defineFieldMap([['A', 'user']]), /object/);
  assert.throws(() => defineFieldMap([['A', 'session.created_time']]), /time/);
  assert.throws(
    () =>
      defineFieldMap([
        ['A', 'user.name'],
        ['B', 'user.name'],
      ]),
    /two fields/,
  );
  assert.throws(() => defineFieldMap([], { logon_type_id: 77 }), /constant/);
});

test('setting an attribute by path keeps to its type', () => {
  const draft = createDraft();
  draft.set('src_endpoint.ip', 'no address');
  draft.set('src_endpoint.port', '22');
  draft.set('user.groups', [{ name: 'a' }]);
  assert.deepEqual(draft.root['src_endpoint'], { port: 22 });
  assert.throws(() => draft.set('src_endpoint.nothing', 1), /no nothing/);
});

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    '',
    '-',
    '7',
    '007',
    '0x1F',
    '0x1f',
    'true',
    'TRUE',
    '10.0.0.1',
    'sms',
    'ok',
    '2026-01-02T03:04:05.000Z',
    1e21,
    0.1,
  ),
);
const names = fc.constantFrom(...ROWS.map(([native]) => native.split('/')[0] ?? ''), 'other', '__proto__', 'toString');
const who = fc.dictionary(
  fc.constantFrom('id', 'mail', 'groups', 'more'),
  fc.oneof(value, fc.record({ address: value })),
);

test('whatever the fields hold, the event is valid and every field comes back', () => {
  fc.assert(
    fc.property(fc.dictionary(names, value), fc.option(who, { nil: undefined }), fc.boolean(), (some, inner, full) => {
      const built = { ...(full ? FULL : {}), ...some, ...(inner === undefined ? {} : { who: inner }) };
      const fields: NativeFields = JSON.parse(JSON.stringify(built));
      const event: OcsfEvent = JSON.parse(JSON.stringify(finish(MAP, fields)));
      assert.deepEqual(validateEvent(event), []);
      assertSameFields(MAP.unmap(event), fields);
    }),
    { numRuns: byForm({ quick: 200, ordinary: 2000, long: 20_000 }) },
  );
});
