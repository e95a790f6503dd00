import { createContext, useContext } from 'react';
import type { Right, Session } from '../../src/console/api.ts';

export const SessionContext = createContext<Session | null>(null);

/** The session of a page behind the sign-in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('there is no session around this page');
  return session;
}

/** Whether to offer what needs this right; the server decides. */
export function useRight(right: Right): boolean {
  return useSession().rights.includes(right);
}
