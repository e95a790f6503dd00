import { entryOf } from '#kernel';
import type { NativeFields } from '../../../types.ts';

const SUCCESS = 1;
const FAILURE = 2;

/** Bits 53 and 52 of the keywords: audit success, audit failure. */
const AUDIT: Readonly<Record<string, number>> = {
  '0x8020000000000000': SUCCESS,
  '0x8010000000000000': FAILURE,
  // The same as a signed number, exact and as JSON's doubles round it.
  '-9214364837600034816': SUCCESS,
  '-9218868437227405312': FAILURE,
  '-9214364837600035000': SUCCESS,
  '-9218868437227405000': FAILURE,
  '9232379236109516800': SUCCESS,
  '9227875636482146304': FAILURE,
  'audit success': SUCCESS,
  'audit failure': FAILURE,
  audit_success: SUCCESS,
  audit_failure: FAILURE,
};

/** Events that are failures by what they say, where the producer left the keywords out. */
const FAILURES = new Set([
  'security/4625',
  'security/4771',
  'security/5152',
  'security/5157',
  'security/5155',
  'security/5159',
]);
/** Events that come with success alone. */
const SUCCESSES = new Set([
  'security/4624',
  'security/4634',
  'security/4647',
  'security/4672',
  'security/4688',
  'security/5156',
]);

/** 1 or 2 as the audit keyword states it (or the kind implies); undefined when neither does. */
export function auditStatus(kind: string, fields: NativeFields): number | undefined {
  const stated = keyword(fields['Keywords']) ?? keyword(fields['EventType']);
  if (stated !== undefined) return stated;
  if (FAILURES.has(kind)) return FAILURE;
  return SUCCESSES.has(kind) ? SUCCESS : undefined;
}

function keyword(value: unknown): number | undefined {
  if (typeof value === 'string') return entryOf(AUDIT, value) ?? entryOf(AUDIT, value.toLowerCase());
  if (typeof value === 'number') return entryOf(AUDIT, String(value));
  return Array.isArray(value) ? keyword(value[0]) : undefined;
}

/** Windows' levels (0 always, 1 critical, 2 error, 3 warning, 4 information, 5 verbose) in OCSF's scale. */
const LEVELS: Readonly<Record<string, number>> = { '0': 1, '1': 5, '2': 3, '3': 2, '4': 1, '5': 1 };
const WORDS: Readonly<Record<string, number>> = {
  critical: 5,
  error: 3,
  warning: 2,
  information: 1,
  info: 1,
  informational: 1,
  verbose: 1,
};

/** 0 Unknown where the event states no level. */
export function levelSeverity(fields: NativeFields): number {
  const level = fields['Level'] ?? fields['EventLevel'];
  if (typeof level === 'string' || typeof level === 'number') {
    const known = entryOf(LEVELS, String(level)) ?? entryOf(WORDS, String(level).toLowerCase());
    if (known !== undefined) return known;
  }
  const word = fields['Severity'] ?? fields['Type'];
  return typeof word === 'string' ? (entryOf(WORDS, word.toLowerCase()) ?? 0) : 0;
}
