import { GAP_MAX, LATE_MAX, NUMBERINGS_MAX } from '../limits.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Numbering {
  last: number;
  /** Numbers that were passed over and may still come. */
  missing: Set<number>;
}

/**
 * Follows the senders' own numbering: RFC 5424 `meta sequenceId` a host and program, Windows record ids a host and channel.
 * Where it begins nobody can say, so the first number of a run is taken as it is.
 */
export class GapTracker {
  readonly #numberings = new Map<string, Numbering>();

  /** How many more records are missing than before; less than 0 when one came late. */
  note(fields: Fields): number {
    const numbered = numberOf(fields);
    if (numbered === null) return 0;
    const { key, number } = numbered;
    const known = this.#numberings.get(key);
    if (known === undefined) {
      if (this.#numberings.size < NUMBERINGS_MAX) this.#numberings.set(key, { last: number, missing: new Set() });
      return 0;
    }
    if (number <= known.last) return late(known, number);
    const gap = number - known.last - 1;
    if (gap <= GAP_MAX) rememberMissing(known, number);
    else known.missing.clear();
    known.last = number;
    return gap <= GAP_MAX ? gap : 0;
  }
}

function late(known: Numbering, number: number): number {
  if (known.missing.delete(number)) return -1;
  // Counting began anew (RFC 5424 §7.3.1 says at 1), or the same record came again.
  if (known.last - number > LATE_MAX || number <= 1) {
    known.last = number;
    known.missing.clear();
  }
  return 0;
}

function rememberMissing({ last, missing }: Numbering, number: number): void {
  for (let n = Math.max(last + 1, number - LATE_MAX); n < number; n += 1) missing.add(n);
  for (const oldest of missing) {
    if (missing.size <= LATE_MAX) break;
    missing.delete(oldest);
  }
}

function numberOf(fields: Fields): { key: string; number: number } | null {
  const record = fields['EventRecordID'] ?? fields['RecordNumber'] ?? fields['EventRecordId'];
  if (record !== undefined) {
    const host = fields['Computer'] ?? fields['Hostname'] ?? fields['host'];
    return numbered(`w ${text(host)} ${text(fields['Channel'])}`, record);
  }
  const data = fields['structured_data'];
  if (typeof data !== 'object' || data === null) return null;
  const meta = (data as Record<string, unknown>)['meta'];
  if (typeof meta !== 'object' || meta === null) return null;
  return numbered(`s ${text(fields['host'])}`, (meta as Record<string, unknown>)['sequenceId']);
}

function numbered(key: string, value: unknown): { key: string; number: number } | null {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? { key, number } : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 255) : '';
}
