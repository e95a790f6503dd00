import { count } from '../../kit/numbers.ts';
import { t } from '../../text/index.ts';
import { Outcome, StepList } from './step-list.tsx';
import type { ReceiptCheck, ReceiptStep } from './tlog/receipt.ts';

/** What a check of a receipt came to, step by step. */
export function ReceiptOutcome({ check }: { check: ReceiptCheck }): React.ReactNode {
  const words = t.ledger.receipt;
  const title = { good: words.good, bad: words.bad, undecided: words.undecided }[check.outcome];
  return (
    <Outcome outcome={check.outcome} title={title}>
      <StepList
        steps={check.steps.map((step) => ({ name: words.steps[step.step], ok: step.ok, note: noteOf(step) }))}
      />
    </Outcome>
  );
}

function noteOf({ note }: ReceiptStep): string {
  const words = t.ledger.receipt.notes;
  switch (note.kind) {
    case 'form':
      return words.form(count(note.index));
    case 'malformed':
      return t.ledger.verify.notes.malformed(note.why);
    case 'inclusion':
      return words.inclusion(count(note.size));
    case 'openings':
      return words.openings(note.open || t.common.none);
    case 'signatureGood':
    case 'signatureBad':
    case 'keyMissing':
      return t.ledger.verify.notes[note.kind];
    default:
      return words[note.kind];
  }
}
