import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ApiError } from '../kit/api.ts';
import { pageNonce } from '../kit/nonce.ts';
import { theme, variables } from '../kit/theme.ts';
import { router } from './router.tsx';

/** How long what was loaded counts as fresh, ms; live events renew it before. */
const FRESH_MS = 15_000;

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // The session ended while a page was open: back to the sign-in.
    onError: (error, query) => {
      if (error instanceof ApiError && error.code === 'unauthenticated' && query.queryKey[0] !== 'session')
        void client.invalidateQueries({ queryKey: ['session'] });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // Only silence is worth asking again: a refusal stays one.
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.code === 'offline',
    },
  },
});

/** The whole console: theme, data, pages. */
export function App(): React.ReactNode {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={pageNonce}
      deduplicateInlineStyles
    >
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" limit={3} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
