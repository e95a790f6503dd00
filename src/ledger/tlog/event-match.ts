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

/** What is added to an event on output: none of it stands in `normal`, unless the event itself says it. */
const ADDED = ['index', 'raw_data', 'raw_data_hash'] as const;
type Added = Partial<Record<(typeof ADDED)[number], unknown>>;

/**
 * Compares an event that somebody holds with the opened parts of a body: as bytes with each of them, then as JSON
 * with `normal`, in any layout and order of members. What output adds is compared, too: `index` with the entry's
 * own, `raw_data` and `raw_data_hash` with `raw`.
 */
export function matchEvent(event: Uint8Array, openings: Openings, index: number): EventMatch {
  for (const opening of openings) {
    if (opening.open && Buffer.compare(opening.bytes, event) === 0) return { outcome: 'match', part: opening.part };
  }
  const normal = bytesOf(openings, 'normal');
  if (normal === null) return { outcome: 'shut', part: 'normal' };
  const shown = parseEvent(event);
  const kept = parseEvent(normal);
  if (shown === null || kept === null) return { outcome: 'mismatch' };
  const added = takeAdded(shown, kept);
  if (!isDeepStrictEqual(shown, kept) || ('index' in added && added.index !== index)) return { outcome: 'mismatch' };
  return matchRaw(added, openings);
}

/** Takes out of `shown` what was added to it on output. */
function takeAdded(shown: Record<string, unknown>, kept: Readonly<Record<string, unknown>>): Added {
  const added: Added = {};
  for (const name of ADDED) {
    if (!Object.hasOwn(shown, name) || Object.hasOwn(kept, name)) continue;
    added[name] = shown[name];
    delete shown[name];
  }
  return added;
}

function matchRaw(added: Added, openings: Openings): EventMatch {
  if (!('raw_data' in added) && !('raw_data_hash' in added)) return { outcome: 'match', part: 'normal' };
  const raw = bytesOf(openings, 'raw');
  if (raw === null) return { outcome: 'shut', part: 'raw' };
  const rawMatches =
    (!('raw_data' in added) || isRaw(added.raw_data, raw)) &&
    (!('raw_data_hash' in added) || isHashOf(added.raw_data_hash, raw));
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

/** A JSON object, also as the one item of an array; null for anything else and for nesting beyond `NESTING_DEPTH_MAX`. */
function parseEvent(bytes: Uint8Array): Record<string, unknown> | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (nestsDeeper(text, NESTING_DEPTH_MAX)) return null;
  try {
    const parsed: unknown = JSON.parse(text, keepBigNumbers);
    const value: unknown = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
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
