import { createHash } from 'node:crypto';
import { OCSF_VERSION, type OcsfEvent } from '#ingest';
import type { EntryInput } from '#ledger';
import type { Level, RuleHead } from '../types.ts';

/** OCSF class of a Detection Finding. */
export const DETECTION_FINDING = 2004;

/** What marks a finding as Wardkeep's own; no source can give it to an event. */
export const FINDING_FORMAT = 'wardkeep/finding';

/** OCSF severity of a Sigma level. */
const SEVERITY: Record<Level, number> = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 };

/** What was found, in terms of the ledger. */
export interface LedgerFinding {
  rule: RuleHead;
  kind: 'event' | 'correlation';
  /** Indexes of the entries, oldest first, at most 100. */
  indexes: readonly number[];
  /** All of them, where `indexes` was cut. */
  total: number;
  /** Event time of the last entry, ms. */
  timeMs: number;
  firstMs: number;
  /** Fields that matched, or what a correlation counted. */
  match: Readonly<Record<string, unknown>>;
  group: Readonly<Record<string, string>> | null;
}

/** The same rule in the same version over the same entries is the same finding, whenever it is found. */
export function findingUid({ rule, indexes, total }: Pick<LedgerFinding, 'rule' | 'indexes' | 'total'>): string {
  return createHash('sha256')
    .update(JSON.stringify([rule.id, rule.version, indexes, total]))
    .digest('hex')
    .slice(0, 32);
}

/** A finding as an OCSF Detection Finding (2004). */
export function findingEvent(finding: LedgerFinding, nowMs: number): OcsfEvent {
  const { rule, timeMs, firstMs } = finding;
  return {
    class_uid: DETECTION_FINDING,
    category_uid: 2,
    activity_id: 1,
    type_uid: DETECTION_FINDING * 100 + 1,
    severity_id: SEVERITY[rule.level],
    time: timeMs,
    message: rule.title,
    status_id: 1,
    finding_info: {
      uid: findingUid(finding),
      title: rule.title,
      ...(rule.description === undefined ? {} : { desc: rule.description }),
      analytic: { type_id: 1, name: rule.title, uid: rule.id, version: rule.version },
      first_seen_time: firstMs,
      last_seen_time: timeMs,
      created_time: nowMs,
      types: [...rule.tags],
    },
    evidences: [{ data: evidenceOf(finding) }],
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Wardkeep', vendor_name: 'Wardkeep' },
      log_format: FINDING_FORMAT,
      logged_time: nowMs,
    },
  };
}

/** What was found, and by whose rule: licences of rules ask that the author be named with every match. */
function evidenceOf({ rule, kind, indexes, total, match, group }: LedgerFinding): Record<string, unknown> {
  return { kind, author: rule.author ?? null, indexes, total, match, group };
}

export function findingEntry(event: OcsfEvent): EntryInput {
  const normal = JSON.stringify(event);
  return { classUid: DETECTION_FINDING, retention: 'record', normal, raw: new Uint8Array(0), patient: null };
}
