import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConsoleDeps } from './deps.ts';

/** Figures that cost a walk over files are kept for this long. */
const FIGURES_MS = 5 * 60_000;
/** Erasures that are summed up; a hospital has a few in a year. */
const ERASURES_MAX = 1_000;
const ENTITY_MANAGEMENT = 3004;

interface Figures {
  bytes: number;
  erased: number;
}

const kept = new WeakMap<object, { atMs: number; figures: Promise<Figures> }>();

/** Bytes on disk, and bodies that were erased one by one; a few minutes old at most. */
export function ledgerFigures(
  deps: Pick<ConsoleDeps, 'ledger' | 'archive' | 'clock' | 'dataDirectory'>,
): Promise<Figures> {
  const nowMs = deps.clock.nowMs();
  const known = kept.get(deps.ledger);
  if (known !== undefined && nowMs - known.atMs < FIGURES_MS) return known.figures;
  const figures = Promise.all([bytesIn(join(deps.dataDirectory, 'ledger')), erasedBodies(deps)]).then(
    ([bytes, erased]) => ({ bytes, erased }),
  );
  kept.set(deps.ledger, { atMs: nowMs, figures });
  figures.catch(() => kept.delete(deps.ledger));
  return figures;
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesIn(path);
    // A file may go while it is counted: a temporary one, a segment that was rewritten.
    else bytes += (await stat(path).catch(() => null))?.size ?? 0;
  }
  return bytes;
}

async function erasedBodies({ archive, ledger }: Pick<ConsoleDeps, 'ledger' | 'archive'>): Promise<number> {
  const rows = await archive.events({ classUid: ENTITY_MANAGEMENT, text: 'erasure', limit: ERASURES_MAX });
  let erased = 0;
  for (const { index } of rows) {
    const entry = await ledger.entry(index);
    if (entry?.state !== 'present') continue;
    erased += indexesOf(JSON.parse(Buffer.from(entry.normal).toString('utf8')));
  }
  return erased;
}

interface ErasureEvent {
  metadata?: { log_name?: unknown; event_code?: unknown };
  entity?: { data?: { indexes?: unknown } };
}

function indexesOf(event: ErasureEvent): number {
  const isErasure = event.metadata?.log_name === 'wardkeep-ledger' && event.metadata.event_code === 'erasure';
  const indexes = event.entity?.data?.indexes;
  return isErasure && Array.isArray(indexes) ? indexes.length : 0;
}
