import type { ReceiptVerdict } from '#ledger';
import { printable } from '../output/style.ts';
import { wrap } from '../output/wrap.ts';

type Facts = Extract<ReceiptVerdict, { outcome: 'good' }>['facts'];

const BOLD_GREEN = '\u001b[1;32m';
const BOLD_RED = '\u001b[1;31m';
const BOLD_YELLOW = '\u001b[1;33m';
const RESET = '\u001b[0m';

const HEADS: Record<ReceiptVerdict['outcome'], { word: string; color: string }> = {
  good: { word: 'GOOD', color: BOLD_GREEN },
  bad: { word: 'BAD', color: BOLD_RED },
  undecidable: { word: 'UNDECIDABLE', color: BOLD_YELLOW },
};

/** The verdict in words: the answer first, then each check, then what it does and does not prove. */
export function receiptText(verdict: ReceiptVerdict, { color, columns }: { color: boolean; columns: number }): string {
  const { word, color: paint } = HEADS[verdict.outcome];
  const head = color ? `${paint}${word}${RESET}` : word;
  const answer = verdict.outcome === 'good' ? describe(verdict.facts) : verdict.detail;
  const steps = verdict.steps.map(({ check, ok, detail }) => {
    const label = `  ${mark(ok)} ${check.padEnd(10)} `;
    return label + wrap(printable(detail), columns, ' '.repeat(label.length)).slice(label.length);
  });
  const lines = [`${head}: ${printable(answer)}`, ...steps];
  if (verdict.outcome === 'good') lines.push(...meaning(verdict.facts).map((line) => wrap(line, columns)));
  return `${lines.join('\n')}\n`;
}

/** The verdict as one JSON object on one line. Opened parts are named, their content is not repeated. */
export function receiptJson(verdict: ReceiptVerdict): string {
  const { outcome, steps } = verdict;
  const rest =
    verdict.outcome === 'good' ? factsJson(verdict.facts) : { reason: verdict.reason, detail: verdict.detail };
  return `${JSON.stringify({ outcome, ...rest, steps })}\n`;
}

function factsJson({ index, leaf, checkpoint, signatures, unknownSignatures, opened }: Facts): object {
  return {
    index,
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: checkpoint.root.toString('base64'),
    leaf: {
      class_uid: leaf.classUid,
      received: new Date(leaf.receivedMs).toISOString(),
      key_epoch: leaf.keyEpoch,
      commitment: leaf.commitment.toString('base64'),
    },
    signatures: signatures.map(({ key, timeSeconds }) => ({
      name: key.name,
      kind: key.kind,
      key_id: key.keyId,
      time: timeSeconds === null ? null : isoTime(timeSeconds),
    })),
    unknown_signatures: unknownSignatures,
    opened: [...opened.keys()],
  };
}

function describe({ index, leaf, checkpoint }: Facts): string {
  const minute = `${new Date(leaf.receivedMs).toISOString().slice(0, 16)}Z`;
  return `entry ${index} of the log ${checkpoint.origin} is an event of class ${leaf.classUid}, received at ${minute}`;
}

function meaning({ signatures, unknownSignatures, opened }: Facts): string[] {
  const times = signatures.flatMap(({ timeSeconds }) => (timeSeconds === null ? [] : [timeSeconds]));
  const when = times.length === 0 ? '' : ` by ${isoTime(Math.min(...times))}`;
  const content =
    opened.size > 0
      ? `The content of ${[...opened.keys()].join(', ')} in the openings file is what was logged.`
      : 'Nothing was opened: what the event says was not compared (see --event).';
  const lines = [
    `Proven: this entry was in the log${when} and cannot be changed or taken out without being noticed.`,
    content,
    'Not proven: that what the event says is true, or that everything that happened was logged.',
  ];
  if (unknownSignatures > 0) lines.push(`Passed over: ${unknownSignatures} signatures of keys that you did not name.`);
  return lines;
}

function mark(ok: boolean | null): string {
  if (ok === null) return '?   ';
  return ok ? 'ok  ' : 'FAIL';
}

/** A time of a cosignature; one that no date can show stays a number of seconds. */
function isoTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString();
}
