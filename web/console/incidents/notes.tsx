import { Button, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Incident } from '../../../src/console/api.ts';
import { Moment } from '../../kit/moment.tsx';
import { Panel } from '../../kit/page.tsx';
import { t } from '../../text/index.ts';
import classes from './incident.module.css';
import { useIncidentChange } from './use-incident-change.ts';

/** Longest note, characters; the server has the same limit. */
const NOTE_CHARS_MAX = 4_000;

export function Notes({ incident, canWrite }: { incident: Incident; canWrite: boolean }): React.ReactNode {
  const [text, setText] = useState('');
  const add = useIncidentChange<{ text: string }>(incident.id, 'POST', '/notes');
  return (
    <>
      <Panel title={t.incidents.notes}>
        <ul className={classes.notes}>
          {incident.notes.map((note) => (
            <li key={note.id}>
              <Text size="xs" c="dimmed">
                {note.author} · <Moment ms={note.atMs} />
              </Text>
              <p>{note.text}</p>
            </li>
          ))}
        </ul>
        {canWrite && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              add.mutate({ text }, { onSuccess: () => setText('') });
            }}
          >
            <Textarea
              aria-label={t.incidents.addNote}
              placeholder={t.incidents.noteHint}
              autosize
              minRows={2}
              maxRows={10}
              maxLength={NOTE_CHARS_MAX}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" mt={8} disabled={text.trim() === ''} loading={add.isPending}>
              {t.incidents.addNote}
            </Button>
          </form>
        )}
      </Panel>
      {incident.history.length > 0 && (
        <Panel title={t.incidents.history}>
          <ul className={classes.history}>
            {incident.history.map(({ atMs, author, text: what }, index) => (
              <li key={index}>
                <Moment ms={atMs} /> <strong>{author}</strong> {what}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
