import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Incident, IncidentChange } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { renewLists } from '../../kit/pages.ts';
import { t } from '../../text/index.ts';

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

/** Changes an incident, says `done`, and offers to put back what stood there before. */
export function useIncidentAct(incident: Incident): (change: IncidentChange, done: string) => void {
  const { mutate } = useIncidentChange<IncidentChange>(incident.id, 'PATCH');
  return (change, done) => {
    const before = Object.fromEntries(
      Object.keys(change).map((name) => [name, incident[name as keyof IncidentChange]]),
    ) as IncidentChange;
    mutate(change, {
      onSuccess: () => notifyDone(done, () => mutate(before, { onSuccess: () => notifyDone(t.common.undone) })),
    });
  };
}
