import type { Level } from './common.ts';
import type { EventSummary } from './events.ts';

export interface RuleSummary {
  id: string;
  title: string;
  level: Level;
  origin: 'wardkeep' | 'imported';
  author: string | null;
  isEnabled: boolean;
  tactics: string[];
  techniques: string[];
  logsource: string;
  /** Findings of the last 7 days. */
  findings: number;
  problem: string | null;
}

export interface RuleDetail extends RuleSummary {
  description: string | null;
  falsePositives: string[];
  references: string[];
  yaml: string;
  licence: string | null;
  source: string | null;
  /** The level in the file, where an operator set another. */
  levelInFile: Level;
}

export interface RuleChange {
  isEnabled?: boolean;
  level?: Level;
}

export interface RulePreview {
  /** Stored events looked at, and how many the rule would have found. */
  events: number;
  findings: number;
  perDay: { day: string; findings: number }[];
  examples: EventSummary[];
  /** Reading stopped at its time limit; the figures are of what was read. */
  isPartial: boolean;
}

export interface RuleImport {
  imported: number;
  failed: { file: string; reason: string }[];
  licence: string | null;
}

export interface Coverage {
  tactics: { id: string; name: string }[];
  techniques: { id: string; name: string; tactics: string[]; rules: number; enabled: number; findings: number }[];
}
