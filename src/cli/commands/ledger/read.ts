import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type AuditReport,
  PARTS,
  type Part,
  TlogError,
  type VerifierKey,
  auditLedger,
  exportTree,
  openLedger,
  openingsPath,
  parseVkey,
} from '#ledger';
import { type CliIo, EXIT } from '../../io.ts';
import { bytes, count, plural } from '../../output/numbers.ts';
import { printable } from '../../output/style.ts';
import { ProgressLine } from '../../output/progress.ts';
import { UsageError, oneOf, wholeNumber } from '../../usage.ts';
import { type LedgerArgs, type LedgerSubcommand, print, readArgs } from './subcommand.ts';

/** The sub-commands that change nothing but what they publish. */
export const readCommands = { verify, prove, export: exportCommand, checkpoint, keys } satisfies Record<
  string,
  LedgerSubcommand
>;

/** Whoever rewrites a whole directory signs it with keys of their own, and it is good by them. */
const OWN_KEYS = "checked against this directory's own keys; give --key to check against one you were handed";

async function verify(argv: string[], io: CliIo): Promise<number> {
  const options = { 'tree-only': { type: 'boolean' }, key: { type: 'string', multiple: true } } as const;
  const args = readArgs(argv, io, { options });
  const trust = args.texts('key').map(keyOf);
  const started = performance.now();
  const report = await audited(args, trust, io);
  const seconds = (performance.now() - started) / 1000;
  const keys = trust.length === 0 ? OWN_KEYS : null;
  print(io, args, {
    json: { ...reportJson(report, seconds), trust: keys === null ? 'given' : 'own', trustNote: keys },
    words: reportWords(report, { seconds, trust: keys ?? 'checked against the keys that were given' }),
  });
  return report.good ? EXIT.ok : EXIT.failed;
}

async function audited(args: LedgerArgs, trust: VerifierKey[], io: CliIo): Promise<AuditReport> {
  using progress = new ProgressLine(io);
  return await auditLedger({
    dir: args.dir,
    ...args.key,
    bodies: !args.flag('tree-only'),
    ...(trust.length === 0 ? {} : { trust }),
    onProgress: (done, total) => progress.entries(done, total),
  });
}

function keyOf(vkey: string): VerifierKey {
  try {
    return parseVkey(vkey.trim());
  } catch (error) {
    throw error instanceof TlogError ? new UsageError(`--key: ${error.message}`) : error;
  }
}

function reportJson(report: AuditReport, seconds: number): object {
  const { good, origin, size, checkpointSize, firstBadIndex, findings, findingCount, notes } = report;
  const { bodiesChecked: checked, bodiesVerified: verified, bodiesErased: erased, bodiesExpired: expired } = report;
  const root = report.root.toString('base64');
  const bodies = { checked, verified, erased, expired };
  return { good, origin, size, root, checkpointSize, firstBadIndex, bodies, findings, findingCount, notes, seconds };
}

function reportWords(report: AuditReport, { seconds, trust }: { seconds: number; trust: string }): string {
  const lines = [
    `${printable(report.origin)}: ${plural(report.size, 'entry', 'entries')}, ${checkpointWords(report)}`,
    `root ${report.root.toString('base64')}`,
    trust,
    report.bodiesChecked
      ? `bodies: ${count(report.bodiesVerified)} verified, ${count(report.bodiesErased)} erased, ${count(report.bodiesExpired)} expired`
      : 'bodies: not checked',
    ...report.notes.map((note) => printable(`note: ${note}`)),
    ...report.findings.map(({ index, reason }) =>
      printable(`BAD ${index === null ? '' : `at index ${index}: `}${reason}`),
    ),
  ];
  const verdict = report.good ? 'GOOD' : `BAD: ${plural(report.findingCount, 'finding')}`;
  const first = report.firstBadIndex === null ? '' : `, the first at index ${report.firstBadIndex}`;
  return `${lines.join('\n')}\n${verdict}${first} (${seconds.toFixed(1)} s)`;
}

function checkpointWords({ checkpointSize, size }: AuditReport): string {
  if (checkpointSize === null) return 'no checkpoint';
  return checkpointSize === size ? 'all under the checkpoint' : `the checkpoint covers ${count(checkpointSize)}`;
}

async function prove(argv: string[], io: CliIo): Promise<number> {
  const options = { open: { type: 'string' }, out: { type: 'string' }, compact: { type: 'boolean' } } as const;
  const args = readArgs(argv, io, { options, words: 1 });
  const index = wholeNumber('INDEX', args.positionals[0]) ?? 0;
  const open = (args.text('open')?.split(',') ?? []).map(partOf);
  const out = args.text('out');
  if (open.length > 0 && out === undefined)
    throw new UsageError('--open needs --out FILE: the openings are a second file beside it');
  await using ledger = await openLedger({ dir: args.dir, ...args.key, mode: 'read' });
  const { proof, openings } = await ledger.prove(index, { open, compact: args.flag('compact') });
  if (out === undefined) {
    io.stdout(args.json ? `${JSON.stringify({ index, receipt: proof })}\n` : proof);
    return EXIT.ok;
  }
  const file = resolve(io.cwd, out);
  writeFileSync(file, proof);
  if (openings !== null) writeFileSync(openingsPath(file), openings, { mode: 0o600 });
  const files = openings === null ? [file] : [file, openingsPath(file)];
  print(io, args, { json: { index, files }, words: `written: ${files.join(', ')}` });
  return EXIT.ok;
}

function partOf(word: string): Part {
  return oneOf('--open', word, PARTS) ?? 'normal';
}

async function exportCommand(argv: string[], io: CliIo): Promise<number> {
  const args = readArgs(argv, io, { words: 1 });
  const target = resolve(io.cwd, args.positionals[0] ?? '');
  const result = exportTree({ dir: args.dir, target });
  print(io, args, {
    json: { target, ...result },
    words: `${plural(result.size, 'entry', 'entries')} in ${plural(result.files, 'file')} (${bytes(result.bytes)}) written to ${target}`,
  });
  return EXIT.ok;
}

async function checkpoint(argv: string[], io: CliIo): Promise<number> {
  const args = readArgs(argv, io, { options: { 'new-anchor': { type: 'boolean' } } });
  await using ledger = await openLedger({ dir: args.dir, ...args.key, newAnchor: args.flag('new-anchor') });
  const note = await ledger.publish();
  io.stdout(args.json ? `${JSON.stringify({ checkpoint: note })}\n` : note);
  return EXIT.ok;
}

function policyOf(vkeys: readonly string[]): string {
  return `${vkeys.map((vkey) => `log ${vkey}`).join('\n')}\nquorum none\n`;
}

async function keys(argv: string[], io: CliIo): Promise<number> {
  const args = readArgs(argv, io, {});
  await using ledger = await openLedger({ dir: args.dir, ...args.key, mode: 'read' });
  const { signing } = ledger.manifest;
  const current = signing.at(-1);
  const vkeys = signing.toReversed().flatMap(({ ed25519, mldsa }) => [ed25519, mldsa]);
  const policy = policyOf(vkeys);
  const classic = policyOf(signing.toReversed().map(({ ed25519 }) => ed25519));
  const words = [
    `${vkeys.join('\n')}\n`,
    `# policy: give this to those who verify receipts\n${policy}`,
    `# the same for tools that know no ML-DSA, such as torchwood\n${classic}`,
  ];
  print(io, args, {
    json: { origin: ledger.origin, generation: current?.generation, signing, policy, policy_ed25519: classic },
    words: words.join('\n').trimEnd(),
  });
  return EXIT.ok;
}
