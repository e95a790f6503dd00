import { Button, Group, Select, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RulePreview } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { Moment } from '../../kit/moment.tsx';
import { notifyFailure } from '../../kit/notify.tsx';
import { count } from '../../kit/numbers.ts';
import { Panel } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import classes from './rule.module.css';

const DAYS = ['1', '7', '30'] as const;
const PREVIEW_MS_MAX = 120_000;

/** What a rule would have found in stored events, before anybody switches it on. */
export function RulePreviewPanel({ id }: { id: string }): React.ReactNode {
  const words = t.detection.rules;
  const [days, setDays] = useState<string>('7');
  const mayRespond = useRight('respond');
  const preview = useMutation({
    mutationFn: () =>
      call<RulePreview>('POST', `/rules/${encodeURIComponent(id)}/preview`, {
        body: { days: Number(days) },
        timeoutMs: PREVIEW_MS_MAX,
      }),
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Panel title={words.preview}>
      <Text c="dimmed" mb={10}>
        {words.previewLead}
      </Text>
      <Group align="flex-end" gap={8}>
        <Select
          label={words.previewDays}
          allowDeselect={false}
          w={110}
          data={[...DAYS]}
          value={days}
          onChange={(value) => setDays(value ?? '7')}
        />
        <Button variant="default" disabled={!mayRespond} loading={preview.isPending} onClick={() => preview.mutate()}>
          {words.previewDo}
        </Button>
      </Group>
      {preview.data !== undefined && <Outcome preview={preview.data} />}
    </Panel>
  );
}

function Outcome({ preview }: { preview: RulePreview }): React.ReactNode {
  const words = t.detection.rules;
  const most = Math.max(1, ...preview.perDay.map(({ findings }) => findings));
  return (
    <div role="status">
      <Text fw={600} mt={14}>
        {words.previewResult(count(preview.findings), count(preview.events))}
      </Text>
      {preview.isPartial && <Text c="dimmed">{words.previewPartial}</Text>}
      <ul className={classes.days}>
        {preview.perDay.map(({ day, findings }) => {
          const said = words.previewDay(day, count(findings));
          return <li key={day} title={said} aria-label={said} style={{ height: `${(findings / most) * 100}%` }} />;
        })}
      </ul>
      <ul className={classes.examples}>
        {preview.examples.map(({ index, atMs, text }) => (
          <li key={index}>
            <Moment ms={atMs} />{' '}
            <Link to="/events/$index" params={{ index: String(index) }}>
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
