import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { LedgerStatus } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { useFilters } from '../../kit/filters.ts';
import { Moment } from '../../kit/moment.tsx';
import { bytes, count } from '../../kit/numbers.ts';
import { Facts, Page, Panel } from '../../kit/page.tsx';
import { Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { HoldsPanel } from './holds-panel.tsx';
import classes from './ledger.module.css';
import { ReceiptPanel } from './receipt-panel.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { VerifyPanel } from './verify-panel.tsx';

/** The proof that nothing was changed: verified here, and with what others need to verify it elsewhere. */
export function LedgerPage(): React.ReactNode {
  const [{ verify }] = useFilters<'verify'>();
  const ledger = useQuery({
    queryKey: ['ledger'],
    queryFn: ({ signal }) => get<LedgerStatus>('/ledger', undefined, signal),
  });
  return (
    <Page title={t.ledger.title} lead={t.ledger.lead}>
      <Loaded query={ledger}>
        {(data) => (
          <div className={classes.grid}>
            <div className={classes.column}>
              <VerifyPanel ledger={data} startNow={verify === 'now'} />
              <ReceiptPanel ledger={data} />
              <Keys ledger={data} />
            </div>
            <div className={classes.column}>
              <Panel title={t.ledger.facts.title}>
                <Facts facts={factsOf(data)} />
              </Panel>
              <RetentionPanel retention={data.retention} />
              <HoldsPanel holds={data.holds} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Keys({ ledger }: { ledger: LedgerStatus }): React.ReactNode {
  return (
    <Panel title={t.ledger.keys}>
      <Text c="dimmed" mb={12}>
        {t.ledger.keysLead}
      </Text>
      {ledger.vkeys.map(({ algorithm, vkey }) => (
        <div key={vkey} className={classes.key}>
          <h3>{algorithm}</h3>
          <CodeBlock text={vkey} label={algorithm} />
        </div>
      ))}
      {ledger.policy !== '' && (
        <div className={classes.key}>
          <h3>{t.ledger.policy}</h3>
          <CodeBlock text={ledger.policy} label={t.ledger.policy} />
        </div>
      )}
      {ledger.checkpoint !== null && (
        <div className={classes.key}>
          <h3>{t.ledger.checkpointText}</h3>
          <CodeBlock text={ledger.checkpoint} label={t.ledger.checkpointText} />
        </div>
      )}
    </Panel>
  );
}

function factsOf(ledger: LedgerStatus): [string, React.ReactNode][] {
  const { facts } = t.ledger;
  const { origin, size, checkpointMs, erased } = ledger;
  return [
    [facts.origin, origin],
    [facts.size, count(size)],
    [facts.bytes, bytes(ledger.bytes)],
    [
      facts.checkpoint,
      checkpointMs === null ? t.common.never : <Moment key="checkpoint" ms={checkpointMs} form="ago" />,
    ],
    [facts.erased, count(erased)],
  ];
}
