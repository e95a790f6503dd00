import { resolve } from 'node:path';
import { type Erasure, correlationsOf, eraseEntries } from '#detect/sigma';
import { silentLog, systemClock, systemRandom } from '#kernel';
import { type Hold, createLedger, openLedger, parseDay } from '#ledger';
import { openIncidents } from '#respond/incidents';
import { outboxOf } from '#respond/notifications';
import { openDataDir } from '../../data-dir.ts';
import { type CliIo, EXIT } from '../../io.ts';
import { plural } from '../../output/numbers.ts';
import { printable } from '../../output/style.ts';
import { UsageError, wholeNumber } from '../../usage.ts';
import { type LedgerSubcommand, print, readArgs } from './subcommand.ts';

/** The sub-commands that make or change a ledger. */
export const changeCommands = { init, rotate, close, erase, hold, retention } satisfies Record<
  string,
  LedgerSubcommand
>;

async function init(argv: string[], io: CliIo): Promise<number> {
  const options = { origin: { type: 'string' }, anchor: { type: 'string' } } as const;
  const args = readArgs(argv, io, { options });
  const origin = args.text('origin');
  const anchor = args.text('anchor');
  await createLedger({
    dir: args.dir,
    ...args.key,
    ...(origin === undefined ? {} : { origin }),
    ...(anchor === undefined ? {} : { anchor: resolve(io.cwd, anchor) }),
  });
  await using ledger = await openLedger({ dir: args.dir, ...args.key, mode: 'read' });
  const { keyFile } = ledger.manifest;
  print(io, args, {
    json: { origin: ledger.origin, dir: args.dir, keyFile },
    words: `A ledger named ${ledger.origin} was made in ${args.dir}.
Its master key lies in ${keyFile}. Keep a copy elsewhere: without it nothing in the ledger can be read.`,
  });
  return EXIT.ok;
}

async function rotate(argv: string[], io: CliIo): Promise<number> {
  const args = readArgs(argv, io, {});
  await using ledger = await openLedger({ dir: args.dir, ...args.key });
  const { vkeys } = await ledger.upkeep.rotate();
  print(io, args, {
    json: { vkeys },
    words: `New signing keys; publish them to those who verify:\n${vkeys.join('\n')}`,
  });
  return EXIT.ok;
}

async function close(argv: string[], io: CliIo): Promise<number> {
  const options = {
    successor: { type: 'string' },
    origin: { type: 'string' },
    'successor-key-file': { type: 'string' },
  } as const;
  const args = readArgs(argv, io, { options });
  const successor = args.text('successor');
  const origin = args.text('origin');
  if (successor === undefined && origin !== undefined)
    throw new UsageError('--origin names the successor: give --successor DIR too');
  await using ledger = await openLedger({ dir: args.dir, ...args.key });
  const checkpoint = await ledger.upkeep.close(origin ?? null);
  let next: string | null = null;
  if (successor !== undefined) {
    const dir = resolve(io.cwd, successor);
    const keyFile = args.text('successor-key-file');
    const key = keyFile === undefined ? {} : { keyFile: resolve(io.cwd, keyFile) };
    const predecessor = { origin: ledger.origin, checkpoint };
    await createLedger({ dir, ...key, predecessor, ...(origin === undefined ? {} : { origin }) });
    await using opened = await openLedger({ dir, ...key });
    next = opened.origin;
  }
  print(io, args, {
    json: { closed: ledger.origin, size: ledger.size, successor: next },
    words: `The log ${ledger.origin} has ended at ${ledger.size} entries.${next === null ? '' : ` ${next} goes on.`}`,
  });
  return EXIT.ok;
}

async function erase(argv: string[], io: CliIo): Promise<number> {
  const options = { index: { type: 'string', multiple: true }, reason: { type: 'string' } } as const;
  const args = readArgs(argv, io, { options });
  const indexes = args
    .texts('index')
    .flatMap((text) => text.split(','))
    .map((text) => wholeNumber('--index', text) ?? 0);
  const reason = args.text('reason');
  if (indexes.length === 0 || reason === undefined)
    throw new UsageError('erase takes --index N[,N...] and --reason TEXT');
  await using data = await openDataDir(args.dir, io, args.key);
  const { ledger, state } = data;
  const world = { clock: systemClock, random: systemRandom, log: silentLog, zone: () => 'UTC' };
  const incidents = openIncidents({ state, ...world });
  // In this order: messages take over what incidents are called once those have forgotten.
  const derived = [correlationsOf(state), incidents, outboxOf(state, (id) => incidents.named(id))];
  const result = await eraseEntries({ ledger, state, indexes, reason, derived });
  const { eventIndex, erased, findings, isScrubbed } = result;
  print(io, args, {
    json: { erased, indexes, findings, eventIndex, stateScrubbed: isScrubbed },
    words: erasureWords(result),
  });
  return EXIT.ok;
}

function erasureWords({ erased, findings, eventIndex, isScrubbed }: Erasure): string {
  const quoted = findings.length === 0 ? '' : `, ${plural(findings.length, 'finding')} that quoted them among these`;
  return [
    `${plural(erased, 'body', 'bodies')} erased${quoted}; recorded as entry ${eventIndex}.`,
    ...(isScrubbed ? [] : ['Another program reads state.sqlite: old pages stay beside it until that one ends.']),
    'Copies in backups and exports are out of reach.',
  ].join('\n');
}

async function hold(argv: string[], io: CliIo): Promise<number> {
  const text = { type: 'string' } as const;
  const args = readArgs(argv, io, { options: { place: text, release: text, from: text, to: text } });
  const [place, release] = [args.text('place'), args.text('release')];
  if (place !== undefined && release !== undefined) throw new UsageError('place or release a hold, not both at once');
  const mode = place === undefined && release === undefined ? 'read' : 'write';
  await using ledger = await openLedger({ dir: args.dir, ...args.key, mode });
  const [fromDay, toDay] = [dayOption('--from', args.text('from')), dayOption('--to', args.text('to'))];
  if (place !== undefined) await ledger.upkeep.placeHold({ name: place, fromDay, toDay });
  if (release !== undefined) await ledger.upkeep.releaseHold(release);
  const { holds } = ledger.manifest;
  print(io, args, {
    json: { holds },
    words: holds.length === 0 ? 'No legal hold stands.' : holds.map(holdWords).join('\n'),
  });
  return EXIT.ok;
}

function holdWords({ name, fromDay, toDay }: Hold): string {
  return `hold "${printable(name)}": received ${fromDay ?? 'from the beginning'} to ${toDay ?? 'the end'}`;
}

function dayOption(option: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  if (parseDay(value) === null) throw new UsageError(`${option} takes a day like 2026-11-24, not "${value}"`);
  return value;
}

async function retention(argv: string[], io: CliIo): Promise<number> {
  const text = { type: 'string' } as const;
  const args = readArgs(argv, io, {
    options: { record: text, telemetry: text, apply: { type: 'boolean' }, 'clock-is-right': { type: 'boolean' } },
  });
  const record = wholeNumber('--record', args.text('record'), 1);
  const telemetry = wholeNumber('--telemetry', args.text('telemetry'), 1);
  const changes = record !== undefined || telemetry !== undefined;
  await using ledger = await openLedger({
    dir: args.dir,
    ...args.key,
    mode: changes || args.flag('apply') ? 'write' : 'read',
  });
  if (changes) {
    const days = { ...(record === undefined ? {} : { record }), ...(telemetry === undefined ? {} : { telemetry }) };
    await ledger.upkeep.setRetention(days);
  }
  const applied = args.flag('apply') ? await ledger.upkeep.expire({ clockIsRight: args.flag('clock-is-right') }) : null;
  const { retentionDays } = ledger.manifest;
  const words = [`records: ${retentionDays.record} days, telemetry: ${retentionDays.telemetry} days`];
  if (applied !== null)
    words.push(`expired: ${applied.expired.join(', ') || 'nothing'}; held: ${applied.held.join(', ') || 'nothing'}`);
  print(io, args, { json: { retentionDays, ...applied }, words: words.join('\n') });
  return EXIT.ok;
}
