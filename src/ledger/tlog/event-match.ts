import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NESTING_DEPTH_MAX, nestsDeeper } from '#kernel';
import type { Part } from '../types.ts';
import type { Openings } from './openings.ts';
import { decodeBase64 } from './text.ts';

export type EventMatch =
  /** The event is what the leaf commits to. */
  | { outcome: 'match'; part: Part }
  | { outcome: 'mismatch' }
  /** The part that would decide is shut. */
  | { outcome: 'shut'; part: Part };

/**
 * Compares an event that somebody holds with the opened parts of a body: as bytes with each of them, then as JSON
 * with `normal`, in any layout and order of members. `raw_data` and `raw_data_hash`, which stand in an event's
 * output alone, are compared with `raw`.
 */
export function matchEvent(event: Uint8Array, openings: Openings): EventMatch {
  for (const opening of openings) {
    if (opening.open && Buffer.compare(opening.bytes, event) === 0) return { outcome: 'match', part: opening.part };
  }
  const normal = bytesOf(openings, 'normal');
  if (normal === null) return { outcome: 'shut', part: 'normal' };
  const shown = parseEvent(event);
  const kept = parseEvent(normal);
  if (shown === null || kept === null) return { outcome: 'mismatch' };
  const { raw_data: rawData, raw_data_hash: rawHash, ...rest } = shown;
  if (!isDeepStrictEqual(rest, kept) && !isDeepStrictEqual(shown, kept)) return { outcome: 'mismatch' };
  if (isDeepStrictEqual(shown, kept)) return { outcome: 'match', part: 'normal' };
  const raw = bytesOf(openings, 'raw');
  if (raw === null) return { outcome: 'shut', part: 'raw' };
  const rawMatches =
    (rawData === undefined || isRaw(rawData, raw)) && (rawHash === undefined || isHashOf(rawHash, raw));
  return rawMatches ? { outcome: 'match', part: 'normal' } : { outcome: 'mismatch' };
}

function bytesOf(openings: Openings, part: Part): Buffer | null {
  const opening = openings.find((candidate) => candidate.part === part);
  return opening?.open === true ? opening.bytes : null;
}

/** As text, or as base64 where the raw bytes are not UTF-8. */
function isRaw(rawData: unknown, raw: Buffer): boolean {
  if (typeof rawData !== 'string') return false;
  return Buffer.from(rawData).equals(raw) || decodeBase64(rawData)?.equals(raw) === true;
}

/** An OCSF fingerprint of the raw bytes; by policy the raw part is that hash itself. */
function isHashOf(fingerprint: unknown, raw: Buffer): boolean {
  if (typeof fingerprint !== 'object' || fingerprint === null || !('value' in fingerprint)) return false;
  const { value } = fingerprint;
  if (typeof value !== 'string') return false;
  const hex = value.toLowerCase();
  return hex === hash('sha256', raw, 'hex') || (raw.length === 32 && hex === raw.toString('hex'));
}

/** A JSON object, or null for anything else and for nesting beyond `NESTING_DEPTH_MAX`. */
function parseEvent(bytes: Uint8Array): Record<string, unknown> | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (nestsDeeper(text, NESTING_DEPTH_MAX)) return null;
  try {
    const value: unknown = JSON.parse(text, keepBigNumbers);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Whole numbers beyond 2^53 stay what they were written as: rounded, two different ones would seem equal. */
function keepBigNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  return { number: context?.source };
}
