import type { Draft } from '../types.ts';

export type Verdict = 'allowed' | 'blocked';

const ALLOWED = /^(?:allow|accept|permit|pass|monitor|alert|detect|log|continue|built)/i;
const BLOCKED = /^(?:block|deny|denied|drop|reject|reset|refuse|discard|quarantine|prevent|sinkhole|close)/i;

/** What a device's word for its action comes to: `pass`, `block`, `deny`, `reset-both`; null for words that say neither. */
export function verdictOf(word: unknown): Verdict | null {
  if (typeof word !== 'string') return null;
  if (BLOCKED.test(word)) return 'blocked';
  return ALLOWED.test(word) ? 'allowed' : null;
}

/** Writes what was decided: `action_id` and `disposition_id` of the security_control profile. */
export function setVerdict(draft: Draft, verdict: Verdict | null): void {
  if (verdict === null) return;
  draft.set('action_id', verdict === 'allowed' ? 1 : 2);
  draft.set('disposition_id', verdict === 'allowed' ? 1 : 2);
}
