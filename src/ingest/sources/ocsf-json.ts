import { innards, type EventDraft } from '../ocsf/event-draft.ts';
import type { FieldMap } from '../ocsf/field-map.ts';
import { isPlain, put } from '../ocsf/native.ts';
import { prune } from '../ocsf/prune.ts';
import { PROFILES } from '../ocsf/schema.generated.ts';
import { classSpec, objectSpec, type ItemSpec } from '../ocsf/schema.ts';
import type { OcsfEvent } from '../ocsf/types.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Family, NativeFields } from '../types.ts';

/** What `finishDraft` writes itself. */
const CLASSIFICATION = ['class_uid', 'category_uid', 'type_uid', 'activity_id', 'severity_id'] as const;
/** What the ledger keeps and shows in its own way, and what is its own to say. */
const OWN = new Set<string>([
  ...CLASSIFICATION,
  'time',
  'metadata',
  'unmapped',
  'raw_data',
  'raw_data_hash',
  'raw_data_size',
]);
const OWN_METADATA = new Set([
  'version',
  'profiles',
  'labels',
  'log_format',
  'logged_time',
  'processed_time',
  'product',
]);
const ADDED = 'added:';

const family: Family = {
  name: 'ocsf',
  title: 'OCSF',
  kind: (fields) => (classOf(fields) === null ? '0' : String(fields['class_uid'])),
  time(fields, context) {
    // The attribute is milliseconds by definition; only its twin, which states a zone, can say otherwise.
    const twin = isoTime(fields['time_dt'], context);
    if (twin !== null && twin.labels === undefined) return twin;
    return Number.isSafeInteger(fields['time']) ? { ms: Number(fields['time']) } : null;
  },
  map(fields, draft) {
    const target = innards(draft);
    target.fields = fields;
    target.map = PASSED_ON;
    const spec = classOf(fields);
    draft.classUid = spec === null ? 0 : Number(fields['class_uid']);
    draft.activityId = listed(spec, fields, 'activity_id') ?? (spec === null ? 99 : 0);
    draft.severityId = listed(spec, fields, 'severity_id') ?? 0;
    const profiles = passMetadata(fields, target);
    for (const name in fields) passAttribute(name, fields, spec, profiles, target);
    for (const name of CLASSIFICATION) if (fields[name] === undefined) draft.label(ADDED + name);
    // Required enumerations that are not there become 0, unknown.
    for (const name of spec?.zeros ?? []) if (!OWN.has(name) && fields[name] === undefined) draft.label(ADDED + name);
  },
  unmap,
};

function classOf(fields: NativeFields): ItemSpec | null {
  const uid = fields['class_uid'];
  return typeof uid === 'number' ? classSpec(uid) : null;
}

function listed(spec: ItemSpec | null, fields: NativeFields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && spec?.attributes.get(name)?.values?.has(value) === true ? value : undefined;
}

function passAttribute(
  name: string,
  fields: NativeFields,
  spec: ItemSpec | null,
  profiles: ReadonlySet<string>,
  target: EventDraft,
): void {
  const value = fields[name];
  const attribute = OWN.has(name) ? undefined : spec?.attributes.get(name);
  const valid = attribute === undefined ? undefined : prune(attribute, value, profiles);
  if (valid !== undefined) put(target.root, name, valid);
  if (valid === value || comesBack(name, fields, target)) return;
  put(target.unmapped, name, value);
  target.hasUnmapped = true;
}

/** Whether the finished event will say the same by itself. */
function comesBack(name: string, fields: NativeFields, { classUid, activityId, severityId }: EventDraft): boolean {
  switch (name) {
    case 'class_uid':
      return fields[name] === classUid;
    case 'activity_id':
      return fields[name] === activityId;
    case 'severity_id':
      return fields[name] === severityId;
    case 'category_uid':
      return fields[name] === Math.floor((classUid % 100_000) / 1000);
    case 'type_uid':
      return fields[name] === classUid * 100 + activityId;
    default:
      return false;
  }
}

/** Passes on what the metadata says of the source; all of it stays in `unmapped` besides. Returns the profiles it states. */
function passMetadata(fields: NativeFields, target: EventDraft): ReadonlySet<string> {
  const metadata = fields['metadata'];
  if (!isPlain(metadata)) return new Set();
  const stated = Array.isArray(metadata['profiles']) ? metadata['profiles'] : [];
  const profiles = new Set(PROFILES.filter((name) => stated.includes(name)));
  for (const name of profiles) target.profile(name);
  const { attributes } = objectSpec('metadata');
  for (const [name, attribute] of attributes) {
    const value = metadata[name];
    if (value === undefined || OWN_METADATA.has(name)) continue;
    const valid = prune(attribute, value, profiles);
    if (valid !== undefined) target.root.metadata[name] = valid;
  }
  const product = attributes.get('product');
  const valid = product && prune(product, metadata['product'], profiles);
  if (isPlain(valid)) target.root.metadata.product = { ...valid };
  return profiles;
}

function unmap(event: OcsfEvent): NativeFields {
  const { metadata, unmapped, ...attributes } = event;
  const labels = metadata.labels ?? [];
  const fields: NativeFields = attributes;
  // The event's own time stands in unmapped, which holds every name that this event does not simply pass on.
  delete fields['time'];
  for (const label of labels) if (label.startsWith(ADDED)) delete fields[label.slice(ADDED.length)];
  for (const name in unmapped) put(fields, name, unmapped[name]);
  return fields;
}

/** There are no rows: attributes are passed on by name, and what has to be dropped goes back as a whole. */
const PASSED_ON: FieldMap = {
  ownsOriginalTime: false,
  apply() {
    throw new TypeError('events of OCSF have no rows');
  },
  unmap,
  restore(draft, path) {
    const [name = ''] = path.split('.');
    if (draft.fields === undefined || !Object.hasOwn(draft.fields, name)) return;
    put(draft.unmapped, name, draft.fields[name]);
    draft.hasUnmapped = true;
  },
};

/** Events of any OCSF version; what 1.8.0 has no place for stays under its own name. */
export const ocsfJson: JsonSource = {
  name: 'ocsf-json',
  title: 'OCSF JSON',
  families: [family],
  oracle: 'ocsf/examples',
  shape: 'json',
  accepts: (value) =>
    typeof value['class_uid'] === 'number' && isPlain(value['metadata']) && 'version' in value['metadata'],
  parse: (value) => ({ family: 'ocsf', fields: value }),
};
