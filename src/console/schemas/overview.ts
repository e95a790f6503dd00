import { z } from 'zod';
import type { Level, Overview, StreamEvent, Task, Trouble } from '../api.ts';
import { LevelSchema } from './common.ts';
import { IncidentSummarySchema } from './incidents.ts';
import { Count, Ms, schemaOf } from './schema.ts';

export const TASKS_MAX = 5;

export const TaskSchema = schemaOf<Task>('Task')(
  z.strictObject({ id: z.string(), text: z.string(), href: z.string(), urgency: z.enum(['now', 'today', 'soon']) }),
);
export const TroubleSchema = schemaOf<Trouble>('Trouble')(
  z.strictObject({ code: z.string(), text: z.string(), advice: z.string() }),
);
const BySeverity: z.ZodType<Record<Level, number>> = z.record(LevelSchema, Count);
export const OverviewSchema = schemaOf<Overview>('Overview')(
  z.strictObject({
    verdict: z.enum(['safe', 'look', 'act']),
    sentence: z.string(),
    tasks: z.array(TaskSchema).max(TASKS_MAX),
    incidents: z.strictObject({ open: Count, bySeverity: BySeverity, newest: z.array(IncidentSummarySchema) }),
    sources: z.strictObject({ total: Count, healthy: Count, silent: Count, troubled: Count }),
    activity: z.array(z.strictObject({ hourMs: Ms, events: Count, findings: Count })),
    ledger: z.strictObject({ size: Count, checkpointMs: Ms.nullable(), healthy: z.boolean() }),
    troubles: z.array(TroubleSchema),
  }),
);
export const StreamEventSchema = schemaOf<StreamEvent>('StreamEvent')(
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('incident'),
      id: z.string(),
      number: z.string(),
      title: z.string(),
      severity: LevelSchema,
      isNew: z.boolean(),
    }),
    z.strictObject({ kind: z.literal('finding'), index: Count, level: LevelSchema, title: z.string() }),
    z.strictObject({ kind: z.literal('sources'), changed: z.array(z.string()) }),
    z.strictObject({ kind: z.literal('ledger'), size: Count }),
    z.strictObject({ kind: z.literal('trouble'), troubles: z.array(TroubleSchema) }),
  ]),
);
