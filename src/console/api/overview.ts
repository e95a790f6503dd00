import type { Level } from './common.ts';
import type { IncidentSummary } from './incidents.ts';

export interface Overview {
  verdict: 'safe' | 'look' | 'act';
  /** One plain sentence: `Nothing needs you now.` */
  sentence: string;
  /** At most five, the most urgent first. */
  tasks: Task[];
  incidents: { open: number; bySeverity: Record<Level, number>; newest: IncidentSummary[] };
  sources: { total: number; healthy: number; silent: number; troubled: number };
  /** Events and findings an hour, oldest first, the last 24 hours. */
  activity: { hourMs: number; events: number; findings: number }[];
  ledger: { size: number; checkpointMs: number | null; healthy: boolean };
  /** What the disk and the process say: empty when all is well. */
  troubles: Trouble[];
}

export interface Task {
  id: string;
  text: string;
  /** A page of the console. */
  href: string;
  urgency: 'now' | 'today' | 'soon';
}

export interface Trouble {
  code: string;
  text: string;
  advice: string;
}
