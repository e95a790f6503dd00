import { Checkbox, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { IconFileCertificate } from '@tabler/icons-react';
import { useState } from 'react';
import type { TimelineItem } from '../../../src/console/api.ts';
import { LevelMark } from '../../kit/level.tsx';
import { Moment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { t } from '../../text/index.ts';
import { tacticName } from './chain.tsx';
import classes from './timeline.module.css';

/** Entries drawn at first; a button draws the next ones. */
const SHOWN_AT_ONCE = 100;
/** Buttons to events of one entry. */
const EVENTS_SHOWN = 5;

export interface TimelineProps {
  items: readonly TimelineItem[];
  /** Findings picked for a split. */
  picked?: ReadonlySet<number>;
  onPick?: (picked: ReadonlySet<number>) => void;
  onEvidence: (index: number) => void;
}

export function Timeline({ items, picked, onPick, onEvidence }: TimelineProps): React.ReactNode {
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const toggle = (finding: number): void => {
    const next = new Set(picked);
    if (!next.delete(finding)) next.add(finding);
    onPick?.(next);
  };
  return (
    <>
      <ol className={classes.timeline}>
        {items.slice(0, shown).map((item) => (
          <li key={item.finding} data-level={item.level}>
            <div className={classes.when}>
              <Moment ms={item.atMs} />
              <LevelMark level={item.level} />
              {onPick !== undefined && (
                <Tooltip label={t.incidents.splitPick}>
                  <Checkbox
                    size="xs"
                    className={classes.pick}
                    aria-label={`${t.incidents.splitPick}: ${item.text}`}
                    checked={picked?.has(item.finding) ?? false}
                    onChange={() => toggle(item.finding)}
                  />
                </Tooltip>
              )}
            </div>
            <p className={classes.text}>{item.text}</p>
            <div className={classes.meta}>
              <Link to="/rules/$id" params={{ id: item.rule.id }}>
                {item.rule.title}
              </Link>
              {item.tactic !== null && <span>{tacticName(item.tactic)}</span>}
              {item.techniques.length > 0 && <span>{item.techniques.join(', ')}</span>}
            </div>
            <Evidence item={item} onEvidence={onEvidence} />
          </li>
        ))}
      </ol>
      {items.length > shown && (
        <button type="button" className={classes.more} onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
          {t.incidents.findings(count(items.length - shown))} …
        </button>
      )}
    </>
  );
}

function Evidence({ item, onEvidence }: { item: TimelineItem; onEvidence: (index: number) => void }): React.ReactNode {
  const more = item.eventsTotal - Math.min(EVENTS_SHOWN, item.events.length);
  return (
    <div className={classes.evidence}>
      <IconFileCertificate size={15} stroke={1.7} aria-hidden />
      {item.events.slice(0, EVENTS_SHOWN).map((index) => (
        <button key={index} type="button" onClick={() => onEvidence(index)}>
          {t.incidents.evidenceTitle(count(index))}
        </button>
      ))}
      {more > 0 && <span>+ {t.incidents.timelineEvents(count(more))}</span>}
    </div>
  );
}
