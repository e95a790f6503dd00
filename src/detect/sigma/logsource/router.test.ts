import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Logsource } from '../types.ts';
import type { Fields } from '../values.ts';
import { fieldOf, serves } from './route.ts';
import { Router } from './router.ts';

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';

function served(family: string, fields: Fields, logsource: Logsource): boolean {
  return serves(new Router().route(family, fields), logsource);
}

function read(family: string, fields: Fields, logsource: Logsource, field: string): unknown {
  return fieldOf(new Router().route(family, fields), logsource, field)(fields);
}

test('Sysmon events by id, PowerShell by channel and id', () => {
  const cases: [string, number, string, boolean][] = [
    [SYSMON, 1, 'process_creation', true],
    [SYSMON, 12, 'registry_add', true],
    [SYSMON, 12, 'registry_event', true],
    [SYSMON, 13, 'registry_set', true],
    [SYSMON, 13, 'registry_add', false],
    [SYSMON, 26, 'file_delete', true],
    [SYSMON, 18, 'pipe_created', true],
    ['Microsoft-Windows-PowerShell/Operational', 4104, 'ps_script', true],
    ['PowerShellCore/Operational', 4103, 'ps_module', true],
    ['Microsoft-Windows-PowerShell/Operational', 4103, 'ps_script', false],
    ['Windows PowerShell', 400, 'ps_classic_start', true],
    ['Security', 1, 'process_creation', false],
  ];
  for (const [Channel, EventID, category, expected] of cases) {
    assert.equal(
      served('windows', { Channel, EventID }, { product: 'windows', category }),
      expected,
      `${Channel} ${EventID} ${category}`,
    );
  }
});

test('channels are compared without case, event ids as numbers or text', () => {
  for (const Channel of ['Security', 'security', 'SECURITY']) {
    assert.ok(served('windows', { Channel, EventID: '4688' }, { product: 'windows', service: 'security' }));
    assert.ok(served('windows', { Channel, EventID: '4688' }, { product: 'windows', category: 'process_creation' }));
  }
  assert.ok(!served('windows', { Channel: 'System', EventID: 1 }, { product: 'windows', service: 'security' }));
});

test('4688 is a process creation under other names, for category rules alone', () => {
  const fields = {
    Channel: 'security',
    EventID: 4688,
    NewProcessName: 'C:\\a.exe',
    ParentProcessName: 'C:\\b.exe',
    NewProcessId: '0x10',
    ProcessId: '0x20',
    SubjectDomainName: 'DOM',
    SubjectUserName: 'eve',
    MandatoryLabel: 'S-1-16-12288',
  };
  const category = { product: 'windows', category: 'process_creation' };
  const expected = {
    Image: 'C:\\a.exe',
    ParentImage: 'C:\\b.exe',
    ProcessId: '0x10',
    ParentProcessId: '0x20',
    User: 'DOM\\eve',
    IntegrityLevel: 'High',
  };
  for (const [field, value] of Object.entries(expected))
    assert.equal(read('windows', fields, category, field), value, field);
  const service = { product: 'windows', service: 'security' };
  assert.deepEqual(
    [read('windows', fields, service, 'ProcessId'), read('windows', fields, service, 'Image')],
    ['0x20', undefined],
  );
});

test('no rule of one product sees another product', () => {
  const records: [string, Fields][] = [
    ['windows', { Channel: SYSMON, EventID: 1 }],
    ['sysmon-linux', { EventID: 1 }],
    ['zeek', { _path: 'dns' }],
    ['cloudtrail', {}],
    ['okta', {}],
    ['ocsf', { class_uid: 6005 }],
    ['sshd', {}],
  ];
  const products = ['windows', 'linux', 'zeek', 'aws', 'okta', 'wardkeep', 'linux'];
  for (const [i, [family, fields]] of records.entries()) {
    for (const product of new Set(products))
      assert.equal(served(family, fields, { product }), product === products[i], `${family} ${product}`);
  }
});

test('other families by their own words', () => {
  assert.ok(served('zeek', { _path: 'http' }, { product: 'zeek', service: 'http' }));
  assert.ok(
    served('zeek', { _path: 'dns' }, { category: 'dns' }) && !served('zeek', { _path: 'conn' }, { category: 'dns' }),
  );
  assert.ok(served('sysmon-linux', { EventID: '1' }, { product: 'linux', category: 'process_creation' }));
  assert.ok(
    served('sshd', {}, { product: 'linux', service: 'auth' }) &&
      served('auditd', {}, { product: 'linux', service: 'auditd' }),
  );
  assert.ok(served('linux-syslog', { program: 'CRON' }, { product: 'linux', service: 'cron' }));
  assert.ok(
    served('nginx', {}, { category: 'webserver' }) &&
      served('cloudtrail', {}, { product: 'aws', service: 'cloudtrail' }),
  );
  assert.ok(served('entra', { category: 'SignInLogs' }, { product: 'azure', service: 'signinlogs' }));
  assert.ok(
    served('entra', { userPrincipalName: 'a', createdDateTime: 'b' }, { product: 'azure', service: 'signinlogs' }),
  );
  assert.ok(served('ocsf', { class_uid: 6005 }, { product: 'wardkeep', category: 'datastore_activity' }));
  assert.equal(read('nginx', { user_agent: 'x' }, { category: 'webserver' }, 'cs-user-agent'), 'x');
  assert.ok(served('brand-new', {}, { product: 'brand-new' }));
});

test('any record has a route, and the same kind the same one', () => {
  const router = new Router();
  const family = fc.oneof(
    fc.constantFrom('windows', 'zeek', 'entra', 'cef', 'crowdstrike', '__proto__', 'constructor'),
    fc.string(),
  );
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant({}), fc.constant([]));
  const fields = fc.dictionary(
    fc.constantFrom('Channel', 'EventID', '_path', 'category', 'deviceVendor', 'type'),
    value,
  );
  fc.assert(
    fc.property(family, fields, (name, record) =>
      assert.equal(router.route(name, record), router.route(name, { ...record })),
    ),
  );
});
