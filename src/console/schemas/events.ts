import { z } from 'zod';
import type { EventDetail, EventSummary, HuntRequest, HuntResult, HuntView, SavedHunt } from '../api.ts';
import { FindingSummarySchema } from './incidents.ts';
import { Count, Id, Ms, schemaOf } from './schema.ts';

/** Longer than anybody writes by hand. */
export const SQL_CHARS_MAX = 20_000;
export const HUNT_ROWS_MAX = 10_000;

const SUMMARY = {
  index: Count,
  atMs: Ms,
  receivedMs: Ms,
  classUid: z.number().int(),
  className: z.string(),
  severity: z.number().int(),
  text: z.string(),
  user: z.string().nullable(),
  device: z.string().nullable(),
  address: z.string().nullable(),
  patient: z.string().nullable(),
  sourceId: z.string().nullable(),
};
export const EventSummarySchema = schemaOf<EventSummary>('EventSummary')(z.strictObject(SUMMARY));
export const EventDetailSchema = schemaOf<EventDetail>('EventDetail')(
  z.strictObject({
    ...SUMMARY,
    state: z.enum(['present', 'erased', 'expired', 'sealed']),
    event: z.unknown(),
    raw: z.strictObject({ text: z.string().nullable(), base64: z.string().nullable() }).nullable(),
    findings: z.array(FindingSummarySchema),
  }),
);
export const ReceiptWithOpeningsSchema = z.strictObject({ receipt: z.string(), openings: z.string().nullable() });

export const HuntViewSchema = schemaOf<HuntView>('HuntView')(
  z.strictObject({
    name: z.string(),
    description: z.string(),
    columns: z.array(z.strictObject({ name: z.string(), type: z.string(), description: z.string() })),
    example: z.string(),
  }),
);
export const HuntRequestSchema = schemaOf<HuntRequest>('HuntRequest')(
  z.strictObject({
    sql: z.string().trim().min(1).max(SQL_CHARS_MAX),
    limit: z.number().int().min(1).max(HUNT_ROWS_MAX).exactOptional(),
  }),
);
export const HuntResultSchema = schemaOf<HuntResult>('HuntResult')(
  z.strictObject({
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.unknown())),
    isTruncated: z.boolean(),
    elapsedMs: z.number(),
    skipped: z.array(z.string()),
  }),
);
export const SavedHuntSchema = schemaOf<SavedHunt>('SavedHunt')(
  z.strictObject({
    id: Id,
    name: z.string().trim().min(1).max(120),
    sql: z.string().trim().min(1).max(SQL_CHARS_MAX),
    picture: z.enum(['table', 'bar', 'line', 'heat']),
    author: z.string().max(64),
    changedMs: Ms,
  }),
);
