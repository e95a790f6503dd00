import { z } from 'zod';
import type { Coverage, RuleChange, RuleDetail, RuleImport, RulePreview, RuleSummary } from '../api.ts';
import { LevelSchema } from './common.ts';
import { EventSummarySchema } from './events.ts';
import { Count, schemaOf } from './schema.ts';

const SUMMARY = {
  id: z.string(),
  title: z.string(),
  level: LevelSchema,
  origin: z.enum(['wardkeep', 'imported']),
  author: z.string().nullable(),
  isEnabled: z.boolean(),
  tactics: z.array(z.string()),
  techniques: z.array(z.string()),
  logsource: z.string(),
  findings: Count,
  problem: z.string().nullable(),
};
export const RuleSummarySchema = schemaOf<RuleSummary>('RuleSummary')(z.strictObject(SUMMARY));
export const RuleDetailSchema = schemaOf<RuleDetail>('RuleDetail')(
  z.strictObject({
    ...SUMMARY,
    description: z.string().nullable(),
    falsePositives: z.array(z.string()),
    references: z.array(z.string()),
    yaml: z.string(),
    licence: z.string().nullable(),
    source: z.string().nullable(),
    levelInFile: LevelSchema,
  }),
);
export const RuleChangeSchema = schemaOf<RuleChange>('RuleChange')(
  z.strictObject({ isEnabled: z.boolean().exactOptional(), level: LevelSchema.exactOptional() }),
);
export const PreviewRequestSchema = z.strictObject({ days: z.number().int().min(1).max(30) });
export const RulePreviewSchema = schemaOf<RulePreview>('RulePreview')(
  z.strictObject({
    events: Count,
    findings: Count,
    perDay: z.array(z.strictObject({ day: z.string(), findings: Count })),
    examples: z.array(EventSummarySchema),
    isPartial: z.boolean(),
  }),
);
export const RuleImportSchema = schemaOf<RuleImport>('RuleImport')(
  z.strictObject({
    imported: Count,
    failed: z.array(z.strictObject({ file: z.string(), reason: z.string() })),
    licence: z.string().nullable(),
  }),
);
export const CoverageSchema = schemaOf<Coverage>('Coverage')(
  z.strictObject({
    tactics: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    techniques: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        tactics: z.array(z.string()),
        rules: Count,
        enabled: Count,
        findings: Count,
      }),
    ),
  }),
);
