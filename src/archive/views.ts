import { COLUMNS, PUBLIC_COLUMNS } from './columns/columns.ts';

export interface ViewColumn {
  name: string;
  type: string;
  description: string;
}

/** A view as hunters see it. */
export interface View {
  name: string;
  description: string;
  /** Condition on `events`; null for views with a query of their own. */
  where: string | null;
  /** Names of its columns, in order; null = all. */
  columns: readonly string[] | null;
  /** A whole query over `events`, where a condition does not do. */
  query?: { sql: string; columns: readonly ViewColumn[] };
  example: string;
}

const BEGIN = ['index', 'time', 'received', 'class', 'activity_id', 'severity', 'status', 'source', 'text'];

/** Each view of the archive; the documentation, the console's list and the SQL come from here. */
export const VIEWS: readonly View[] = [
  {
    name: 'events',
    description: 'Everything: one row an event.',
    where: null,
    columns: null,
    example:
      "SELECT date_trunc('hour', time) AS hour, class, count(*) AS events FROM events GROUP BY ALL ORDER BY hour",
  },
  {
    name: 'logins',
    description: 'Sign-ins and sign-outs, good and failed (status 1 and 2).',
    where: 'class_uid = 3002',
    columns: [...BEGIN, 'user_name', 'user_uid', 'device', 'device_ip', 'src_ip', 'src_host', 'json'],
    example:
      'SELECT user_name, src_ip, count(*) AS failed FROM logins WHERE status = 2 GROUP BY ALL ORDER BY failed DESC LIMIT 20',
  },
  {
    name: 'phi_access',
    description: 'Who touched whose record, why, and whether the emergency exception was used.',
    where: 'patient IS NOT NULL AND class_uid <> 2004',
    columns: [
      ...BEGIN,
      'user_name',
      'user_uid',
      'patient',
      'purpose',
      'break_glass',
      'care_relation',
      'record_types',
      'record_count',
      'facility',
      'device',
      'src_ip',
      'json',
    ],
    example:
      'SELECT user_name, count(DISTINCT patient) AS patients FROM phi_access GROUP BY ALL ORDER BY patients DESC LIMIT 20',
  },
  {
    name: 'network',
    description: 'Connections and other network activity.',
    where: 'class_uid BETWEEN 4000 AND 4999',
    columns: [
      ...BEGIN,
      'src_ip',
      'src_port',
      'src_host',
      'dst_ip',
      'dst_port',
      'dst_host',
      'protocol',
      'bytes_in',
      'bytes_out',
      'action',
      'device',
      'json',
    ],
    example: 'SELECT dst_ip, sum(bytes_out) AS sent FROM network GROUP BY ALL ORDER BY sent DESC LIMIT 20',
  },
  {
    name: 'dns',
    description: 'Names that were asked for.',
    where: 'class_uid = 4003',
    columns: [...BEGIN, 'src_ip', 'dst_ip', 'dns_query', 'dns_answer', 'device', 'json'],
    example: 'SELECT dns_query, count(*) AS asked FROM dns GROUP BY ALL ORDER BY asked LIMIT 20',
  },
  {
    name: 'web',
    description: 'Web requests, seen by servers, proxies or sensors.',
    where: 'class_uid = 4002 OR url IS NOT NULL',
    columns: [...BEGIN, 'user_name', 'src_ip', 'dst_ip', 'dst_host', 'url', 'http_method', 'http_status', 'json'],
    example: 'SELECT http_status, count(*) AS requests FROM web GROUP BY ALL ORDER BY requests DESC',
  },
  {
    name: 'processes',
    description: 'Programs that were started or ended.',
    where: 'class_uid = 1007',
    columns: [...BEGIN, 'device', 'user_name', 'process', 'command_line', 'parent_process', 'file_hash', 'json'],
    example: 'SELECT process, count(DISTINCT device) AS devices FROM processes GROUP BY ALL ORDER BY devices LIMIT 20',
  },
  {
    name: 'files',
    description: 'Files that were made, read, changed or deleted, on computers and shares.',
    where: 'class_uid IN (1001, 4006, 4010)',
    columns: [...BEGIN, 'device', 'user_name', 'process', 'file', 'file_hash', 'src_ip', 'json'],
    example: 'SELECT device, count(*) AS changed FROM files GROUP BY ALL ORDER BY changed DESC LIMIT 20',
  },
  {
    name: 'accounts',
    description: 'Changes of accounts, groups and rights.',
    where: 'class_uid IN (3001, 3003, 3004, 3005, 3006)',
    columns: [...BEGIN, 'user_name', 'user_uid', 'target_user', 'device', 'src_ip', 'json'],
    example: 'SELECT time, user_name, target_user, text FROM accounts ORDER BY time DESC LIMIT 50',
  },
  {
    name: 'findings',
    description: 'What rules found.',
    where: 'class_uid BETWEEN 2000 AND 2999',
    columns: [...BEGIN, 'rule', 'rule_id', 'finding_uid', 'tags', 'json'],
    example:
      'SELECT rule, severity, count(*) AS findings, max(time) AS last FROM findings GROUP BY ALL ORDER BY severity DESC',
  },
  {
    name: 'rejected',
    description: 'Records that could not be understood; they are kept as they came.',
    where: "labels LIKE '%rejected:%'",
    columns: [...BEGIN, 'format', 'labels', 'json'],
    example: 'SELECT source, labels, count(*) AS records FROM rejected GROUP BY ALL ORDER BY records DESC',
  },
  {
    name: 'sources',
    description: 'How much each source sent, and when last.',
    where: null,
    columns: null,
    query: {
      sql: `SELECT source, format, count(*) AS events, min(time) AS first_time, max(time) AS last_time,
        max(received) AS last_received FROM SCHEMA.events GROUP BY source, format`,
      columns: [
        { name: 'source', type: 'VARCHAR', description: 'Which source sent it; empty for Wardkeep’s own.' },
        { name: 'format', type: 'VARCHAR', description: 'Format and kind of record.' },
        { name: 'events', type: 'BIGINT', description: 'How many events.' },
        { name: 'first_time', type: 'TIMESTAMP', description: 'Time of its first event (UTC).' },
        { name: 'last_time', type: 'TIMESTAMP', description: 'Time of its last event (UTC).' },
        { name: 'last_received', type: 'TIMESTAMP', description: 'When its last event reached us (UTC).' },
      ],
    },
    example: 'SELECT * FROM sources ORDER BY last_received',
  },
];

export const VIEW_NAMES: ReadonlySet<string> = new Set(VIEWS.map(({ name }) => name));

/** Added by the folder of the file: the receive day prunes whole files. */
const DAY = {
  name: 'day',
  type: 'DATE',
  description: 'Receive day (UTC); the quickest way to narrow a hunt.',
} as const;

export function columnsOf(view: View): ViewColumn[] {
  if (view.query !== undefined) return [...view.query.columns];
  const all: ViewColumn[] = [
    ...PUBLIC_COLUMNS.map(({ name, type, description }) => ({ name, type, description })),
    DAY,
  ];
  if (view.columns === null) return all;
  const names: readonly string[] = [...view.columns, DAY.name];
  return names.flatMap((name) => all.filter((column) => column.name === name));
}

/** The statements that make the views of one schema over `base.everything`. */
export function viewStatements(schema: 'clear' | 'masked'): string[] {
  const columns = [...PUBLIC_COLUMNS.map(({ name }) => (schema === 'clear' ? `"${name}"` : maskedColumn(name))), 'day'];
  const events = `CREATE VIEW ${schema}.events AS SELECT ${columns.join(', ')} FROM base.everything`;
  return [events, ...VIEWS.filter(({ name }) => name !== 'events').map((view) => derivedView(schema, view))];
}

function derivedView(schema: string, view: View): string {
  if (view.query !== undefined)
    return `CREATE VIEW ${schema}.${view.name} AS ${view.query.sql.replaceAll('SCHEMA.', `${schema}.`)}`;
  const columns = columnsOf(view).map(({ name }) => `"${name}"`);
  return `CREATE VIEW ${schema}.${view.name} AS SELECT ${columns.join(', ')} FROM ${schema}.events WHERE ${view.where ?? 'true'}`;
}

/** Members of an event that say nothing of a patient; of an event that may name one no other is shown. */
const SAFE_MEMBERS = [
  'activity_id',
  'category_uid',
  'class_uid',
  'type_uid',
  'severity_id',
  'status_id',
  'time',
  'src_endpoint',
  'dst_endpoint',
  'device',
  'purpose_of_use',
  'care_relation',
  'record_types',
  'record_count',
  'facility_uid',
];

function maskedColumn(name: string): string {
  const patients = COLUMNS.find((column) => column.name === name)?.patients;
  if (name === 'json') return `CASE WHEN names_patient THEN ${safeJson()} ELSE json END AS json`;
  if (name === 'text')
    return `CASE WHEN names_patient THEN concat_ws(' · ', replace(class, '_', ' '), ${maskedUser('user_name')}, patient_stand_in, rule) ELSE text END AS text`;
  if (name === 'user_name' || name === 'user_uid' || name === 'target_user') return `${maskedUser(name)} AS ${name}`;
  if (patients === 'stand-in') return `patient_stand_in AS "${name}"`;
  if (patients === 'hidden') return `CASE WHEN names_patient THEN NULL ELSE "${name}" END AS "${name}"`;
  return `"${name}"`;
}

/** Patients who read their own record are users, too. */
function maskedUser(name: string): string {
  return `CASE WHEN regexp_matches(coalesce(user_uid, ''), '(^|/)Patient/') OR regexp_matches(coalesce("${name}", ''), '(^|/)Patient/') THEN 'patient account' ELSE "${name}" END`;
}

function safeJson(): string {
  const members = SAFE_MEMBERS.map((name) => `'${name}', json_extract(json, '$.${name}')`);
  const patient = `'patient', CASE WHEN patient_stand_in IS NULL THEN NULL ELSE json_object('uid', patient_stand_in) END`;
  const actor = `'actor', json_object('user', json_object('name', ${maskedUser('user_name')}, 'uid', ${maskedUser('user_uid')}))`;
  return `CAST(json_object(${[...members, actor, patient].join(', ')}) AS VARCHAR)`;
}

/** The query behind all views: the files that count and the tables of the live tail. */
export function everythingQuery(paths: readonly string[], tables: readonly string[]): string {
  const columns = COLUMNS.map(({ name }) => `"${name}"`).join(', ');
  const parts = tables.map((table) => `SELECT ${columns}, CAST(received AS DATE) AS day FROM base.${table}`);
  if (paths.length > 0) {
    const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ');
    parts.unshift(
      `SELECT ${columns}, day FROM read_parquet([${list}], hive_partitioning = true, hive_types = {'day': DATE})`,
    );
  }
  return parts.join(' UNION ALL ');
}
