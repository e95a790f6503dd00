import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Incident } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { notifyFailure } from '../../kit/notify.tsx';
import { renewLists } from '../../kit/pages.ts';

/** A change of one incident; the answer is the incident as it then is. */
export function useIncidentChange<Body>(
  id: string,
  method: 'POST' | 'PATCH',
  path = '',
): UseMutationResult<Incident, Error, Body> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Body) => call<Incident>(method, `/incidents/${encodeURIComponent(id)}${path}`, { body }),
    onSuccess: (incident) => {
      client.setQueryData(['incident', id], incident);
      void client.invalidateQueries({ queryKey: ['overview'] });
      renewLists(client, 'incidents');
    },
    onError: (error: Error) => notifyFailure(error),
  });
}
