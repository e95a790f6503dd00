import { Text } from '@mantine/core';
import type { Incident } from '../../../src/console/api.ts';
import { Panel } from '../../kit/page.tsx';
import { t } from '../../text/index.ts';
import classes from './incident.module.css';

/** The account in words, how sure it is, and what to do. */
export function Story({ incident }: { incident: Incident }): React.ReactNode {
  const { story, actions, confidence } = incident;
  return (
    <>
      <Panel title={t.incidents.story}>
        <div className={classes.story}>
          {story.length === 0 && <Text c="dimmed">{t.incidents.noStory}</Text>}
          {story.map((paragraph, index) => (
            <p key={index}>{paragraph}</p>
          ))}
          <p className={classes.sure}>
            <strong>{t.incidents.confidences[confidence.level]}.</strong> {confidence.why}
          </p>
        </div>
      </Panel>
      {actions.length > 0 && (
        <Panel title={t.incidents.actions}>
          <ol className={classes.actions}>
            {actions.map(({ text, why }, index) => (
              <li key={index}>
                <span>{text}</span>
                <small>{why}</small>
              </li>
            ))}
          </ol>
        </Panel>
      )}
    </>
  );
}
