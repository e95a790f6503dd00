import type { NativeFields } from '../../types.ts';
import { isPlain, put } from '../../ocsf/native.ts';
import { addEventField, eventNumber, setSystemField } from './system-fields.ts';
import type { XmlFault } from '../../xml/xml.ts';
import { eventDataOfXml, recordOfXml } from './xml-record.ts';

/** The JSON envelopes in which Windows events come. */
export type Envelope =
  | 'flat'
  | 'event'
  | 'system'
  | 'winlogbeat'
  | 'winlogbeat-dotted'
  | 'winlogbeat-6'
  | 'azure'
  | 'azure-syslog';

/** Which envelope an object is; null when it is no Windows event. Looks at names and types alone. */
export function envelopeOf(value: NativeFields): Envelope | null {
  const id = value['EventID'];
  if (typeof id === 'number' || typeof id === 'string') return flatEnvelope(value);
  if (isPlain(value['winlog'])) return 'winlogbeat';
  const event = value['Event'];
  if (isPlain(event)) return isPlain(event['System']) ? 'event' : null;
  if (isPlain(value['System']) && 'EventID' in value['System']) return 'system';
  if (value['winlog.channel'] !== undefined || value['winlog.event_id'] !== undefined) return 'winlogbeat-dotted';
  if (value['event_id'] !== undefined && value['log_name'] !== undefined && value['computer_name'] !== undefined)
    return 'winlogbeat-6';
  const message = value['SyslogMessage'];
  if (typeof message === 'string' && message.startsWith('<Event')) return 'azure-syslog';
  return null;
}

/** Names one of which a flat event has beside its number. */
const FLAT_NAMES = ['Channel', 'SourceName', 'Provider_Name', 'LogName', 'EventSourceName', 'Provider', 'EventLog'];

function flatEnvelope(value: NativeFields): Envelope | null {
  if (!FLAT_NAMES.some((name) => typeof value[name] === 'string')) return null;
  const isNested = typeof value['EventData'] === 'string' || isPlain(value['EventData']) || isPlain(value['UserData']);
  return isNested ? 'azure' : 'flat';
}

/** The native fields. A flat event is returned itself, without a copy. Null or a fault: its XML is no event. */
export function recordOfJson(value: NativeFields, envelope: Envelope): NativeFields | XmlFault | null {
  switch (envelope) {
    case 'flat':
      if (typeof value['EventID'] === 'string') value['EventID'] = eventNumber(value['EventID']);
      return value;
    case 'azure':
      return fromFlatWithData(value);
    case 'event':
      return fromEvent(value);
    case 'system':
      return fromSystem(value, value);
    case 'winlogbeat':
      return fromWinlogbeat(value);
    case 'winlogbeat-dotted':
      return fromWinlogbeat(undotted(value));
    case 'winlogbeat-6':
      return fromWinlogbeat(modernised(value));
    case 'azure-syslog':
      return fromSyslogTable(value);
  }
}

/** Sysmon for Linux in Azure's Syslog table: the event as XML in a column, the table's other columns beside it. */
function fromSyslogTable(value: NativeFields): NativeFields | XmlFault | null {
  const { SyslogMessage: message, ...columns } = value;
  const fields = recordOfXml(String(message));
  if (fields === null || 'fault' in fields) return fields;
  for (const name in columns)
    if (!Object.hasOwn(fields, name)) put(fields, name, columns[name]);
    else if (fields[name] !== columns[name]) put(fields, `Syslog_${name}`, columns[name]);
  return fields;
}

/** Log Analytics and its like: a flat event whose data is one text (XML or JSON) or one object. */
function fromFlatWithData(value: NativeFields): NativeFields {
  const { EventData: data, UserData: userData, ...fields } = value;
  fields['EventID'] = eventNumber(fields['EventID']);
  const taken = new Set(Object.keys(fields));
  if (data !== undefined && !readData(data, fields, taken)) fields['EventData'] = data;
  if (userData !== undefined && !readData(userData, fields, taken)) fields['UserData'] = userData;
  return fields;
}

function readData(data: unknown, fields: NativeFields, taken: ReadonlySet<string>): boolean {
  if (isPlain(data)) return readDataObject(data, fields, taken);
  if (typeof data !== 'string') return false;
  if (/^\s*</.test(data)) return eventDataOfXml(data, fields, taken);
  if (!/^\s*\{/.test(data)) return false;
  try {
    const parsed: unknown = JSON.parse(data);
    return isPlain(parsed) && readDataObject(parsed, fields, taken);
  } catch {
    return false;
  }
}

function fromEvent(value: NativeFields): NativeFields {
  const { Event: event, ...rest } = value;
  return isPlain(event) ? fromSystem(event, rest) : rest;
}

/** `System`, `EventData` and `UserData` as objects, as XML converters write them; `rest` is what stands beside them. */
function fromSystem(event: NativeFields, rest: NativeFields): NativeFields {
  const fields: NativeFields = {};
  const { System: system, EventData: data, UserData: userData, ...others } = event;
  if (isPlain(system)) for (const name in system) readSystemValue(name, system[name], fields);
  const taken = new Set(Object.keys(fields));
  for (const section of [data, userData])
    if (isPlain(section)) readDataObject(section, fields, taken);
    else if (Array.isArray(section)) addEventField(fields, { name: 'Data', value: section }, taken);
  for (const name in others) if (!isNoise(name)) addEventField(fields, { name, value: others[name] }, taken);
  if (rest !== event) for (const name in rest) addEventField(fields, { name, value: rest[name] }, taken);
  return fields;
}

function readSystemValue(name: string, value: unknown, fields: NativeFields): void {
  if (!isPlain(value)) return setSystemField(fields, name, '', value);
  for (const [attribute, one] of attributesOf(value)) setSystemField(fields, name, attribute, one);
}

/** Attributes and text of an element, in the ways that converters write them: `@Name`, `#attributes`, `#text`. */
function attributesOf(value: NativeFields): [string, unknown][] {
  const pairs: [string, unknown][] = [];
  for (const key in value) {
    const inner = value[key];
    if (key === '#attributes' || key === '$' || key === '_attributes') {
      if (isPlain(inner)) pairs.push(...Object.entries(inner));
    } else if (key === '#text' || key === '_' || key === '_text' || key === '$t') pairs.push(['', inner]);
    else pairs.push([key.replace(/^[@-]/, ''), inner]);
  }
  return pairs.filter(([name]) => !isNoise(name));
}

function isNoise(name: string): boolean {
  return /^[@-]?xmlns(?::|$)/.test(name) || name === '#attributes' || name === '$' || name === '_attributes';
}

/** `{ name: value }`, `{ Data: [{ '@Name': …, '#text': … }] }`, or a tree whose leaves are the fields. */
function readDataObject(data: NativeFields, fields: NativeFields, taken: ReadonlySet<string>): boolean {
  for (const name in data) {
    if (isNoise(name)) continue;
    const value = data[name];
    if (name === 'Data' && Array.isArray(value)) for (const one of value) readDatum(one, fields, taken);
    else if (name === 'Data' && isPlain(value)) readDatum(value, fields, taken);
    else if (isPlain(value)) readDataObject(value, fields, taken);
    else addEventField(fields, { name: name.replace(/^@/, ''), value }, taken);
  }
  return true;
}

function readDatum(datum: unknown, fields: NativeFields, taken: ReadonlySet<string>): void {
  if (!isPlain(datum)) return addEventField(fields, { name: 'Data', value: datum }, taken);
  const pairs = attributesOf(datum);
  const name = pairs.find(([key]) => key === 'Name' || key === 'name')?.[1];
  const text = pairs.find(([key]) => key === '' || key === 'content' || key === 'text')?.[1] ?? '';
  const isNamed = typeof name === 'string' && name !== '';
  if (!isNamed && Array.isArray(text))
    for (const one of text) addEventField(fields, { name: 'Data', value: one }, taken);
  else addEventField(fields, { name: isNamed ? name : 'Data', value: text }, taken);
}

/** Names in `winlog` that have a native name. */
const WINLOG: Readonly<Record<string, string>> = {
  channel: 'Channel',
  event_id: 'EventID',
  provider_name: 'Provider_Name',
  provider_guid: 'Provider_Guid',
  computer_name: 'Computer',
  record_id: 'EventRecordID',
  task: 'Task',
  opcode: 'Opcode',
  keywords: 'Keywords',
  version: 'Version',
  time_created: 'TimeCreated',
  activity_id: 'ActivityID',
  related_activity_id: 'RelatedActivityID',
};

/** Winlogbeat 7 and later, and the ECS form of other shippers. What has no native name stays under its own. */
function fromWinlogbeat(value: NativeFields): NativeFields {
  const { winlog, message, ...rest } = value;
  const fields: NativeFields = {};
  const left: NativeFields = {};
  if (!isPlain(winlog)) return value;
  for (const name in winlog) {
    const native = Object.hasOwn(WINLOG, name) ? WINLOG[name] : undefined;
    if (native !== undefined) put(fields, native, native === 'EventID' ? eventNumber(winlog[name]) : winlog[name]);
    else if (name !== 'event_data' && name !== 'user_data') put(left, name, winlog[name]);
  }
  const event = rest['event'];
  if (fields['EventID'] === undefined && isPlain(event)) fields['EventID'] = eventNumber(event['code']);
  if (message !== undefined) fields['Message'] = message;
  for (const name in rest) put(fields, name, rest[name]);
  const taken = new Set(Object.keys(fields));
  for (const section of [winlog['event_data'], winlog['user_data']])
    if (isPlain(section)) readDataObject(section, fields, taken);
  if (Object.keys(left).length > 0) addEventField(fields, { name: 'winlog', value: left }, new Set());
  return fields;
}

/** Names with dots as nested objects, for the `winlog` part alone. */
function undotted(value: NativeFields): NativeFields {
  const made: NativeFields = {};
  const winlog: NativeFields = {};
  const data: NativeFields = {};
  for (const name in value) {
    if (name.startsWith('winlog.event_data.')) put(data, name.slice('winlog.event_data.'.length), value[name]);
    else if (name.startsWith('winlog.')) put(winlog, name.slice('winlog.'.length), value[name]);
    else put(made, name, value[name]);
  }
  if (Object.keys(data).length > 0) winlog['event_data'] = data;
  if (winlog['event_id'] === undefined && value['event.code'] !== undefined) winlog['event_id'] = value['event.code'];
  made['winlog'] = winlog;
  return made;
}

/** Winlogbeat 6 had the same at top level. */
function modernised(value: NativeFields): NativeFields {
  const {
    log_name,
    event_id,
    source_name,
    provider_guid,
    computer_name,
    record_number,
    event_data,
    user_data,
    ...rest
  } = value;
  const winlog: NativeFields = { channel: log_name, event_id, provider_name: source_name, computer_name };
  const optional = { provider_guid, record_id: record_number, event_data, user_data };
  for (const [name, one] of Object.entries(optional)) if (one !== undefined) winlog[name] = one;
  return { ...rest, winlog };
}
