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
  const { mutateAsync } = useIncidentChange<IncidentChange>(incident.id, 'PATCH');
  // The notice outlives the page: the answer is waited for here, not by what is drawn.
  const apply = (change: IncidentChange, then: () => void): void =>
    void mutateAsync(change).then(then, () => undefined);
  return (change, done) => {
    const before = Object.fromEntries(
      Object.keys(change).map((name) => [name, valueBefore(incident, name as keyof IncidentChange)]),
    ) as IncidentChange;
    apply(change, () => notifyDone(done, () => apply(before, () => notifyDone(t.common.undone))));
  };
}

/** A severity that nobody had set follows the findings again. */
function valueBefore(incident: Incident, name: keyof IncidentChange): unknown {
  return name === 'severity' && !incident.isSeverityFixed ? null : incident[name];
}
