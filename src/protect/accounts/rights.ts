import type { Account, Right, Role } from './types.ts';

const BY_ROLE: Record<Role, readonly Right[]> = {
  administrator: ['read', 'respond', 'administer'],
  analyst: ['read', 'respond'],
  'privacy-officer': ['read', 'respond'],
  'read-only': ['read'],
};

/** What an account may do. Seeing patients goes with no role: it is given to each account by itself. */
export function rightsOf(account: Pick<Account, 'role' | 'seesPatients'>): Right[] {
  return [...BY_ROLE[account.role], ...(account.seesPatients ? (['see-patients'] as const) : [])];
}
