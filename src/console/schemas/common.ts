import { z } from 'zod';
import type { ApiProblem, Level } from '../api.ts';
import { schemaOf } from './schema.ts';

export const LevelSchema = schemaOf<Level>('Level')(z.enum(['informational', 'low', 'medium', 'high', 'critical']));

export const ApiProblemSchema = schemaOf<ApiProblem>('ApiProblem')(
  z.strictObject({ code: z.string(), message: z.string(), advice: z.string().nullable(), id: z.string() }),
);
