import { IngestError } from './errors.ts';
import type { Source } from './source.ts';
import { SOURCES } from './sources/all.ts';
import type { Family } from './types.ts';

export { SOURCES };

/** Every family by name. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map(
  SOURCES.flatMap((source) => source.families.map((family) => [family.name, family] as const)),
);

/**
 * The sources that a reader may choose from: all for `auto`, else the one named.
 * @throws {IngestError} `unknown_format`
 */
export function sourcesFor(format: string | undefined): readonly Source[] {
  if (format === undefined || format === 'auto') return SOURCES;
  const named = SOURCES.filter((source) => source.name === format);
  if (named.length > 0) return named;
  throw new IngestError('unknown_format', `there is no format named ${format}`, {
    advice: `formats are: auto, ${SOURCES.map((source) => source.name).join(', ')}`,
  });
}
