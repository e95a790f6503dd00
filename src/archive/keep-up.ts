import { type Clock, type Log, systemClock, utcDay } from '#kernel';
import type { BodyState, RetentionClass, StoredEntry } from '#ledger';
import type { UpkeepPlan } from './engine/upkeep.ts';
import { ERASURE_PATIENCE_MS } from './limits.ts';
import { type Call, packBatch } from './protocol.ts';

const DAY_MS = 86_400_000;

interface KeepUpOptions {
  readFrom: (from: number, to: number) => AsyncIterable<readonly StoredEntry[]>;
  retentionDays?: () => Readonly<Record<RetentionClass, number>>;
  clock?: Clock;
  log: Log;
  call: (call: Call) => Promise<unknown>;
}

/**
 * Brings the archive in line with what the ledger has removed, and makes damaged files again. The ledger decides: a file
 * goes when the body of its first entry has expired (a legal hold keeps it there), an entry when its own body is erased.
 */
export async function keepUp(options: KeepUpOptions): Promise<void> {
  const { call, log } = options;
  const plan = (await call({ name: 'plan' })) as UpkeepPlan;
  const expired = await expiredFiles(plan, options);
  if (expired.length > 0) {
    await call({ name: 'drop', files: expired });
    log.info('files of the archive were dropped, since their retention has ended', { files: expired.length });
  }
  await forgetErased(plan, options);
  for (const file of plan.files) {
    if (!plan.damaged.includes(file.name) || expired.includes(file.name)) continue;
    await repair(file, options);
    log.info('a damaged file of the archive was made again', { file: file.name });
  }
}

async function expiredFiles({ files }: UpkeepPlan, options: KeepUpOptions): Promise<string[]> {
  const { clock = systemClock, retentionDays } = options;
  const expired: string[] = [];
  for (const { name, day, retention, first } of files) {
    const days = retentionDays?.()[retention as RetentionClass] ?? 0;
    if (day >= utcDay(clock.nowMs() - days * DAY_MS)) continue;
    if ((await stateOf(first, options)) === 'expired') expired.push(name);
  }
  return expired;
}

async function forgetErased({ erasures }: UpkeepPlan, options: KeepUpOptions): Promise<void> {
  const { clock = systemClock, call, log } = options;
  const gone: number[] = [];
  const settled: number[] = [];
  for (const { index, sinceMs } of erasures) {
    const state = await stateOf(index, options);
    if (state === 'erased' || state === 'expired') gone.push(index);
    else if (state !== null && clock.nowMs() - sinceMs < ERASURE_PATIENCE_MS) continue;
    settled.push(index);
  }
  if (settled.length === 0) return;
  await call({ name: 'forget', gone, settled });
  log.info('erased entries were taken out of the archive', { entries: gone.length });
}

async function repair(file: UpkeepPlan['files'][number], { call, readFrom }: KeepUpOptions): Promise<void> {
  await call({ name: 'repairBegin', file: file.name });
  for await (const entries of readFrom(file.first, file.last + 1)) {
    const own = entries.filter(
      ({ state, receivedMs, retention }) =>
        state === 'present' && utcDay(receivedMs) === file.day && retention === file.retention,
    );
    await call({ name: 'repairAdd', batch: packBatch(own, null, 0) });
  }
  await call({ name: 'repairEnd' });
}

/** Null when the ledger has no such entry. */
async function stateOf(index: number, { readFrom }: KeepUpOptions): Promise<BodyState | null> {
  for await (const entries of readFrom(index, index + 1)) {
    const entry = entries.find((one) => one.index === index);
    if (entry !== undefined) return entry.state;
  }
  return null;
}
