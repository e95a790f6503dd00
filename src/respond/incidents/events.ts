import { LEVELS } from '#detect/sigma';
import { OCSF_VERSION } from '#ingest';
import { changeTexts, numberText } from './finding.ts';
import { severityChange } from './severity.ts';
import type { IncidentRow } from './store-tables.ts';
import type { IncidentChange, IncidentState, Suppression, Verdict } from './types.ts';

/** OCSF Incident Finding, and Entity Management for suppressions. */
const INCIDENT_FINDING = 2005;
const ENTITY_MANAGEMENT = 3004;

const STATUS: Record<IncidentState, number> = { new: 1, open: 2, contained: 3, closed: 5 };
const VERDICT: Record<Verdict, number> = { 'false-positive': 1, 'true-positive': 2, benign: 5 };

/** What somebody did to an incident. */
export interface HumanAct {
  by: string;
  atMs: number;
  /** In words of ours; titles, notes and reasons are free text and stay out of the ledger. */
  texts: readonly string[];
  /** Ids of the incidents that were merged into it. */
  merged?: readonly string[];
  /** Indexes of the findings that were taken out. */
  split?: readonly number[];
}

/** Marks an event of this module. */
export const INCIDENTS_LOG = 'wardkeep-incidents';

/** The incident as it stands after a person's act. */
export function incidentEvent(
  row: Pick<IncidentRow, 'id' | 'number' | 'severity' | 'state' | 'verdict' | 'assignee' | 'created_ms'>,
  { by, atMs, texts, merged, split }: HumanAct,
): Record<string, unknown> {
  const { id, number, severity, state, verdict, assignee } = row;
  const isClosed = state === 'closed';
  return {
    ...head(INCIDENT_FINDING, isClosed ? 3 : 2, { by, atMs }),
    severity_id: LEVELS.indexOf(severity) + 1,
    message: `${numberText(number)}: ${texts.join(', ')}`,
    status_id: STATUS[state],
    status: state,
    ...(verdict === null ? {} : { verdict_id: VERDICT[verdict], verdict }),
    ...(assignee === null ? {} : { assignee: { name: assignee } }),
    finding_info_list: [{ uid: id, title: numberText(number), created_time: row.created_ms }],
    // By these an act can be done again on incidents that are made anew.
    ...(merged === undefined && split === undefined
      ? {}
      : {
          unmapped: {
            incident: { ...(merged === undefined ? {} : { merged }), ...(split === undefined ? {} : { split }) },
          },
        }),
  };
}

/** What a change will have made of an incident. */
export function changed<Row extends IncidentRow>(row: Row, change: IncidentChange): Row {
  const { state, verdict, assignee, severity } = change;
  return {
    ...row,
    ...(state === undefined ? {} : { state }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(assignee === undefined ? {} : { assignee }),
    ...severityChange(row, severity),
  };
}

/** The texts of a change, as the history has them. */
export function changeAct(change: IncidentChange, by: string, atMs: number): HumanAct {
  const texts = changeTexts(change);
  return { by, atMs, texts: texts.length === 0 ? ['nothing was changed'] : texts };
}

/** A suppression was made or ended. Patients among its entities are not named. */
export function suppressionEvent(
  { id, ruleId, entities, expiresMs }: Pick<Suppression, 'id' | 'ruleId' | 'entities' | 'expiresMs'>,
  what: 'made' | 'ended',
  { by, atMs }: Pick<HumanAct, 'by' | 'atMs'>,
): Record<string, unknown> {
  const named = entities.map(({ kind, name }) => (kind === 'patient' ? { kind } : { kind, name }));
  return {
    ...head(ENTITY_MANAGEMENT, what === 'made' ? 1 : 4, { by, atMs }),
    severity_id: 1,
    status_id: 1,
    message: `suppression of findings ${what}`,
    entity: { uid: id, name: 'suppression', type_id: 99, type: 'suppression' },
    unmapped: { suppression: { rule: ruleId, entities: named, expires: expiresMs } },
  };
}

function head(classUid: number, activity: number, { by, atMs }: Pick<HumanAct, 'by' | 'atMs'>) {
  return {
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1_000),
    activity_id: activity,
    type_uid: classUid * 100 + activity,
    time: atMs,
    actor: { user: { name: by } },
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Wardkeep', vendor_name: 'Wardkeep' },
      log_name: INCIDENTS_LOG,
      // It is this profile that lets an event of the class say who acts.
      ...(classUid === INCIDENT_FINDING ? { profiles: ['host'] } : {}),
      logged_time: atMs,
    },
  };
}
