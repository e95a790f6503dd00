import { Button, FileButton, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { LedgerStatus } from '../../../src/console/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { formatMoment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { Panel } from '../../kit/page.tsx';
import { useSession } from '../../kit/session.ts';
import { Failure } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { checkHere } from './check-here.ts';
import classes from './ledger.module.css';
import { ReceiptOutcome } from './receipt-outcome.tsx';
import { OPENINGS_CHARS_MAX, type ReceiptCheck } from './tlog/receipt.ts';

/** A place to drop a receipt: it is read and checked in this browser. */
export function ReceiptPanel({ ledger }: { ledger: LedgerStatus }): React.ReactNode {
  const words = t.ledger.receipt;
  const [isOver, setOver] = useState(false);
  const check = useMutation({ mutationFn: (files: File[]) => checkFiles(files, ledger) });
  return (
    <Panel title={words.title}>
      <div
        className={classes.drop}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          check.mutate([...event.dataTransfer.files]);
        }}
      >
        <Text maw={460}>{words.lead}</Text>
        <FileButton multiple accept=".tlog-proof,.json" onChange={(files) => check.mutate(files)}>
          {(props) => (
            <Button {...props} variant="default" loading={check.isPending}>
              {words.pick}
            </Button>
          )}
        </FileButton>
      </div>
      {check.isError && <Failure error={check.error} />}
      {check.data !== undefined && <Checked check={check.data} />}
    </Panel>
  );
}

/** Of the files dropped, the one that is JSON opens the content; the other is the receipt. */
async function checkFiles(files: readonly File[], ledger: LedgerStatus): Promise<ReceiptCheck> {
  const openings = files.find(({ name }) => name.endsWith('.json'));
  const receipt = files.find((file) => file !== openings);
  return checkHere(ledger, {
    receipt: receipt === undefined ? '' : await textOf(receipt),
    openings: openings === undefined ? null : await textOf(openings),
  });
}

async function textOf(file: File): Promise<string> {
  return file.size > OPENINGS_CHARS_MAX ? '' : file.text();
}

function Checked({ check }: { check: ReceiptCheck }): React.ReactNode {
  const { zone } = useSession();
  const words = t.ledger.receipt;
  const { receipt, opened } = check;
  return (
    <>
      <ReceiptOutcome check={check} />
      {receipt !== null && check.outcome === 'good' && (
        <Text mt={12}>{words.facts(count(receipt.index), formatMoment(receipt.minuteMs, zone, 'stamp'))}</Text>
      )}
      {[...opened].map(([part, text]) => (
        <div key={part} className={classes.key}>
          <h3>
            {words.opened}: {part}
          </h3>
          <CodeBlock text={text} label={part} />
        </div>
      ))}
    </>
  );
}
