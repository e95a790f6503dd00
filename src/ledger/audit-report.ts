import { AUDIT_FINDINGS_MAX } from './limits.ts';

/** Something that is not as it must be; `index` is the first entry that it touches, null where it touches none. */
export interface AuditFinding {
  index: number | null;
  reason: string;
}

/** What an audit found. */
export class AuditReport {
  readonly origin: string;
  /** Entries and root of the journal, as far as it is whole. */
  size = 0;
  root: Buffer = Buffer.alloc(0);
  /** Size of the published checkpoint; null when there is no valid one. */
  checkpointSize: number | null = null;
  /** Whether bodies were opened; false without the master key. */
  bodiesChecked = false;
  bodiesVerified = 0;
  bodiesErased = 0;
  bodiesExpired = 0;
  readonly findings: AuditFinding[] = [];
  readonly notes: string[] = [];
  /** All findings, also those that are not listed. */
  findingCount = 0;
  #firstBad: number | null = null;

  constructor(origin: string) {
    this.origin = origin;
  }

  get good(): boolean {
    return this.findingCount === 0;
  }

  /** The first index that something bad was found at; null when all is good or no entry is touched. */
  get firstBadIndex(): number | null {
    return this.#firstBad;
  }

  /** Records a finding; gives false, so that a check can end with it. */
  bad(index: number | null, reason: string): false {
    this.findingCount += 1;
    if (this.findings.length < AUDIT_FINDINGS_MAX) this.findings.push({ index, reason });
    if (index !== null) this.#firstBad = Math.min(index, this.#firstBad ?? index);
    return false;
  }

  note(text: string): void {
    if (this.notes.length < AUDIT_FINDINGS_MAX) this.notes.push(text);
  }
}
