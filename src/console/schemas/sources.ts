import { z } from 'zod';
import type { SourceChange, SourceCreate, SourceDetail, SourceHealth, SourceSecret, SourceStatus } from '../api.ts';
import { Zone } from './people.ts';
import { Count, Ms, schemaOf } from './schema.ts';

const DAY_MS = 86_400_000;

export const SourceHealthSchema = schemaOf<SourceHealth>('SourceHealth')(z.enum(['ok', 'silent', 'troubled', 'new']));
const STATUS = {
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  format: z.string(),
  health: SourceHealthSchema,
  problem: z.string().nullable(),
  lastEventMs: Ms.nullable(),
  events: Count,
  rejected: Count,
  rate: z.number().nonnegative(),
  parseShare: z.number().min(0).max(1).nullable(),
  gaps: Count,
  lost: Count,
};
export const SourceStatusSchema = schemaOf<SourceStatus>('SourceStatus')(z.strictObject(STATUS));
export const SourceDetailSchema = schemaOf<SourceDetail>('SourceDetail')(
  z.strictObject({
    ...STATUS,
    zone: z.string().nullable(),
    silentAfterMs: Ms.nullable(),
    createdMs: Ms,
    clockOffsetS: z.number().nullable(),
    rejects: z.array(z.strictObject({ code: z.string(), count: Count })),
    rates: z.array(z.strictObject({ minuteMs: Ms, events: Count, rejected: Count })),
    snippets: z.array(z.strictObject({ title: z.string(), text: z.string() })),
  }),
);
const CHANGE = {
  format: z.string().min(1).max(64).exactOptional(),
  zone: Zone.nullable().exactOptional(),
  silentAfterMs: z
    .number()
    .int()
    .min(60_000)
    .max(366 * DAY_MS)
    .nullable()
    .exactOptional(),
};
const SourceName = z.string().trim().min(1).max(120);
export const SourceCreateSchema = schemaOf<SourceCreate>('SourceCreate')(
  z.strictObject({ name: SourceName, kind: z.string().min(1).max(64), ...CHANGE }),
);
export const SourceChangeSchema = schemaOf<SourceChange>('SourceChange')(
  z.strictObject({ name: SourceName.exactOptional(), ...CHANGE }),
);
export const SourceSecretSchema = schemaOf<SourceSecret>('SourceSecret')(
  z.strictObject({ source: SourceDetailSchema, token: z.string().nullable() }),
);
