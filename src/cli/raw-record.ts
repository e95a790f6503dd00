import { isUtf8 } from 'node:buffer';
import { OWN_LOG_NAME } from '#ledger';
import { type OcsfEvent, REJECTED_FORMAT } from '#ingest';
import { printable } from './output/style.ts';

/** Bytes of the longest characters of UTF-8. */
const CHAR_BYTES_MAX = 4;

/**
 * A record as it was received, for OCSF's `raw_data`: as text, or in base64 where it is not UTF-8. Null where none is kept:
 * by policy, or because Wardkeep itself says the event (its ledger keeps an authentication code in that place).
 */
export function rawData(event: OcsfEvent, raw: Uint8Array): string | null {
  if (raw.length === 0 || event.metadata['log_name'] === OWN_LOG_NAME) return null;
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64');
}

/** Whether the event stands for a record that did not parse. */
export function isRejected(event: OcsfEvent): boolean {
  return event.class_uid === 0 && event.metadata.log_format === REJECTED_FORMAT;
}

/** The first characters of a record on one line for a terminal, with `·` for each control character. */
export function excerpt(raw: Uint8Array, chars: number): string {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, chars * CHAR_BYTES_MAX));
  const all = Array.from(head.toString('utf8'));
  const isCut = all.length > chars || head.length < raw.length;
  return printable(all.slice(0, chars).join('')) + (isCut ? '…' : '');
}
