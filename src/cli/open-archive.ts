import { type Archive, READ_ONLY_ROWS_MAX, openArchive } from '#archive';
import { type Ledger, LedgerError, openLedger } from '#ledger';
import type { CliIo } from './io.ts';
import { plural } from './output/numbers.ts';
import { ProgressLine } from './output/progress.ts';

export interface OpenedArchive extends AsyncDisposable {
  ledger: Ledger;
  archive: Archive;
}

/**
 * Opens ledger and archive. Where no other process writes the ledger, the archive is brought up to date first; beside a
 * running server nothing is changed: its files are read, and the newest entries behind them.
 * @throws {LedgerError} as `openLedger`; {ArchiveError} as `openArchive`
 */
export async function openArchiveOf(dir: string, io: CliIo, keyFile: string | undefined): Promise<OpenedArchive> {
  const key = keyFile === undefined ? {} : { keyFile };
  const ledger = await ledgerOf(dir, key);
  try {
    const archive = await openArchive({
      dir,
      mode: ledger.mode,
      origin: ledger.opened.origin,
      readFrom: (from, to) => ledger.opened.read({ from, to }),
      ledgerSize: () => ledger.opened.size,
    });
    await caughtUp(archive, ledger.opened, io);
    if (ledger.mode === 'write') await archive.seal({ all: true });
    return {
      ledger: ledger.opened,
      archive,
      async [Symbol.asyncDispose]() {
        await archive[Symbol.asyncDispose]();
        await ledger.opened[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await ledger.opened[Symbol.asyncDispose]();
    throw error;
  }
}

async function ledgerOf(dir: string, key: { keyFile?: string }): Promise<{ opened: Ledger; mode: 'read' | 'write' }> {
  try {
    return { opened: await openLedger({ dir, ...key }), mode: 'write' };
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'locked') throw error;
    return { opened: await openLedger({ dir, mode: 'read', ...key }), mode: 'read' };
  }
}

const PROGRESS_MS = 200;

/** Waits until the archive has what the ledger has, and says how far it is. */
export async function caughtUp(archive: Archive, ledger: Ledger, io: CliIo): Promise<void> {
  const before = archive.status();
  const missed = before.seenTo - before.sealedTo;
  if (missed > 0)
    io.stderr(
      `${plural(missed, 'entry is', 'entries are')} not in the archive yet and left out: of what is new, the last ${READ_ONLY_ROWS_MAX} are looked at.\n`,
    );
  using progress = new ProgressLine(io);
  const timer = setInterval(() => {
    const { seenTo } = archive.status();
    progress.entries(seenTo - before.seenTo, ledger.size - before.seenTo);
  }, PROGRESS_MS);
  try {
    await archive.settled();
  } finally {
    clearInterval(timer);
  }
}
