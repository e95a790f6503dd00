import { IngestError, sourcesFor } from '#ingest';
import { UsageError } from './usage.ts';

/** The value of `--format`, checked; a wrong one is answered with the list. */
export function formatName(value: string | undefined): string | undefined {
  try {
    sourcesFor(value);
    return value;
  } catch (error) {
    if (!(error instanceof IngestError)) throw error;
    throw new UsageError(`${error.message}; ${error.advice ?? ''}`);
  }
}
