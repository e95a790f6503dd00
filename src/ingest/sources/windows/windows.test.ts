import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { checkRecord, mapContext } from '../../../../test/support/family.ts';
import { mutate, seeded } from '../../../../test/support/mutate.ts';
import { fuzzInputs, sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
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
  for (let input = 0, all = fuzzInputs(); input < all; input += 1) {
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
