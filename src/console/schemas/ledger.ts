import { z } from 'zod';
import type { HoldCreate, LedgerStatus, ReceiptVerdict, RetentionChange } from '../api.ts';
import { Count, Ms, schemaOf } from './schema.ts';

export const LedgerStatusSchema = schemaOf<LedgerStatus>('LedgerStatus')(
  z.strictObject({
    origin: z.string(),
    size: Count,
    root: z.string(),
    checkpoint: z.string().nullable(),
    checkpointMs: Ms.nullable(),
    vkeys: z.array(z.strictObject({ name: z.string(), algorithm: z.enum(['Ed25519', 'ML-DSA-44']), vkey: z.string() })),
    policy: z.string(),
    retention: z.strictObject({ recordDays: Count, telemetryDays: Count }),
    holds: z.array(z.strictObject({ id: z.string(), reason: z.string(), fromMs: Ms.nullable(), toMs: Ms.nullable() })),
    erased: Count,
    bytes: Count,
  }),
);
/** A hundred years: more is a slip of the keyboard. */
const Days = z.number().int().min(1).max(36_525);
const Day = z.iso.date('not a day like 2026-11-24').nullable();
export const RetentionChangeSchema = schemaOf<RetentionChange>('RetentionChange')(
  z
    .strictObject({ recordDays: Days.exactOptional(), telemetryDays: Days.exactOptional() })
    .refine((change) => Object.keys(change).length > 0, 'nothing is to be changed'),
);
export const HoldCreateSchema = schemaOf<HoldCreate>('HoldCreate')(
  z.strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(120)
      .regex(/^[^\p{C}]+$/u, 'not without control characters'),
    fromDay: Day,
    toDay: Day,
  }),
);
export const ReceiptCheckSchema = z.strictObject({
  receipt: z.string().max(64 * 1024),
  event: z
    .string()
    .max(8 * 1024 * 1024)
    .exactOptional(),
});
export const ReceiptVerdictSchema = schemaOf<ReceiptVerdict>('ReceiptVerdict')(
  z.strictObject({
    verdict: z.enum(['good', 'bad', 'undecidable']),
    sentence: z.string(),
    index: Count.nullable(),
    classUid: z.number().int().nullable(),
    minuteMs: Ms.nullable(),
  }),
);
