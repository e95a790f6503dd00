import { z } from 'zod';
import type {
  Entity,
  EntityKind,
  FindingSummary,
  Incident,
  IncidentChange,
  IncidentState,
  IncidentSummary,
  SuppressPreview,
  SuppressRequest,
  Suppression,
  TimelineItem,
  Verdict,
} from '../api.ts';
import { LevelSchema } from './common.ts';
import { Count, Id, Ms, MsInput, schemaOf } from './schema.ts';

const Text = z.string().trim().min(1).max(10_000);

export const IncidentStateSchema = schemaOf<IncidentState>('IncidentState')(
  z.enum(['new', 'open', 'contained', 'closed']),
);
export const VerdictSchema = schemaOf<Verdict>('Verdict')(
  z.enum(['true-positive', 'false-positive', 'benign']).nullable(),
);
export const EntityKindSchema = schemaOf<EntityKind>('EntityKind')(
  z.enum(['user', 'device', 'address', 'patient', 'process', 'file', 'service']),
);
export const EntitySchema = schemaOf<Entity>('Entity')(
  z.strictObject({ kind: EntityKindSchema, name: z.string(), count: Count }),
);

const SUMMARY = {
  id: Id,
  number: z.string(),
  title: z.string(),
  severity: LevelSchema,
  state: IncidentStateSchema,
  verdict: VerdictSchema,
  assignee: z.string().nullable(),
  firstMs: Ms,
  lastMs: Ms,
  createdMs: Ms,
  findings: Count,
  tactics: z.array(z.string()),
  entities: z.array(EntitySchema),
};
export const IncidentSummarySchema = schemaOf<IncidentSummary>('IncidentSummary')(z.strictObject(SUMMARY));

export const TimelineItemSchema = schemaOf<TimelineItem>('TimelineItem')(
  z.strictObject({
    atMs: Ms,
    text: z.string(),
    level: LevelSchema,
    rule: z.strictObject({ id: z.string(), title: z.string() }),
    techniques: z.array(z.string()),
    tactic: z.string().nullable(),
    finding: Count,
    events: z.array(Count),
    eventsTotal: Count,
  }),
);
export const IncidentSchema = schemaOf<Incident>('Incident')(
  z.strictObject({
    ...SUMMARY,
    story: z.array(z.string()),
    actions: z.array(z.strictObject({ text: z.string(), why: z.string() })),
    confidence: z.strictObject({ level: z.enum(['low', 'medium', 'high']), why: z.string() }),
    severityWhy: z.string(),
    isSeverityFixed: z.boolean(),
    timeline: z.array(TimelineItemSchema),
    notes: z.array(z.strictObject({ id: z.string(), author: z.string(), atMs: Ms, text: z.string() })),
    history: z.array(z.strictObject({ atMs: Ms, author: z.string(), text: z.string() })),
    mergedFrom: z.array(z.string()),
  }),
);
export const IncidentChangeSchema = schemaOf<IncidentChange>('IncidentChange')(
  z.strictObject({
    state: IncidentStateSchema.exactOptional(),
    verdict: VerdictSchema.exactOptional(),
    assignee: z.string().min(1).max(64).nullable().exactOptional(),
    severity: LevelSchema.nullable().exactOptional(),
    title: z.string().trim().min(1).max(200).exactOptional(),
  }),
);
export const NoteSchema = z.strictObject({ text: Text });
/** More in one request than a person merges or splits by hand would be a mistake. */
export const MergeSchema = z.strictObject({ ids: z.array(Id).min(1).max(50) });
export const SplitSchema = z.strictObject({ findings: z.array(Count).min(1).max(500) });

const SUPPRESS = {
  ruleId: z.string().min(1).max(256),
  entities: z
    .array(z.strictObject({ kind: EntityKindSchema, name: z.string().min(1).max(1_024) }))
    .min(1)
    .max(20),
  reason: z.string().trim().min(1).max(1_000),
  expiresMs: MsInput,
};
export const SuppressRequestSchema = schemaOf<SuppressRequest>('SuppressRequest')(z.strictObject(SUPPRESS));
export const FindingSummarySchema = schemaOf<FindingSummary>('FindingSummary')(
  z.strictObject({
    index: Count,
    uid: z.string(),
    atMs: Ms,
    rule: z.strictObject({
      id: z.string(),
      title: z.string(),
      level: LevelSchema,
      tags: z.array(z.string()),
      author: z.string().nullable(),
    }),
    incident: z.string().nullable(),
    suppressedBy: z.string().nullable(),
    events: z.array(Count),
    eventsTotal: Count,
    match: z.record(z.string(), z.string()),
  }),
);
export const SuppressPreviewSchema = schemaOf<SuppressPreview>('SuppressPreview')(
  z.strictObject({ hidden: Count, examples: z.array(FindingSummarySchema), truePositives: Count }),
);
export const SuppressionSchema = schemaOf<Suppression>('Suppression')(
  z.strictObject({ ...SUPPRESS, id: Id, author: z.string(), createdMs: Ms, hiddenSoFar: Count }),
);
