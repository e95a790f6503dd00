import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord, mapContext } from '../../../../test/support/family.ts';
import { mutate, seeded } from '../../../../test/support/mutate.ts';
import { FUZZ_INPUTS, sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
import type { EventTime, NativeFields, NativeRecord } from '../../types.ts';
import { windows } from './family.ts';
import { windowsKind } from './kind.ts';
import { windowsTime } from './time.ts';
import { windowsJson } from './windows-json.ts';
import { parseWindowsXml, windowsXml } from './windows-xml.ts';

function fieldsOf(parsed: unknown): NativeFields {
  assert.ok(typeof parsed === 'object' && parsed !== null && 'fields' in parsed, JSON.stringify(parsed));
  return (parsed as NativeRecord).fields;
}

function fromJson(value: NativeFields): NativeFields {
  assert.ok(windowsJson.accepts(value));
  return fieldsOf(windowsJson.parse(value));
}

const SID = 'S-1-5-21-1-2-3-1104';
const DATA = {
  SubjectUserSid: SID,
  SubjectUserName: 'ann',
  NewProcessId: '0x10',
  NewProcessName: 'C:\\Windows\\System32\\cmd.exe',
};
const SYSTEM_TIME = '2026-02-03T04:05:06.1234567Z';

const XML = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
  <Provider Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-A5BA-3E3B0328C30D}"/><EventID>4688</EventID>
  <Level>0</Level><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime="${SYSTEM_TIME}"/>
  <EventRecordID>77</EventRecordID><Correlation/><Execution ProcessID="4" ThreadID="8"/><Channel>Security</Channel>
  <Computer>pc-1.example.org</Computer><Security/></System><EventData>
  <Data Name="SubjectUserSid">${SID}</Data><Data Name="SubjectUserName">ann</Data>
  <Data Name="NewProcessId">0x10</Data><Data Name="NewProcessName">C:\\Windows\\System32\\cmd.exe</Data></EventData></Event>`;

const SYSTEM = {
  Provider: { '@Name': 'Microsoft-Windows-Security-Auditing' },
  EventID: '4688',
  TimeCreated: { '@SystemTime': SYSTEM_TIME },
  EventRecordID: '77',
  Channel: 'Security',
  Computer: 'pc-1.example.org',
};

const ENVELOPES: Record<string, NativeFields> = {
  'XML converted with @': { Event: { '@xmlns': 'urn:x', System: SYSTEM, EventData: DATA } },
  'XML converted with named data': {
    Event: {
      System: SYSTEM,
      EventData: { Data: Object.entries(DATA).map(([name, text]) => ({ '@Name': name, '#text': text })) },
    },
  },
  'XML converted with #attributes': {
    Event: {
      '#attributes': { xmlns: 'urn:x' },
      System: {
        ...SYSTEM,
        Provider: { '#attributes': { Name: 'Microsoft-Windows-Security-Auditing' } },
        EventID: { '#attributes': { Qualifiers: '' }, '#text': 4688 },
        TimeCreated: { '#attributes': { SystemTime: SYSTEM_TIME } },
      },
      EventData: DATA,
    },
  },
  'System at the top': {
    System: {
      ...SYSTEM,
      Provider: { Name: 'Microsoft-Windows-Security-Auditing' },
      EventID: { Value: 4688 },
      TimeCreated: { SystemTime: SYSTEM_TIME },
    },
    EventData: DATA,
  },
  Winlogbeat: {
    '@timestamp': '2026-02-03T04:05:06.123Z',
    event: { code: '4688', kind: 'event' },
    host: { name: 'pc-1' },
    winlog: {
      channel: 'Security',
      event_id: '4688',
      provider_name: 'Microsoft-Windows-Security-Auditing',
      computer_name: 'pc-1.example.org',
      record_id: 77,
      time_created: SYSTEM_TIME,
      event_data: DATA,
      process: { pid: 4 },
    },
  },
  'Winlogbeat with dotted names': {
    '@timestamp': SYSTEM_TIME,
    'event.code': '4688',
    'winlog.channel': 'Security',
    'winlog.provider_name': 'Microsoft-Windows-Security-Auditing',
    'winlog.computer_name': 'pc-1.example.org',
    'winlog.record_id': '77',
    'winlog.time_created': SYSTEM_TIME,
    ...Object.fromEntries(Object.entries(DATA).map(([name, value]) => [`winlog.event_data.${name}`, value])),
  },
  'Winlogbeat 6': {
    '@timestamp': SYSTEM_TIME,
    log_name: 'Security',
    event_id: 4688,
    source_name: 'Microsoft-Windows-Security-Auditing',
    computer_name: 'pc-1.example.org',
    record_number: '77',
    event_data: DATA,
  },
};

for (const [name, envelope] of Object.entries(ENVELOPES))
  test(`${name}: the same native fields and the same meaning`, () => {
    const fields = fromJson(structuredClone(envelope));
    assert.equal(fields['EventID'], 4688);
    assert.equal(fields['Channel'], 'Security');
    assert.equal(fields['Computer'], 'pc-1.example.org');
    assert.equal(fields['Provider_Name'], 'Microsoft-Windows-Security-Auditing');
    assert.equal(String(fields['EventRecordID']), '77');
    for (const [field, value] of Object.entries(DATA)) assert.equal(fields[field], value);
    const event = checkRecord(windows, fields);
    assert.equal(event.type_uid, 100_701);
    assert.equal(event.time, Date.UTC(2026, 1, 3, 4, 5, 6, 123));
  });

test('XML: System, named data and attributes under their native names', () => {
  const fields = fieldsOf(windowsXml.parse(XML));
  assert.deepEqual(fields, {
    Provider_Name: 'Microsoft-Windows-Security-Auditing',
    Provider_Guid: '{54849625-5478-4994-A5BA-3E3B0328C30D}',
    EventID: 4688,
    Level: '0',
    Keywords: '0x8020000000000000',
    TimeCreated: SYSTEM_TIME,
    EventRecordID: '77',
    ExecutionProcessID: '4',
    ExecutionThreadID: '8',
    Channel: 'Security',
    Computer: 'pc-1.example.org',
    ...DATA,
  });
  const event = checkRecord(windows, fields);
  assert.equal(event.status_id, 1);
  assert.equal(event.metadata.original_time, SYSTEM_TIME);
});

test('a copy from a browser, with a minus before each element, reads the same', () => {
  const copied = XML.replaceAll(/<(?=System|EventData)/g, '- <');
  assert.deepEqual(windowsXml.parse(copied), windowsXml.parse(XML));
});

test('unnamed data is Data, several of them an array; user data is its leaves; a taken name gets a prefix', () => {
  const system = '<System><EventID Qualifiers="1">400</EventID><Channel>A</Channel></System>';
  const unnamed = fieldsOf(
    parseWindowsXml(`<Event>${system}<EventData><Data>a</Data><Data>b</Data></EventData></Event>`),
  );
  assert.deepEqual(unnamed, { EventID: 400, Qualifiers: '1', Channel: 'A', Data: ['a', 'b'] });
  const user = `<UserData><LogFileCleared xmlns="urn:x"><SubjectUserName>ann</SubjectUserName><Channel>System</Channel></LogFileCleared></UserData>`;
  const cleared = fieldsOf(parseWindowsXml(`<Event>${system}${user}</Event>`));
  assert.equal(cleared['SubjectUserName'], 'ann');
  assert.equal(cleared['Channel'], 'A');
  assert.equal(cleared['EventData_Channel'], 'System');
  checkRecord(windows, cleared);
});

test("other people's Event elements are not ours, broken and hostile ones are rejected", () => {
  assert.equal(parseWindowsXml('<Event><Name>x</Name></Event>'), null);
  assert.equal(parseWindowsXml('<Audit/>'), null);
  for (const text of ['<Event><System>', '<!DOCTYPE a><Event/>', '<Event>&#0;</Event>'])
    assert.equal((parseWindowsXml(text) as { reject?: string }).reject, 'bad_xml');
  assert.equal((parseWindowsXml('<Event>'.repeat(100)) as { reject?: string }).reject, 'too_deep');
});

test('a flat event is passed on itself, its number made a number', () => {
  const value = { EventID: '1', Channel: 'Microsoft-Windows-Sysmon/Operational', Image: 'C:\\a.exe' };
  const parsed = windowsJson.parse(value);
  assert.ok(parsed !== null && 'fields' in parsed);
  assert.equal(parsed.fields, value);
  assert.equal(value.EventID, 1);
});

test('the data of Log Analytics is read from XML, JSON or an object', () => {
  const row = { TimeGenerated: SYSTEM_TIME, Computer: 'pc-1', Channel: 'Security', EventID: 4688 };
  const xml = `<EventData xmlns="urn:x"><Data Name="SubjectUserName">ann</Data></EventData>`;
  for (const data of [xml, '{"SubjectUserName":"ann"}', { SubjectUserName: 'ann' }]) {
    const fields = fromJson({ ...row, EventData: data });
    assert.equal(fields['SubjectUserName'], 'ann');
    assert.equal(fields['EventData'], undefined);
    assert.equal(checkRecord(windows, fields).time, Date.UTC(2026, 1, 3, 4, 5, 6, 123));
  }
  assert.equal(fromJson({ ...row, EventData: '<broken' })['EventData'], '<broken');
});

test("Sysmon for Linux in Azure's Syslog table", () => {
  const xml = XML.replace('>Security<', '>Linux-Sysmon/Operational<').replace('>4688<', '>5<');
  const fields = fromJson({ Type: 'Syslog', Computer: 'other', HostIP: '10.0.0.1', SyslogMessage: xml });
  assert.equal(windowsKind(fields), 'sysmon/5');
  assert.equal(fields['Computer'], 'pc-1.example.org');
  assert.equal(fields['Syslog_Computer'], 'other');
  assert.equal(fields['HostIP'], '10.0.0.1');
});

test('an ampersand that begins no reference is text', () => {
  const loose = XML.replace('>ann<', '>&lt unknown&gt A&B &amp;<');
  assert.equal(fieldsOf(parseWindowsXml(loose))['SubjectUserName'], '&lt unknown&gt A&B &');
});

test('kinds: channel in any case, else the provider; a collector channel counts for nothing', () => {
  for (const [fields, kind] of [
    [{ Channel: 'security', EventID: 4624 }, 'security/4624'],
    [{ Channel: 'Security', EventID: 4624 }, 'security/4624'],
    [{ Channel: 'Linux-Sysmon/Operational', EventID: 1 }, 'sysmon/1'],
    [{ Channel: 'ForwardedEvents', SourceName: 'Microsoft-Windows-Sysmon', EventID: '3' }, 'sysmon/3'],
    [{ Channel: 'Windows PowerShell', EventID: 400 }, 'powershell-classic/400'],
    [{ Channel: 'constructor', EventID: 1 }, 'other/1'],
    [{ Provider_Name: 'PowerShell', EventID: 600 }, 'powershell-classic/600'],
    [{ Channel: 'System', EventID: 'x' }, 'system/unknown'],
    [{}, 'other/unknown'],
  ] as const)
    assert.equal(windowsKind(fields), kind);
});

function at(fields: NativeFields, zone?: string): EventTime | null {
  return windowsTime(fields, mapContext({ zone }));
}

test("time: the producer's field for all channels, its zone from the collector's stamps, never Sysmon's", () => {
  const utc = { UtcTime: '2026-02-03 00:00:00.000' };
  assert.deepEqual(at({ ...utc, TimeCreated: '2026-02-03T04:05:06.123Z' }), { ms: Date.UTC(2026, 1, 3, 4, 5, 6, 123) });
  assert.deepEqual(at({ ...utc, TimeCreated: '2026-02-03T04:05:06.123456789Z' }), {
    ms: Date.UTC(2026, 1, 3, 4, 5, 6, 123),
    original: '2026-02-03T04:05:06.123456789Z',
  });
  const zoneless = at({ ...utc, TimeCreated: '2026-02-03 04:05:06.123' }, '+01:00');
  assert.equal(zoneless?.ms, Date.UTC(2026, 1, 3, 3, 5, 6, 123));
  assert.deepEqual(zoneless?.labels, ['time:zone-assumed']);
  const nxlog = {
    ...utc,
    EventTime: '2026-02-03 00:05:05',
    EventReceivedTime: '2026-02-03 00:05:06',
    '@timestamp': '2026-02-03T04:05:07.434Z',
  };
  assert.deepEqual(at(nxlog), { ms: Date.UTC(2026, 1, 3, 4, 5, 5) });
  assert.equal(at({ ...nxlog, '@timestamp': '2026-02-03T04:13:07Z' })?.ms, Date.UTC(2026, 1, 3, 4, 13, 7));
  assert.deepEqual(at({ EventTime: '2026-02-03 00:05:05' })?.labels, ['time:zone-assumed']);
  assert.equal(at({ TimeCreated: '/Date(1770091506123)/' })?.ms, 1_770_091_506_123);
  assert.equal(at({ TimeCreated: '03/12/2021 12:48:14 AM' }, '-05:00')?.ms, Date.UTC(2021, 2, 12, 5, 48, 14));
  assert.equal(at({ TimeCreated: '2026-02-30T04:05:06.123Z' }), null);
  assert.equal(at({ TimeCreated: 'soon', '@timestamp': '2026-02-03T04:05:06Z' })?.ms, Date.UTC(2026, 1, 3, 4, 5, 6));
  assert.equal(at(utc)?.ms, Date.UTC(2026, 1, 3));
  assert.equal(at({}), null);
});

test('a Sysmon clock hours away from the log is flagged', () => {
  const fields = { Channel: 'Microsoft-Windows-Sysmon/Operational', EventID: 1, Hostname: 'pc-1' };
  const far = { ...fields, TimeCreated: '2026-02-03T04:05:06.123Z', UtcTime: '2026-02-03 23:05:06.120' };
  const near = { ...fields, TimeCreated: '2026-02-03T04:05:06.123Z', UtcTime: '2026-02-03 04:05:06.120' };
  assert.ok(checkRecord(windows, far).metadata.labels?.includes('time:utctime-differs'));
  assert.ok(!checkRecord(windows, near).metadata.labels?.includes('time:utctime-differs'));
});

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

test('other producers own their records', () => {
  for (const value of [
    {},
    { EventID: 1 },
    { eventID: 'x', eventSource: 'y' },
    { Event: { a: 1 } },
    { event_id: 1 },
    { System: 1 },
  ])
    assert.equal(windowsJson.accepts(value), false, JSON.stringify(value));
});

test('the sample logs of XML parse whole', skipWithoutShared, () => {
  const text = readFileSync(sharedPath('formats/windows-other/crowdsec-windows-bf-windows-bf.log'), 'utf8');
  const events = text.split(/(?<=<\/Event>)/).filter((part) => part.trim() !== '');
  assert.equal(events.length, 6);
  for (const event of events)
    assert.equal(checkRecord(windows, fieldsOf(parseWindowsXml(event.trim()))).type_uid, 300_201);
});

test('mutated XML and JSON never throw', () => {
  const below = seeded(3);
  const texts = [XML, ...Object.values(ENVELOPES).map((value) => JSON.stringify(value))].map((text) =>
    Buffer.from(text),
  );
  for (let input = 0; input < FUZZ_INPUTS; input += 1) {
    const text = mutate(texts, below).toString('utf8');
    parseWindowsXml(text);
    const value = parsedJson(text);
    if (value !== null && windowsJson.accepts(value)) {
      const parsed = windowsJson.parse(value);
      if (parsed !== null && 'fields' in parsed) checkRecord(windows, JSON.parse(JSON.stringify(parsed.fields)));
    }
  }
});

function parsedJson(text: string): NativeFields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as NativeFields) : null;
  } catch {
    return null;
  }
}
