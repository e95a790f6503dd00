import { Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { EventDetail } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { LevelMark } from '../../kit/level.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Facts } from '../../kit/page.tsx';
import { Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { useSources } from '../sources/use-sources.ts';
import { className, eventText } from './event-words.ts';
import classes from './evidence.module.css';
import { ReceiptTab } from './receipt-tab.tsx';

/** Everything about one event: what it says, as OCSF, as received, and its proof. */
export function EventView({ index }: { index: string }): React.ReactNode {
  const event = useQuery({
    queryKey: ['event', index],
    queryFn: ({ signal }) => get<EventDetail>(`/events/${encodeURIComponent(index)}`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return <Loaded query={event}>{(data) => <EventTabs event={data} />}</Loaded>;
}

function EventTabs({ event }: { event: EventDetail }): React.ReactNode {
  const { tabs } = t.evidence;
  return (
    <>
      <p className={classes.text}>{eventText(event)}</p>
      <Tabs defaultValue="facts" keepMounted={false}>
        <Tabs.List mb={14}>
          {(['facts', 'event', 'raw', 'receipt'] as const).map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {tabs[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="facts">
          <Facts wide facts={factsOf(event)} />
          <FindingsOf event={event} />
        </Tabs.Panel>
        <Tabs.Panel value="event">
          {event.event === null ? (
            <Text c="dimmed">{t.evidence.noBody}</Text>
          ) : (
            <CodeBlock text={JSON.stringify(event.event, null, 2)} label={tabs.event} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="raw">
          <Raw raw={event.raw} />
        </Tabs.Panel>
        <Tabs.Panel value="receipt">
          <ReceiptTab index={event.index} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Raw({ raw }: { raw: EventDetail['raw'] }): React.ReactNode {
  if (raw === null) return <Text c="dimmed">{t.evidence.noRaw}</Text>;
  return (
    <>
      {raw.text === null && (
        <Text c="dimmed" mb={8}>
          {t.evidence.base64}
        </Text>
      )}
      <CodeBlock text={raw.text ?? raw.base64 ?? ''} label={t.evidence.tabs.raw} />
    </>
  );
}

function FindingsOf({ event }: { event: EventDetail }): React.ReactNode {
  if (event.findings.length === 0) return null;
  return (
    <>
      <Text fw={600} mt={18} mb={6}>
        {t.evidence.findings}
      </Text>
      <ul className={classes.findings}>
        {event.findings.map(({ index, rule, incident }) => (
          <li key={index}>
            <LevelMark level={rule.level} />
            {incident === null ? (
              <span>{rule.title}</span>
            ) : (
              <Link to="/incidents/$id" params={{ id: incident }}>
                {rule.title}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function factsOf(event: EventDetail): [string, React.ReactNode][] {
  const { facts } = t.evidence;
  const named = [
    [facts.user, 'user', event.user],
    [facts.device, 'device', event.device],
    [facts.address, 'ip', event.address],
    [facts.patient, 'patient', event.patient],
  ] as const;
  return [
    // The ledger keeps the minute of receipt: seconds would be made up.
    [facts.at, <Moment key="at" ms={event.atMs} />],
    [facts.received, <Moment key="received" ms={event.receivedMs} form="minute" />],
    [facts.class, `${className(event)} (${event.classUid})`],
    ...named.flatMap(([name, filter, value]): [string, React.ReactNode][] =>
      value === null ? [] : [[name, <Named key={filter} filter={filter} value={value} />]],
    ),
    ...(event.sourceId === null
      ? []
      : ([[facts.source, <SourceOf key="source" id={event.sourceId} />]] as [string, React.ReactNode][])),
    [facts.state, t.evidence.states[event.state]],
  ];
}

/** A name, which leads to everything that names it. */
function Named({ filter, value }: { filter: 'user' | 'device' | 'ip' | 'patient'; value: string }): React.ReactNode {
  return (
    <Link to="/events" search={{ [filter]: value }} title={t.evidence.everyEvent(value)}>
      {value}
    </Link>
  );
}

/** The source by its name; by its id where it is not there any more. */
function SourceOf({ id }: { id: string }): React.ReactNode {
  const source = useSources().data?.find((one) => one.id === id);
  if (source === undefined) return id;
  return (
    <Link to="/sources/$id" params={{ id }}>
      {source.name}
    </Link>
  );
}
