import { useQuery } from '@tanstack/react-query';
import { Suspense, lazy } from 'react';
import type { Session } from '../../src/console/api.ts';
import { ApiError, get } from '../kit/api.ts';
import { SessionContext } from '../kit/session.ts';
import { Failure, Loading } from '../kit/states.tsx';

const SignInPage = lazy(async () => ({ default: (await import('./people/sign-in-page.tsx')).SignInPage }));
const ChangePasswordPage = lazy(async () => ({
  default: (await import('./people/change-password-page.tsx')).ChangePasswordPage,
}));

/** Lets in whoever has a session; asks the others to sign in, and those with a foreign password for their own. */
export function Entrance({ children }: { children: React.ReactNode }): React.ReactNode {
  const session = useQuery({ queryKey: ['session'], queryFn: ({ signal }) => currentSession(signal) });
  if (session.data === undefined) {
    if (session.isError) return <Failure error={session.error} onRetry={() => void session.refetch()} />;
    return <Loading />;
  }
  if (session.data === null) return <Suspense fallback={<Loading />} children={<SignInPage />} />;
  if (session.data.mustChangePassword) return <Suspense fallback={<Loading />} children={<ChangePasswordPage />} />;
  return <SessionContext value={session.data}>{children}</SessionContext>;
}

/** Null without a session. */
async function currentSession(signal: AbortSignal): Promise<Session | null> {
  try {
    return await get<Session>('/session', undefined, signal);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'unauthenticated') return null;
    throw error;
  }
}
