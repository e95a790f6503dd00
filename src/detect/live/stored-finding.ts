import {
  DETECTION_FINDING,
  FINDING_FORMAT,
  LEVELS,
  type Level,
  type LedgerFinding,
  type RuleHead,
} from '#detect/sigma';
import type { OcsfEvent } from '#ingest';
import type { Ledger, StoredEntry } from '#ledger';
import { eventsOf } from './evidence.ts';
import type { DurableFinding } from './types.ts';

/** A finding of ours that stands in the ledger, as it was when it was made; null for every other entry. */
export function storedFinding(entry: StoredEntry): Omit<DurableFinding, 'events'> | null {
  if (entry.classUid !== DETECTION_FINDING || entry.state !== 'present') return null;
  const event = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
  if (event.metadata.log_format !== FINDING_FORMAT) return null;
  const info = event['finding_info'] as StoredInfo;
  const [{ data }] = event['evidences'] as [{ data: StoredEvidence }];
  const rule = ruleOf(event, info, data);
  const { kind, indexes, total, match, group } = data;
  return {
    index: entry.index,
    uid: info.uid,
    rule,
    level: rule.level,
    kind,
    indexes,
    total,
    firstMs: info.first_seen_time,
    atMs: event.time,
    match,
    group,
  };
}

interface StoredInfo {
  uid: string;
  desc?: string;
  analytic: { name: string; uid: string; version: string };
  first_seen_time: number;
  types: string[];
}

type StoredEvidence = Pick<LedgerFinding, 'kind' | 'indexes' | 'total' | 'match' | 'group'> & { author: string | null };

function ruleOf(event: OcsfEvent, { analytic, desc, types }: StoredInfo, { author }: StoredEvidence): RuleHead {
  // OCSF severities 1 to 5 are the five levels of Sigma.
  const level: Level = LEVELS[event.severity_id - 1] ?? 'informational';
  return {
    id: analytic.uid,
    title: analytic.name,
    version: analytic.version,
    level,
    tags: types,
    references: [],
    falsepositives: [],
    fields: [],
    file: '',
    ...(desc === undefined ? {} : { description: desc }),
    ...(author === null ? {} : { author }),
  };
}

/**
 * The findings that stand at or behind `from`, in order: for whoever missed them.
 * @throws {LedgerError} `corrupt`
 */
export async function* findingsSince(ledger: Ledger, from: number): AsyncGenerator<DurableFinding> {
  for await (const batch of ledger.read({ from }))
    for (const entry of batch) {
      const finding = await findingOf(ledger, entry);
      if (finding !== null) yield finding;
    }
}

/** The finding that an entry is, with the events that it rests on; null for every other entry. */
export async function findingOf(ledger: Ledger, entry: StoredEntry): Promise<DurableFinding | null> {
  const finding = storedFinding(entry);
  return finding === null ? null : { ...finding, events: await eventsOf(ledger, finding.indexes) };
}
