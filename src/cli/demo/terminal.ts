import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LedgerFinding, detect, loadRules, shippedRulesDir } from '#detect/sigma';
import { type OcsfEvent, PatientCounter, ingest } from '#ingest';
import { systemClock } from '#kernel';
import { type Ledger, auditLedger, createLedger, openingsPath } from '#ledger';
import { riversideNight } from '#sample';
import { receiptCommand } from '../commands/receipt.ts';
import { openDataDir } from '../data-dir.ts';
import { actorsOf } from './actors.ts';
import { type Chapter, tell } from './story.ts';
import { type CliIo, EXIT } from '../io.ts';
import { count, plural, time } from '../output/numbers.ts';
import { LEVELS, paint, paintLevel, printable } from '../output/style.ts';
import { wrap } from '../output/wrap.ts';

const HOUR = 3_600_000;

/** One night of the hospital from its logs to a receipt, on the terminal alone; all of it lies in `base`. */
export async function terminalDemo(base: string, io: CliIo): Promise<number> {
  const dir = join(base, 'data');
  const keyFile = join(base, 'master.key');
  const logs = writeNight(base);
  await createLedger({ dir, origin: 'demo.wardkeep.invalid/riverside', keyFile });
  const findings: LedgerFinding[] = [];
  let receipt: string;
  let policy: string;
  let chapters: Chapter[];
  {
    await using data = await openDataDir(dir, io, { keyFile });
    await takeIn(data, logs, io);
    const ruleSet = await loadRules([shippedRulesDir()], {});
    const onFinding = (finding: LedgerFinding): void => void findings.push(finding);
    const { ledger, state } = data;
    await detect({ ledger, state, ruleSet, clock: systemClock, onFinding });
    await ledger.publish();
    chapters = await account(ledger, findings);
    io.stdout(storyText(chapters, findings, ruleSet.rules.length + ruleSet.correlations.length, io));
    receipt = await giveReceipt(ledger, chapters, base);
    policy = policyText(ledger);
  }
  writeFileSync(join(base, 'policy.txt'), policy);
  const good = await verifyAll(dir, keyFile, base, receipt, io);
  io.stdout(nextSteps({ base, dir, logs, receipt }, io));
  return good ? EXIT.ok : EXIT.failed;
}

/** The logs of last night: from 20 o'clock UTC, so that the story has a fixed shape whatever the hour of the demo. */
function writeNight(base: string): string {
  const folder = join(base, 'logs');
  mkdirSync(folder, { recursive: true });
  const midnight = Math.floor(systemClock.nowMs() / (24 * HOUR)) * 24 * HOUR;
  for (const [name, text] of riversideNight(midnight - 28 * HOUR)) writeFileSync(join(folder, name), text);
  return folder;
}

async function takeIn(data: Awaited<ReturnType<typeof openDataDir>>, logs: string, io: CliIo): Promise<void> {
  await using patients = await PatientCounter.open(data.state, data.ledger);
  const summary = await ingest({ ledger: data.ledger, patients, clock: systemClock, paths: [logs] });
  const kinds = Object.entries(summary.bySource).map(([name, number]) => `${name} ${count(number)}`);
  io.stdout(`${paint(io, 'Riverside Community, a made-up hospital, last night', 'bold')}

Taken in    ${plural(summary.events, 'event')} (${kinds.join(', ')}), ${summary.rejected === 0 ? 'none' : count(summary.rejected)} rejected
Ledger      ${data.ledger.origin}, ${plural(data.ledger.size, 'entry', 'entries')}
`);
}

async function account(ledger: Ledger, findings: readonly LedgerFinding[]): Promise<Chapter[]> {
  const events = new Map<number, OcsfEvent>();
  const wanted = new Set(findings.flatMap(({ indexes }) => indexes.slice(-1)));
  for (const index of wanted) {
    const entry = await ledger.entry(index);
    if (entry?.state === 'present')
      events.set(index, JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent);
  }
  return tell(findings, (index) => {
    const event = events.get(index);
    return event === undefined ? [] : actorsOf(event);
  });
}

function storyText(chapters: readonly Chapter[], findings: readonly LedgerFinding[], rules: number, io: CliIo): string {
  const width = Math.min(io.columns, 100);
  const worst = LEVELS.find((level) => chapters.some((chapter) => chapter.level === level)) ?? 'low';
  const head = `Detection   ${plural(rules, 'rule')}, ${plural(findings.length, 'finding')}, which tell one story (worst: ${paintLevel(io, worst)})\n`;
  const parts = chapters.map((chapter) => {
    const level = LEVELS.find((one) => one === chapter.level) ?? 'low';
    const times =
      chapter.findings === 1 ? '' : ` (${count(chapter.findings)} times until ${time(chapter.lastMs).slice(11, 16)})`;
    const who = chapter.actors.length === 0 ? '' : `: ${printable(chapter.actors.join(' '))}`;
    const line = `${time(chapter.firstMs).slice(11, 16)}  ${paintLevel(io, level, level.padEnd(8))}  ${paint(io, chapter.title, 'bold')}${who}${times}`;
    return `${line}\n${wrap(chapter.meaning, width, ' '.repeat(17))}`;
  });
  return `${head}\n${parts.join('\n\n')}\n\n`;
}

/** What somebody who checks receipts of this log has to trust. */
function policyText({ manifest }: Ledger): string {
  const keys = manifest.signing.flatMap(({ ed25519, mldsa }) => [ed25519, mldsa]);
  return `${keys.map((vkey) => `log ${vkey}`).join('\n')}\nquorum none\n`;
}

/** Proof of the worst chapter's evidence, with the event's own parts opened. */
async function giveReceipt(ledger: Ledger, chapters: readonly Chapter[], base: string): Promise<string> {
  const worst = chapters.toSorted(
    (a, b) => LEVELS.findIndex((l) => l === a.level) - LEVELS.findIndex((l) => l === b.level),
  )[0];
  const { proof, openings } = await ledger.prove(worst?.evidence ?? 0, { open: ['normal', 'raw'] });
  const path = join(base, 'evidence.tlog-proof');
  writeFileSync(path, proof);
  if (openings !== null) writeFileSync(openingsPath(path), openings);
  return path;
}

async function verifyAll(dir: string, keyFile: string, base: string, receipt: string, io: CliIo): Promise<boolean> {
  const report = await auditLedger({ dir, keyFile });
  const verdict = report.good ? paint(io, 'good', 'green') : paint(io, 'BAD', 'red');
  io.stdout(
    `Verified    every entry of the ledger recomputed, ${plural(report.size, 'entry', 'entries')}: ${verdict}\n`,
  );
  io.stdout(`Receipt     of the worst event, checked as a stranger would:\n\n`);
  const code = await receiptCommand(
    ['verify', receipt, '--policy', join(base, 'policy.txt'), '--openings', openingsPath(receipt)],
    io,
  );
  return report.good && code === EXIT.ok;
}

function nextSteps(
  { base, dir, logs, receipt }: { base: string; dir: string; logs: string; receipt: string },
  io: CliIo,
): string {
  const key = `--key-file ${join(base, 'master.key')}`;
  return `
${paint(io, 'Try next', 'bold')}
  wardkeep scan ${logs}
      the same logs without a ledger; then name a folder of your own
  wardkeep events --data ${dir} ${key} --user 'Paul Gruber'
      who did what
  wardkeep ledger verify --data ${dir} ${key}
      then change one byte of a file in ${join(dir, 'ledger')} and verify again
  wardkeep receipt verify ${receipt} --policy ${join(base, 'policy.txt')}
      needs no data directory and no network

All of it lies in ${base}; delete that folder when you are done.
`;
}
