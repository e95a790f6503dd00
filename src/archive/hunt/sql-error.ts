import { messageOf } from '#kernel';
import { ArchiveError } from '../errors.ts';
import { bad } from './check.ts';

const MESSAGE_CHARS_MAX = 300;
/** DuckDB's words for a statement that it does not understand; they quote the statement alone. */
const AUTHORS_FAULT = /^(?:Parser|Binder|Catalog|Syntax|Not implemented) Error/i;
const VALUES_FAULT = /^(?:Conversion|Invalid Input|Out of Range|Invalid type|Mismatch Type) Error/i;

/**
 * What an error of DuckDB is for the author of the statement; null when it is none of theirs (a damaged file, a fault of
 * ours). Values of records are taken out of it.
 */
export function sqlError(error: unknown): ArchiveError | null {
  if (error instanceof ArchiveError) return error;
  const text = messageOf(error);
  const [first = ''] = text.split('\n');
  if (/^INTERRUPT/i.test(text)) return new ArchiveError('too_slow', 'the hunt was stopped at its time limit', SLOW);
  if (/^Out of Memory/i.test(text))
    return new ArchiveError('too_large', 'the hunt needs more memory than it may have', {
      advice: 'narrow it by day or by condition, or count before listing',
    });
  if (/\.parquet/.test(text)) return null;
  if (AUTHORS_FAULT.test(text)) return bad(decapitalised(first), 'the list of views shows names and types of columns');
  if (VALUES_FAULT.test(text))
    return bad(
      decapitalised(first.replaceAll(/'[^']*'|"[^"]*"/g, '“…”')),
      'try_cast gives NULL where a value does not fit',
    );
  return null;
}

export const SLOW = {
  advice: 'narrow it by day or by condition; a look for one person or patient is quicker as a look-up',
};

function decapitalised(text: string): string {
  const cut = text.length > MESSAGE_CHARS_MAX ? `${text.slice(0, MESSAGE_CHARS_MAX)}…` : text;
  return cut.charAt(0).toLowerCase() + cut.slice(1);
}
