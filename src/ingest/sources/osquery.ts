import { merged, textAt, valueAt } from '../native-value.ts';
import { baseName } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { epochTime } from '../time.ts';
import type { NativeFields } from '../types.ts';

// Result logs: https://osquery.readthedocs.io/en/stable/deployment/logging/

type Kind = 'process' | 'user' | 'result';

const ROWS: Row[] = [
  ['name', 'metadata.event_code'],
  ['calendarTime', 'metadata.original_time'],
  ['hostIdentifier', 'device.hostname'],
  ['decorations/platform', 'device.os.name'],
];

const PROCESS_ROWS: Row[] = [
  ...ROWS,
  ['columns/pid', 'process.pid'],
  ['columns/path', 'process.file.path'],
  ['columns/path', 'process.file.name', baseName],
  ['columns/cmdline', 'process.cmd_line'],
  ['columns/cwd', 'process.working_directory'],
  ['columns/parent', 'process.parent_process.pid'],
  ['columns/parent', 'actor.process.pid'],
  ['columns/uid', 'process.user.uid'],
  ['columns/username', 'process.user.name'],
];

const USER_ROWS: Row[] = [
  ...ROWS,
  ['columns/username', 'user.name'],
  ['columns/uid', 'user.uid'],
  ['columns/description', 'user.full_name'],
];

const PRODUCT = { 'metadata.product.name': 'osquery', 'metadata.product.vendor_name': 'osquery' };

const family = defineFamily<Kind>({
  name: 'osquery',
  title: 'osquery',
  maps: {
    process: defineFieldMap(PROCESS_ROWS, PRODUCT),
    user: defineFieldMap(USER_ROWS, PRODUCT),
    result: defineFieldMap(ROWS, PRODUCT),
  },
  kind: kindOf,
  time: (fields) => epochTime(fields['unixTime'], 's'),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    if (kind === 'process') {
      draft.classUid = 1007;
      draft.activityId = textAt(fields, 'action') === 'removed' ? 2 : 1;
    } else if (kind === 'user') {
      draft.classUid = 5003;
      draft.activityId = 2;
    } else {
      // A query may return anything: its rows are no class of their own, and stay under their column names.
      draft.activityId = 99;
      draft.set('message', textAt(fields, 'name'));
    }
  },
});

function kindOf(fields: NativeFields): Kind {
  if (textAt(fields, 'action') === 'snapshot') return 'result';
  const name = textAt(fields, 'name') ?? '';
  const hasPid = textAt(fields, 'columns', 'pid') !== undefined;
  if (/process_events/.test(name) && hasPid && textAt(fields, 'columns', 'parent') !== undefined) return 'process';
  return /(?:^|_)users$/.test(name) && textAt(fields, 'columns', 'username') !== undefined ? 'user' : 'result';
}

/** Rows of one snapshot that become records; the rest stays together in the last one. */
const SNAPSHOT_ROWS_MAX = 10_000;

function split(fields: NativeFields): NativeFields[] {
  const { snapshot, ...shared } = fields;
  if (!Array.isArray(snapshot) || snapshot.length === 0) return [fields];
  const records = snapshot.slice(0, SNAPSHOT_ROWS_MAX).map((columns: unknown) => merged(shared, { columns }));
  const rest = snapshot.slice(SNAPSHOT_ROWS_MAX);
  return rest.length === 0 ? records : [...records, merged(shared, { snapshot: rest })];
}

/** Differential and snapshot results; a snapshot gives one record a row. */
export const osquery: JsonSource = {
  name: 'osquery',
  title: 'osquery results',
  families: [family],
  oracle: 'panther-analysis rule tests',
  shape: 'json',
  accepts(value) {
    if (typeof value['name'] !== 'string') return false;
    if (value['action'] === 'snapshot') return Array.isArray(value['snapshot']);
    const isResult = value['action'] === 'added' || value['action'] === 'removed';
    return isResult && typeof valueAt(value, 'columns') === 'object';
  },
  parse: (value) => split(value).map((fields) => ({ family: 'osquery', fields })),
};
