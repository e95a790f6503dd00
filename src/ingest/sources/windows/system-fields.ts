import { put } from '../../ocsf/native.ts';
import type { NativeFields } from '../../types.ts';

/** Native names of what stands in `<System>`, by element and attribute (`''`: the element's text). */
const SYSTEM: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Provider: { Name: 'Provider_Name', Guid: 'Provider_Guid', EventSourceName: 'EventSourceName' },
  EventID: { '': 'EventID', Qualifiers: 'Qualifiers', Value: 'EventID' },
  TimeCreated: { SystemTime: 'TimeCreated', '': 'TimeCreated' },
  Correlation: { ActivityID: 'ActivityID', RelatedActivityID: 'RelatedActivityID' },
  Execution: {
    ProcessID: 'ExecutionProcessID',
    ThreadID: 'ExecutionThreadID',
    ProcessorID: 'ExecutionProcessorID',
    SessionID: 'ExecutionSessionID',
    KernelTime: 'ExecutionKernelTime',
    UserTime: 'ExecutionUserTime',
  },
  Security: { UserID: 'SecurityUserID', UserId: 'SecurityUserID' },
};

/** Sets what an element of `<System>` says, under its native name. Empty text is nothing. */
export function setSystemField(fields: NativeFields, element: string, attribute: string, value: unknown): void {
  if (value === undefined || value === null || (attribute === '' && value === '')) return;
  const names = Object.hasOwn(SYSTEM, element) ? SYSTEM[element] : undefined;
  const own = names !== undefined && Object.hasOwn(names, attribute) ? names[attribute] : undefined;
  const name = own ?? (attribute === '' ? element : `${element}_${attribute}`);
  put(fields, name, name === 'EventID' ? eventNumber(value) : value);
}

/** Event numbers are numbers in native records, whatever the envelope wrote. */
export function eventNumber(value: unknown): unknown {
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,4})$/.test(value) ? Number(value) : value;
}

/** Prefix of an event's own field whose name `<System>` has taken already. */
const OWN_PREFIX = 'EventData_';
/** Values under one name (unnamed `<Data>`): what is beyond them is one more field, as JSON text. */
export const VALUES_MAX = 1000;

/**
 * Adds a field of EventData or UserData at top level. `taken` are the names that `<System>` set: an event's own field of
 * such a name gets a prefix. A name that comes twice becomes an array.
 */
export function addEventField(
  fields: NativeFields,
  field: { name: string; value: unknown },
  taken: ReadonlySet<string>,
): void {
  const name = taken.has(field.name) ? OWN_PREFIX + field.name : field.name;
  if (!Object.hasOwn(fields, name)) return put(fields, name, field.value);
  const present = fields[name];
  if (!Array.isArray(present)) put(fields, name, [present, field.value]);
  else if (present.length < VALUES_MAX) present.push(field.value);
}
