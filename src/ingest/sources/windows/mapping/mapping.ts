import { keep } from '../../../ocsf/codec.ts';
import { type FieldMap, type Row, defineFieldMap } from '../../../ocsf/field-map.ts';
import type { Draft, NativeFields } from '../../../types.ts';
import { verbatim } from './codecs.ts';
import { OTHER_LOGS } from './other-logs.ts';
import type { Plan } from './plan.ts';
import { HOST_FIELDS, type Naming, SYSTEM_ROWS } from './rows.ts';
import { SECURITY } from './security.ts';
import { auditStatus, levelSeverity } from './status.ts';
import { SYSMON } from './sysmon.ts';

/** An event without a plan stays a Base Event: what it means, only its own log knows. */
const BASE: Plan = { classUid: 0, activityId: 99, rows: [] };

const WINDOWS = { 'metadata.product.name': 'Microsoft Windows', 'metadata.product.vendor_name': 'Microsoft' };

const PLANS: ReadonlyMap<string, Plan> = new Map(Object.entries({ ...SYSMON, ...SECURITY, ...OTHER_LOGS }));

/** Compiled maps by naming and kind; all kinds without a plan share one. */
const maps: Readonly<Record<Naming, Map<string, FieldMap>>> = {
  log: new Map(),
  agent: new Map(),
  nxlog: new Map(),
  sentinel: new Map(),
};

/** Whose names a record's system fields have. */
export function namingOf(fields: NativeFields): Naming {
  if (fields['Hostname'] !== undefined) return fields['EventTime'] === undefined ? 'agent' : 'nxlog';
  return fields['TimeGenerated'] === undefined ? 'log' : 'sentinel';
}

/** The naming that an event notes, for the way back. */
export function namingFrom(version: unknown): Naming {
  return version === 'agent' || version === 'nxlog' || version === 'sentinel' ? version : 'log';
}

/** The table of a kind of event. */
export function fieldMap(kind: string, naming: Naming): FieldMap {
  const plan = PLANS.get(kind);
  const key = plan === undefined ? '' : kind;
  let map = maps[naming].get(key);
  if (map === undefined) maps[naming].set(key, (map = compile(plan ?? BASE, naming)));
  return map;
}

function compile(plan: Plan, naming: Naming): FieldMap {
  const host: Row[] = plan.host === undefined ? [] : [[HOST_FIELDS[naming], plan.host, keep(verbatim)]];
  const rows: Row[] = [...SYSTEM_ROWS[naming], ...host, ...plan.rows];
  return defineFieldMap(rows, { ...WINDOWS, 'metadata.log_version': naming, ...plan.constants });
}

/** Fills the draft from a record of this kind. */
export function mapEvent(fields: NativeFields, kind: string, draft: Draft): void {
  const plan = PLANS.get(kind) ?? BASE;
  draft.classUid = plan.classUid;
  draft.activityId = typeof plan.activityId === 'number' ? plan.activityId : plan.activityId(fields);
  draft.severityId = severity(plan, fields);
  draft.statusId = status(plan, kind, fields);
  fieldMap(kind, namingOf(fields)).apply(fields, draft);
}

function severity({ severityId }: Plan, fields: NativeFields): number {
  if (severityId === undefined) return levelSeverity(fields);
  return typeof severityId === 'number' ? severityId : severityId(fields);
}

function status(plan: Plan, kind: string, fields: NativeFields): number | undefined {
  const rule = plan.status ?? (kind.startsWith('security/') ? 'audit' : undefined);
  if (rule === 'audit') return auditStatus(kind, fields);
  return typeof rule === 'function' ? rule(fields) : rule;
}
