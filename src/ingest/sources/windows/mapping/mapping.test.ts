import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../../../test/support/family.ts';
import type { NativeFields } from '../../../types.ts';
import { windows } from '../family.ts';

const SID = 'S-1-5-21-1-2-3-1104';
const HOST = { Hostname: 'pc-1', TimeCreated: '2026-02-03T04:05:06.123Z', SourceName: 'x' };
const BY_ANN = { SubjectUserName: 'ann', SubjectDomainName: 'CLINIC', SubjectUserSid: SID, SubjectLogonId: '0x3e7' };
const BY_PROCESS = { ProcessGuid: '{A}', ProcessId: 42, Image: 'C:\\Tools\\a.exe', User: 'CLINIC\\ann' };

/** Channel, number, fields, and what has to come of them. */
const MEANINGS: readonly [string, number, NativeFields, NativeFields][] = [
  [
    'Security',
    4625,
    { TargetUserName: 'bob', IpAddress: '192.0.2.7', LogonType: '3', Keywords: '0x8010000000000000' },
    { type_uid: 300_201, status_id: 2, user: { name: 'bob' }, src_endpoint: { ip: '192.0.2.7' }, logon_type_id: 3 },
  ],
  ['Security', 4634, { TargetUserName: 'bob', TargetLogonId: '0x99' }, { type_uid: 300_202, session: { uid: '0x99' } }],
  [
    'Security',
    4672,
    { ...BY_ANN, PrivilegeList: 'SeDebugPrivilege\n\t\t\tSeTcbPrivilege' },
    { type_uid: 300_301, privileges: ['SeDebugPrivilege', 'SeTcbPrivilege'] },
  ],
  ['Security', 4698, { ...BY_ANN, TaskName: '\\Updater' }, { type_uid: 100_601, job: { name: '\\Updater' } }],
  [
    'Security',
    4720,
    { ...BY_ANN, TargetUserName: 'eve', TargetSid: 'S-1-2' },
    { type_uid: 300_101, user: { name: 'eve', uid: 'S-1-2' } },
  ],
  ['Security', 4740, { ...BY_ANN, TargetUserName: 'eve' }, { type_uid: 300_109 }],
  [
    'Security',
    4732,
    { ...BY_ANN, TargetUserName: 'Administrators', MemberSid: 'S-1-2', MemberName: '-' },
    { type_uid: 300_603, group: { name: 'Administrators' }, user: { uid: 'S-1-2' } },
  ],
  [
    'Security',
    4769,
    { TargetUserName: 'ann@X', ServiceName: 'krbtgt', IpAddress: '::ffff:192.0.2.7', Status: '0x0' },
    { type_uid: 300_204, service: { name: 'krbtgt' }, auth_protocol_id: 2 },
  ],
  [
    'Security',
    5145,
    { ...BY_ANN, IpAddress: '192.0.2.7', ShareName: '\\\\*\\C$', RelativeTargetName: 'a\\b.txt' },
    { class_uid: 4006, share: '\\\\*\\C$' },
  ],
  [
    'Security',
    5156,
    {
      ProcessID: '4',
      SourceAddress: '192.0.2.1',
      SourcePort: '50000',
      DestAddress: '192.0.2.2',
      DestPort: '104',
      Protocol: '6',
      Direction: '%%14593',
    },
    { type_uid: 400_101, connection_info: { direction: '%%14593', direction_id: 2, protocol_num: 6 } },
  ],
  ['Security', 1102, BY_ANN, { type_uid: 100_801, log_name: 'Security' }],
  [
    'Microsoft-Windows-Sysmon/Operational',
    3,
    {
      ...BY_PROCESS,
      SourceIp: '192.0.2.1',
      SourcePort: 5,
      DestinationIp: '192.0.2.2',
      DestinationPort: 443,
      Protocol: 'tcp',
      Initiated: 'true',
    },
    {
      type_uid: 400_101,
      dst_endpoint: { ip: '192.0.2.2', port: 443 },
      connection_info: { protocol_name: 'tcp', direction_id: 2 },
    },
  ],
  [
    'Microsoft-Windows-Sysmon/Operational',
    7,
    { ...BY_PROCESS, ImageLoaded: 'C:\\b.dll', Hashes: 'SHA1=AA,IMPHASH=BB' },
    {
      type_uid: 100_501,
      module: {
        load_type_id: 0,
        file: {
          path: 'C:\\b.dll',
          name: 'b.dll',
          type_id: 1,
          hashes: [
            { algorithm_id: 2, value: 'AA' },
            { algorithm_id: 99, algorithm: 'IMPHASH', value: 'BB' },
          ],
        },
      },
    },
  ],
  [
    'Microsoft-Windows-Sysmon/Operational',
    10,
    {
      SourceProcessGUID: '{A}',
      SourceProcessId: '1',
      SourceImage: 'C:\\a.exe',
      TargetProcessGUID: '{B}',
      TargetProcessId: '2',
      TargetImage: 'C:\\lsass.exe',
      GrantedAccess: '0x1410',
    },
    { type_uid: 100_703, actual_permissions: 0x1410 },
  ],
  [
    'Microsoft-Windows-Sysmon/Operational',
    11,
    { ...BY_PROCESS, TargetFilename: 'C:\\x\\y.txt' },
    { type_uid: 100_101, file: { path: 'C:\\x\\y.txt', name: 'y.txt', type_id: 1 } },
  ],
  [
    'Microsoft-Windows-Sysmon/Operational',
    13,
    { ...BY_PROCESS, EventType: 'SetValue', TargetObject: 'HKLM\\A\\B', Details: 'DWORD (0x1)' },
    { type_uid: 20_100_202, reg_value: { path: 'HKLM\\A', name: 'B', data: 'DWORD (0x1)' } },
  ],
  [
    'Microsoft-Windows-Sysmon/Operational',
    22,
    { ...BY_PROCESS, QueryName: 'a.example', QueryStatus: '0' },
    { type_uid: 400_301, status_id: 1, query: { hostname: 'a.example' }, src_endpoint: { hostname: 'pc-1' } },
  ],
  [
    'Microsoft-Windows-PowerShell/Operational',
    4104,
    { ScriptBlockText: 'ls', ScriptBlockId: '{C}', UserID: SID },
    { type_uid: 100_901, script: { type_id: 2, script_content: { value: 'ls' }, uid: '{C}' } },
  ],
  [
    'System',
    7045,
    { ServiceName: 'svc', ImagePath: 'C:\\a.exe', UserID: SID },
    { type_uid: 20_100_401, win_service: { name: 'svc', cmd_line: 'C:\\a.exe' } },
  ],
  [
    'Microsoft-Windows-Windows Defender/Operational',
    1116,
    { 'Detection ID': '{D}', 'Threat Name': 'Worm', 'Severity ID': '5' },
    { type_uid: 200_401, severity_id: 5, finding_info: { uid: '{D}', title: 'Worm' } },
  ],
  ['Application', 1000, { Data: ['a', 'b'] }, { type_uid: 99 }],
  [
    'Microsoft-IIS-Logging/Logs',
    6200,
    { 'c-ip': '192.0.2.7', 's-port': '443', 'cs-method': 'GET', 'cs-uri-stem': '/a', 'sc-status': '400' },
    {
      type_uid: 400_203,
      status_id: 2,
      http_request: { http_method: 'GET', url: { path: '/a' } },
      http_response: { code: 400 },
    },
  ],
  // Nobody is named who did it: the class needs somebody, and nobody is invented.
  ['System', 7045, { ServiceName: 'svc', ImagePath: 'C:\\a.exe' }, { class_uid: 0 }],
];

for (const [channel, id, fields, expected] of MEANINGS)
  test(`${channel} ${id} becomes ${Number(expected['type_uid'] ?? expected['class_uid'])}`, () => {
    const event = checkRecord(windows, { Channel: channel, EventID: id, ...HOST, ...fields });
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(event[name], value, name);
  });

test('whatever the fields hold, the event is valid and gives them back', () => {
  const seeds = MEANINGS.map(([Channel, EventID, fields]) => ({
    family: 'windows',
    fields: {
      Channel,
      EventID,
      ...HOST,
      UtcTime: '2026-02-03 04:05:06.120',
      Keywords: '0x8020000000000000',
      ...fields,
    },
  }));
  checkFamilyNeverLoses(windows, seeds, 1500);
});
