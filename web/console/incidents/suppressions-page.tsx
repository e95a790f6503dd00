import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconEyeOff } from '@tabler/icons-react';
import type { Suppression } from '../../../src/console/api.ts';
import { call, get } from '../../kit/api.ts';
import { Moment } from '../../kit/moment.tsx';
import { notifyDone, notifyFailure } from '../../kit/notify.tsx';
import { count } from '../../kit/numbers.ts';
import { Facts, Page, Panel } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { Empty, Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import classes from './suppressions.module.css';

/** What is hidden, for whom, why and until when. */
export function SuppressionsPage(): React.ReactNode {
  const words = t.incidents.suppress;
  const query = useQuery({
    queryKey: ['suppressions'],
    queryFn: ({ signal }) => get<Suppression[]>('/suppressions', undefined, signal),
  });
  return (
    <Page title={words.title} lead={words.lead} shape="text">
      <Loaded query={query}>
        {(suppressions) =>
          suppressions.length === 0 ? (
            <Panel>
              <Empty icon={<IconEyeOff size={28} stroke={1.6} />} title={words.empty} advice={words.emptyAdvice} />
            </Panel>
          ) : (
            <div className={classes.list}>
              {suppressions.map((one) => (
                <SuppressionCard key={one.id} suppression={one} />
              ))}
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

function SuppressionCard({ suppression }: { suppression: Suppression }): React.ReactNode {
  const words = t.incidents.suppress;
  const { id, ruleId, entities, reason, author, expiresMs, hiddenSoFar } = suppression;
  const client = useQueryClient();
  const mayRespond = useRight('respond');
  const end = useMutation({
    mutationFn: () => call('DELETE', `/suppressions/${encodeURIComponent(id)}`),
    onSuccess: () => {
      notifyDone(words.ended);
      void client.invalidateQueries({ queryKey: ['suppressions'] });
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Panel
      title={entities.map(({ name }) => name).join(', ')}
      aside={
        mayRespond && (
          <Button variant="default" size="xs" loading={end.isPending} onClick={() => end.mutate()}>
            {words.end}
          </Button>
        )
      }
    >
      <p className={classes.reason}>{reason}</p>
      <Facts
        facts={[
          [words.rule, <Link key="rule" to="/rules/$id" params={{ id: ruleId }} children={ruleId} />],
          [words.by, author],
          [words.until, <Moment key="until" ms={expiresMs} form="day" />],
          [words.hiddenSoFar, count(hiddenSoFar)],
        ]}
      />
    </Panel>
  );
}
