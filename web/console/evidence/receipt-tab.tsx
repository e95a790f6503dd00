import { Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconDownload, IconShieldCheck } from '@tabler/icons-react';
import type { LedgerStatus } from '../../../src/console/api.ts';
import { addressOf, call, callText, get } from '../../kit/api.ts';
import { Failure } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { checkHere } from '../ledger/check-here.ts';
import { cryptoProblem } from '../ledger/crypto-problem.ts';
import { ReceiptOutcome } from '../ledger/receipt-outcome.tsx';
import { Outcome } from '../ledger/step-list.tsx';
import type { ReceiptCheck } from '../ledger/tlog/receipt.ts';

/** The event's receipt: to take along, or to check in this browser on the spot. */
export function ReceiptTab({ index }: { index: number }): React.ReactNode {
  const check = useMutation({ mutationFn: () => checkNow(index) });
  return (
    <>
      <Text mb={10}>{t.evidence.downloadLead}</Text>
      <Text c="dimmed" mb={14}>
        {t.evidence.verifyLead}
      </Text>
      <Group gap={8}>
        <Button
          component="a"
          variant="default"
          href={addressOf(`/events/${index}/receipt`)}
          download={`event-${index}.tlog-proof`}
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t.evidence.download}
        </Button>
        <Button
          leftSection={<IconShieldCheck size={16} aria-hidden />}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t.evidence.verify}
        </Button>
      </Group>
      {check.isError && <Failure error={check.error} />}
      {check.data !== undefined &&
        ('why' in check.data ? (
          <Outcome outcome="undecided" title={t.ledger.receipt.undecided}>
            <p>{check.data.why}</p>
          </Outcome>
        ) : (
          <ReceiptOutcome check={check.data} />
        ))}
    </>
  );
}

/** The receipt with its content opened where this account may see it, else the receipt alone. */
async function checkNow(index: number): Promise<ReceiptCheck | { why: string }> {
  const problem = await cryptoProblem();
  if (problem !== null) return { why: problem };
  const ledger = await get<LedgerStatus>('/ledger');
  const files = await openedReceipt(index);
  return checkHere(ledger, files);
}

async function openedReceipt(index: number): Promise<{ receipt: string; openings: string | null }> {
  const path = `/events/${index}/receipt`;
  try {
    const opened = await call<{ receipt: string; openings: unknown }>('GET', path, { params: { open: 'normal,raw' } });
    const { receipt, openings } = opened;
    return { receipt, openings: typeof openings === 'string' ? openings : JSON.stringify(openings) };
  } catch {
    return { receipt: await callText(path), openings: null };
  }
}
