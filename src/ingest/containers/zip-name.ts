import * as yauzl from 'yauzl';
import { IngestError } from '../errors.ts';

const SHOWN_CHARS_MAX = 120;

/** The name of an entry as text, with `/` between its parts whatever its maker wrote. It may be anything. */
export function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: yauzl.Entry): string {
  return yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
}

/**
 * Why an entry of this name is passed over; null for an honest one. Nothing is ever written by such a name, but whoever
 * made the archive meant that it should be.
 */
export function faultOfName(name: string): IngestError | null {
  if (yauzl.validateFileName(name) === null) return null;
  return new IngestError('bad_archive', 'its name leads out of the archive, so that it was not read', {
    advice: 'ask who made the archive; unpack that member under another name and give Wardkeep the file',
  });
}

/** A name for people: without control characters, cut where it is long. */
export function shownName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const clean = name.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '·');
  return clean.length <= SHOWN_CHARS_MAX ? clean : `${clean.slice(0, SHOWN_CHARS_MAX - 1)}…`;
}
