import { Alert, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { SourceDetail } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { Moment, formatMoment } from '../../kit/moment.tsx';
import { count, duration, rate, share } from '../../kit/numbers.ts';
import { Facts, Page, Panel } from '../../kit/page.tsx';
import { useRight, useSession } from '../../kit/session.ts';
import { Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { HealthMark } from './health-mark.tsx';
import { SourceActions } from './source-actions.tsx';
import classes from './sources.module.css';
import { ButtonLink } from '../../kit/button-link.tsx';

export function SourcePage(): React.ReactNode {
  const { id = '' } = useParams({ strict: false });
  const source = useQuery({
    queryKey: ['source', id],
    queryFn: ({ signal }) => get<SourceDetail>(`/sources/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: 30_000,
  });
  return <Loaded query={source}>{(data) => <SourceView source={data} />}</Loaded>;
}

function SourceView({ source }: { source: SourceDetail }): React.ReactNode {
  const words = t.sources;
  const mayChange = useRight('administer');
  return (
    <Page
      title={source.name}
      lead={
        <span className={classes.lead}>
          <Link to="/sources">{words.title}</Link>
          <HealthMark health={source.health} />
          <span>{words.kinds[source.kind] ?? source.kind}</span>
          <span>{words.perSecond(rate(source.rate))}</span>
        </span>
      }
      actions={
        <>
          <ButtonLink to="/events" search={{ source: source.id }} variant="default">
            {words.seeEvents}
          </ButtonLink>
          {mayChange && <SourceActions source={source} />}
        </>
      }
    >
      {source.problem !== null && (
        <Alert color="orange" mb={16} title={words.health[source.health]}>
          {source.problem}
        </Alert>
      )}
      <div className={classes.grid}>
        <div className={classes.column}>
          <Panel title={words.rates}>
            <Minutes rates={source.rates} />
          </Panel>
          {source.snippets.length > 0 && (
            <Panel title={words.snippets}>
              {source.snippets.map(({ title, text }) => (
                <div key={title} className={classes.snippet}>
                  <h3>{title}</h3>
                  <CodeBlock text={text} label={title} />
                </div>
              ))}
            </Panel>
          )}
        </div>
        <div className={classes.column}>
          <Panel title={words.figures}>
            <Facts facts={factsOf(source)} />
          </Panel>
          {source.rejects.length > 0 && (
            <Panel title={words.rejectReasons}>
              <Facts facts={source.rejects.map(({ code, count: times }) => [code, count(times)] as const)} />
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}

function Minutes({ rates }: { rates: SourceDetail['rates'] }): React.ReactNode {
  const { zone } = useSession();
  const most = Math.max(1, ...rates.map(({ events }) => events));
  if (rates.length === 0) return <Text c="dimmed">{t.sources.never}</Text>;
  return (
    <>
      <ul className={classes.minutes}>
        {rates.map(({ minuteMs, events, rejected }) => {
          const said = t.sources.rateRow(formatMoment(minuteMs, zone, 'clock'), count(events), count(rejected));
          return (
            <li
              key={minuteMs}
              title={said}
              aria-label={said}
              data-rejected={rejected > 0 || undefined}
              style={{ height: `${(events / most) * 100}%` }}
            />
          );
        })}
      </ul>
      <p className={classes.scale} aria-hidden>
        <span>{formatMoment(rates[0]?.minuteMs ?? 0, zone, 'clock').slice(0, 5)}</span>
        <span>{t.sources.mostAMinute(count(most))}</span>
        <span>{formatMoment(rates.at(-1)?.minuteMs ?? 0, zone, 'clock').slice(0, 5)}</span>
      </p>
    </>
  );
}

function factsOf(source: SourceDetail): [string, React.ReactNode][] {
  const words = t.sources;
  const { lastEventMs, events, rejected, parseShare, gaps, lost, clockOffsetS, format, zone, silentAfterMs } = source;
  return [
    [words.columns.last, lastEventMs === null ? words.never : <Moment key="last" ms={lastEventMs} />],
    [words.events, count(events)],
    [words.rejected, count(rejected)],
    [words.parse, parseShare === null ? '–' : share(parseShare)],
    [words.gaps, count(gaps)],
    [words.lost, count(lost)],
    [words.clock, clockOffsetS === null ? words.clockUnknown : duration(clockOffsetS * 1000)],
    [words.format, format],
    [words.zone, zone ?? words.zoneOfHospital],
    [words.silentAfter, silentAfterMs === null ? words.never : duration(silentAfterMs)],
  ];
}
