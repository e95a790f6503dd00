import { Link, useParams } from '@tanstack/react-router';
import { Page, Panel } from '../../kit/page.tsx';
import { eventNumber } from './event-words.ts';
import { t } from '../../text/index.ts';
import { EventView } from './event-view.tsx';

/** One event under an address of its own. */
export function EventPage(): React.ReactNode {
  const { index = '' } = useParams({ strict: false });
  return (
    <Page
      title={t.evidence.event(eventNumber(index))}
      shape="text"
      lead={<Link to="/events">{t.evidence.events.title}</Link>}
    >
      <Panel>
        <EventView index={index} />
      </Panel>
    </Page>
  );
}
