import type { OcsfEvent } from '#ingest';
import type { StoredEntry } from '#ledger';
import { INCIDENTS_LOG } from './events.ts';
import type { Entity, IncidentState, Verdict } from './types.ts';

/** What a person did, as the ledger has it. */
export type RecordedAct =
  | {
      kind: 'incident';
      by: string;
      atMs: number;
      id: string;
      number: number;
      createdMs: number;
      state: IncidentState;
      verdict: Verdict | null;
      assignee: string | null;
      texts: string[];
      merged: string[] | null;
      split: number[] | null;
    }
  | {
      kind: 'suppression';
      by: string;
      atMs: number;
      id: string;
      isMade: boolean;
      rule: string;
      /** Without the names of patients. */
      entities: (Omit<Entity, 'name'> & { name?: string })[];
      expiresMs: number;
    };

const CLASSES: ReadonlySet<number> = new Set([2005, 3004]);

interface IncidentEvent {
  status: IncidentState;
  verdict?: Verdict;
  assignee?: { name: string };
  finding_info_list: [{ uid: string; title: string; created_time: number }];
  unmapped?: { incident?: { merged?: string[]; split?: number[] } };
}

interface SuppressionEvent {
  entity: { uid: string };
  activity_id: number;
  unmapped: {
    suppression: { rule: string; entities: (Omit<Entity, 'name'> & { name?: string })[]; expires: number };
  };
}

/** An act on incidents that Wardkeep recorded; null for every other entry, and for what was erased. */
export function actOf(entry: StoredEntry): RecordedAct | null {
  if (!CLASSES.has(entry.classUid) || entry.state !== 'present') return null;
  const event = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
  // No source can give an event this name without a format of its own.
  if (event.metadata['log_name'] !== INCIDENTS_LOG || event.metadata.log_format !== undefined) return null;
  const by = (event['actor'] as { user?: { name?: string } } | undefined)?.user?.name ?? '';
  const common = { by, atMs: event.time };
  return entry.classUid === 2005
    ? incidentAct(event, event as unknown as IncidentEvent, common)
    : suppressionAct(event as unknown as SuppressionEvent, common);
}

function incidentAct(event: OcsfEvent, fields: IncidentEvent, common: { by: string; atMs: number }): RecordedAct {
  const [{ uid, title, created_time: createdMs }] = fields.finding_info_list;
  const message = event.message ?? '';
  return {
    kind: 'incident',
    ...common,
    id: uid,
    number: Number(title.slice('INC-'.length)),
    createdMs,
    state: fields.status,
    verdict: fields.verdict ?? null,
    assignee: fields.assignee?.name ?? null,
    texts: message.slice(message.indexOf(': ') + 2).split(', '),
    merged: fields.unmapped?.incident?.merged ?? null,
    split: fields.unmapped?.incident?.split ?? null,
  };
}

function suppressionAct(event: SuppressionEvent, common: { by: string; atMs: number }): RecordedAct {
  const { rule, entities, expires } = event.unmapped.suppression;
  const isMade = event.activity_id === 1;
  return { kind: 'suppression', ...common, id: event.entity.uid, isMade, rule, entities, expiresMs: expires };
}
