import { z } from 'zod';
import type { SavedFilter } from '../api.ts';
import { Id, Ms, schemaOf } from './schema.ts';

const SEARCH_CHARS_MAX = 2_000;

export const SavedFilterSchema = schemaOf<SavedFilter>('SavedFilter')(
  z.strictObject({
    id: Id,
    name: z.string().trim().min(1).max(120),
    page: z.enum(['incidents', 'findings', 'events']),
    search: z.string().min(1).max(SEARCH_CHARS_MAX),
    isShared: z.boolean(),
    author: z.string().max(64),
    changedMs: Ms,
  }),
);
