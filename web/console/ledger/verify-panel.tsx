import { Button, Progress, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { LedgerStatus } from '../../../src/console/api.ts';
import { callBytes, callText } from '../../kit/api.ts';
import { type Ask, ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { formatMoment } from '../../kit/moment.tsx';
import { count } from '../../kit/numbers.ts';
import { Panel } from '../../kit/page.tsx';
import { useSession } from '../../kit/session.ts';
import { Failure } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { cryptoProblem } from './crypto-problem.ts';
import { forget, recall, remember } from './remembered.ts';
import { Outcome, StepList } from './step-list.tsx';
import { type LedgerVerdict, type Step, verifyLedger } from './tlog/verify.ts';

/** The button that really verifies: all cryptography happens in this browser. */
export function VerifyPanel({ ledger, startNow }: { ledger: LedgerStatus; startNow: boolean }): React.ReactNode {
  const words = t.ledger.verify;
  const { zone } = useSession();
  const [progress, setProgress] = useState<{ done: number; all: number } | null>(null);
  const [ask, setAsk] = useState<Ask | null>(null);
  const verify = useMutation({
    mutationFn: () => verifyNow(ledger, (done, all) => setProgress({ done, all })),
    onSettled: () => setProgress(null),
  });
  const forgetNow = (): void => {
    forget(ledger.origin);
    verify.reset();
  };
  const started = useRef(false);
  const { mutate } = verify;
  useEffect(() => {
    if (!startNow || started.current) return;
    started.current = true;
    mutate();
  }, [startNow, mutate]);

  return (
    <Panel title={words.title}>
      <Text c="dimmed" mb={12} maw={640}>
        {words.lead}
      </Text>
      <Button loading={verify.isPending} onClick={() => verify.mutate()}>
        {verify.data === undefined ? words.now : words.again}
      </Button>
      {progress !== null && (
        <>
          <Progress mt={14} value={(progress.done / progress.all) * 100} aria-label={words.running} />
          <Text size="xs" c="dimmed" mt={4}>
            {words.progress(count(progress.done), count(progress.all))}
          </Text>
        </>
      )}
      {verify.isError && <Failure error={verify.error} />}
      {verify.data !== undefined && (
        <Verdict
          verdict={verify.data}
          zone={zone}
          onForget={() => setAsk({ title: words.forget, text: words.forgetSure, act: words.forget, onSure: forgetNow })}
        />
      )}
      <ConfirmDialog ask={ask} onShut={() => setAsk(null)} />
    </Panel>
  );
}

type Answer = LedgerVerdict | { outcome: 'undecided'; why: string };

async function verifyNow(ledger: LedgerStatus, onProgress: (done: number, all: number) => void): Promise<Answer> {
  const problem = await cryptoProblem();
  if (problem !== null) return { outcome: 'undecided', why: problem };
  if (ledger.checkpoint === null) return { outcome: 'undecided', why: t.ledger.verify.notes.noCheckpoint };
  const verdict = await verifyLedger({
    checkpoint: await callText('/ledger/checkpoint'),
    vkeys: ledger.vkeys.map(({ vkey }) => vkey),
    remembered: recall(ledger.origin),
    fetchTile: (path) => callBytes('GET', `/ledger/${path}`),
    nowMs: Date.now(),
    random: Math.random,
    onProgress,
  });
  if (verdict.remember !== null) remember(ledger.origin, verdict.remember);
  return verdict;
}

function Verdict(props: { verdict: Answer; zone: string; onForget: () => void }): React.ReactNode {
  const { verdict, zone, onForget } = props;
  const words = t.ledger.verify;
  const { outcome } = verdict;
  const title = outcome === 'good' ? words.good : outcome === 'bad' ? words.bad : words.undecided;
  return (
    <Outcome outcome={outcome} title={title}>
      {'why' in verdict ? (
        <p>{verdict.why}</p>
      ) : (
        <StepList
          steps={verdict.steps.map((step) => ({ name: words.steps[step.step], ok: step.ok, note: noteOf(step, zone) }))}
        />
      )}
      {outcome === 'bad' && <p>{words.badAdvice}</p>}
      {outcome === 'good' && <p>{words.notes.mlDsa}</p>}
      {outcome !== 'good' && 'steps' in verdict && (
        <Button variant="default" onClick={onForget}>
          {words.forget}
        </Button>
      )}
    </Outcome>
  );
}

function noteOf({ note }: Step, zone: string): string {
  const words = t.ledger.verify.notes;
  switch (note.kind) {
    case 'checkpoint':
      return words.checkpoint(count(note.size));
    case 'malformed':
      return words.malformed(note.why);
    case 'tileBad':
    case 'tileMissing':
      return words[note.kind](note.path);
    case 'tilesAll':
      return words.tilesAll(count(note.count));
    case 'tilesSample':
      return words.tilesSample(count(note.checked), count(note.all));
    case 'consistent':
      return words.consistent(count(note.size), formatMoment(note.atMs, zone, 'stamp'));
    case 'inconsistent':
    case 'shrunk':
      return words[note.kind](count(note.size));
    default:
      return words[note.kind];
  }
}
