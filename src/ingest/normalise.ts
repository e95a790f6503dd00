import { createDraft, finishDraft } from './ocsf/draft.ts';
import { OCSF_VERSION, type OcsfEvent } from './ocsf/types.ts';
import { FAULTY, type Item } from './read/reader.ts';
import type { Source } from './source.ts';
import type { Family, MapContext, NativeRecord, Rejection } from './types.ts';

/** Where a record came from, for people: shown with findings and kept with what was rejected. */
export interface Position {
  file: string;
  member: string | null;
  record: number;
  offset: number;
}

const FAMILIES = new WeakMap<Source, ReadonlyMap<string, Family>>();

/** The family of a record that `source` gave. */
export function familyOf(source: Source, record: NativeRecord): Family {
  let byName = FAMILIES.get(source);
  if (byName === undefined) {
    byName = new Map(source.families.map((family) => [family.name, family]));
    FAMILIES.set(source, byName);
  }
  const family = byName.get(record.family);
  if (family === undefined) throw new TypeError(`source ${source.name} gave a record of a family it does not list`);
  return family;
}

/** One record as a valid OCSF event. Fields without a place stay under their native names in `unmapped`. */
export function normalise(record: NativeRecord, source: Source, context: MapContext): OcsfEvent {
  const family = familyOf(source, record);
  const draft = createDraft();
  family.map(record.fields, draft, context);
  return finishDraft(draft, {
    family: family.name,
    kind: family.kind(record.fields),
    time: family.time(record.fields, context),
    receivedMs: context.receivedMs,
  });
}

/** `metadata.log_format` of what did not parse. */
export const REJECTED_FORMAT = 'wardkeep/rejected';

/** What did not parse, as a Base Event that says why and where; its raw bytes lie beside it. */
export function rejectedEvent(rejection: Rejection, position: Position, receivedMs: number): OcsfEvent {
  return {
    class_uid: 0,
    category_uid: 0,
    activity_id: 0,
    type_uid: 0,
    severity_id: 0,
    time: receivedMs,
    message: rejection.reason,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Wardkeep', vendor_name: 'Wardkeep' },
      log_format: REJECTED_FORMAT,
      logged_time: receivedMs,
      labels: [`rejected:${rejection.reject}`, 'time:received'],
    },
    unmapped: { source: { ...position } },
  };
}

/** The event of an item, whether it was understood or not. */
export function eventOf(item: Item, position: Position, context: MapContext): OcsfEvent {
  const { parsed, source } = item;
  if ('reject' in parsed || source === null) {
    const rejection = 'reject' in parsed ? parsed : UNSOURCED;
    return rejectedEvent(rejection, position, context.receivedMs);
  }
  let event: OcsfEvent;
  try {
    event = normalise(parsed, source, context);
  } catch {
    // One record that somebody prepared to make a mapping fail must not keep out those behind it.
    return rejectedEvent(FAULTY, position, context.receivedMs);
  }
  if (item.latin1) addLabel(event, 'encoding:latin1-assumed');
  if (item.part > 0) addLabel(event, 'raw:with-first-of-frame');
  return event;
}

const UNSOURCED: Rejection = { reject: 'unknown_format', reason: 'no source recognises this record' };

function addLabel(event: OcsfEvent, label: string): void {
  event.metadata.labels = [...(event.metadata.labels ?? []), label];
}
