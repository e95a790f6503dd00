import { Button, Menu, MultiSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { Incident, IncidentSummary, Page, Verdict } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { LEVELS, LevelMark } from '../../kit/level.tsx';
import { count } from '../../kit/numbers.ts';
import { useSession } from '../../kit/session.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { t } from '../../text/index.ts';
import { SuppressDialog } from './suppress-dialog.tsx';
import { useIncidentAct, useIncidentChange } from './use-incident-change.ts';

type Dialog = 'close' | 'merge' | 'split' | 'suppress' | null;

export interface IncidentActionsProps {
  incident: Incident;
  /** Findings picked in the timeline. */
  picked: ReadonlySet<number>;
  onSplit: () => void;
}

/** Take it, contain it, close it; the rarer ones behind a menu. */
export function IncidentActions({ incident, picked, onSplit }: IncidentActionsProps): React.ReactNode {
  const { user } = useSession();
  const [dialog, setDialog] = useState<Dialog>(null);
  const act = useIncidentAct(incident);
  const { did } = t.incidents;
  const shut = (): void => setDialog(null);
  const isClosed = incident.state === 'closed';
  const isMine = incident.assignee === user.name;
  return (
    <>
      {!isClosed && (
        <Button
          variant="default"
          onClick={() => act({ assignee: isMine ? null : user.name }, isMine ? did.gaveBack : did.took)}
        >
          {isMine ? t.incidents.giveBack : t.incidents.take}
        </Button>
      )}
      {!isClosed && incident.state !== 'contained' && (
        <Button variant="default" onClick={() => act({ state: 'contained' }, did.contained)}>
          {t.incidents.contain}
        </Button>
      )}
      {isClosed ? (
        <Button onClick={() => act({ state: 'open', verdict: null }, did.reopened)}>{t.incidents.reopen}</Button>
      ) : (
        <Button onClick={() => setDialog('close')}>{t.incidents.closeIt}</Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px={8} aria-label={t.shell.menu}>
            <IconDots size={18} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setDialog('suppress')}>{t.incidents.suppress.open}</Menu.Item>
          <Menu.Item onClick={() => setDialog('merge')}>{t.incidents.merge}</Menu.Item>
          <Menu.Item onClick={() => setDialog('split')}>{t.incidents.split}</Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t.incidents.changeSeverity}</Menu.Label>
          {LEVELS.map((level) => (
            <Menu.Item
              key={level}
              disabled={level === incident.severity}
              onClick={() => act({ severity: level }, did.severity(t.common.levels[level]))}
            >
              <LevelMark level={level} />
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <CloseDialog
        opened={dialog === 'close'}
        onShut={shut}
        onClose={(verdict) => act({ state: 'closed', verdict }, did.closed(t.incidents.verdicts[verdict]))}
      />
      <MergeDialog opened={dialog === 'merge'} onShut={shut} incident={incident} />
      <SplitDialog
        opened={dialog === 'split'}
        incident={incident}
        picked={picked}
        onShut={() => {
          shut();
          onSplit();
        }}
      />
      <SuppressDialog opened={dialog === 'suppress'} onShut={shut} incident={incident} />
    </>
  );
}

function CloseDialog(props: {
  opened: boolean;
  onShut: () => void;
  onClose: (verdict: Exclude<Verdict, null>) => void;
}): React.ReactNode {
  const verdicts = Object.entries(t.incidents.verdicts) as [Exclude<Verdict, null>, string][];
  return (
    <Dialog opened={props.opened} onShut={props.onShut} title={t.incidents.closeTitle}>
      <Stack>
        <Text>{t.incidents.closeLead}</Text>
        {verdicts.map(([verdict, words]) => (
          <Button
            key={verdict}
            variant="default"
            onClick={() => {
              props.onClose(verdict);
              props.onShut();
            }}
          >
            {words}
          </Button>
        ))}
      </Stack>
    </Dialog>
  );
}

function MergeDialog(props: { opened: boolean; onShut: () => void; incident: Incident }): React.ReactNode {
  const { opened, onShut, incident } = props;
  const [ids, setIds] = useState<string[]>([]);
  const merge = useIncidentChange<{ ids: string[] }>(incident.id, 'POST', '/merge');
  const others = useQuery({
    queryKey: ['merge-candidates'],
    queryFn: ({ signal }) => get<Page<IncidentSummary>>('/incidents', { limit: 100 }, signal),
    enabled: opened,
  });
  const candidates = (others.data?.items ?? []).filter(({ id, state }) => id !== incident.id && state !== 'closed');
  return (
    <Dialog opened={opened} onShut={onShut} title={t.incidents.mergeTitle}>
      <Stack>
        <Text>{t.incidents.mergeLead}</Text>
        <MultiSelect
          label={t.incidents.mergePick}
          searchable
          data={candidates.map(({ id, number, title }) => ({ value: id, label: `${number} ${title}` }))}
          value={ids}
          onChange={setIds}
        />
        <Button
          disabled={ids.length === 0}
          loading={merge.isPending}
          onClick={() => merge.mutate({ ids }, { onSuccess: onShut })}
        >
          {t.incidents.mergeDo}
        </Button>
      </Stack>
    </Dialog>
  );
}

function SplitDialog(props: {
  opened: boolean;
  incident: Incident;
  picked: ReadonlySet<number>;
  onShut: () => void;
}): React.ReactNode {
  const { opened, incident, picked, onShut } = props;
  const split = useIncidentChange<{ findings: number[] }>(incident.id, 'POST', '/split');
  return (
    <Dialog opened={opened} onShut={onShut} title={t.incidents.splitTitle}>
      <Stack>
        <Text>{picked.size === 0 ? t.incidents.splitHint : t.incidents.splitLead(count(picked.size))}</Text>
        <Button
          disabled={picked.size === 0}
          loading={split.isPending}
          onClick={() => split.mutate({ findings: [...picked] }, { onSuccess: onShut })}
        >
          {t.incidents.split}
        </Button>
      </Stack>
    </Dialog>
  );
}
