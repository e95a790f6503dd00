import { unpackEntries, BatchAreas } from '#ingest';
import type { EntryInput } from '#ledger';
import { LiveError } from '../errors.ts';
import type { Ticket } from '../queue.ts';
import { type MappingThread, ThreadDied } from './thread.ts';
import type { JobResult, MapJob, Mapped } from './types.ts';

/** What one submission came to. */
export interface MappedSubmission {
  entries: EntryInput[];
  /** Place of the entry → what the tap said of it. */
  tapped: Map<number, unknown>;
  result: JobResult;
}

export type Outcome = MappedSubmission | LiveError;

const NO_AREAS = new BatchAreas([]);

/**
 * Maps submissions together. A thread that dies over them is given each by itself, so that one prepared to kill it does not
 * take others with it; that one is refused.
 */
export async function mapGroup(
  thread: MappingThread,
  group: readonly Ticket[],
  zone: string | undefined,
): Promise<Outcome[]> {
  try {
    const { bytes, jobs } = packJobs(group, zone);
    return split(await thread.map(bytes, jobs));
  } catch (error) {
    if (!(error instanceof ThreadDied) || error.isUnborn) return group.map(() => failed(error));
  }
  const outcomes: Outcome[] = [];
  for (const one of group)
    try {
      const { bytes, jobs } = packJobs([one], zone);
      outcomes.push(...split(await thread.mapAlone(bytes, jobs)));
    } catch (error) {
      outcomes.push(failed(error));
    }
  return outcomes;
}

/** A thread that cannot begin says nothing of what was sent: it is to be sent again. */
function failed(cause: unknown): LiveError {
  if (cause instanceof ThreadDied && cause.isUnborn)
    return new LiveError('unavailable', 'what comes in cannot be read at the moment', {
      cause,
      advice: 'send it again in a moment; the thread that reads is started anew',
    });
  return new LiveError('mapping_failed', 'reading this failed in a way that it must not; nothing of it was kept', {
    cause,
    advice: 'send it in smaller parts, and report it',
  });
}

/** All submissions in one buffer, which moves to the thread; the callers' bytes stay theirs. */
function packJobs(
  group: readonly Ticket[],
  zone: string | undefined,
): { bytes: Uint8Array<ArrayBuffer>; jobs: MapJob[] } {
  const bytes = new Uint8Array(group.reduce((sum, { submission }) => sum + submission.bytes.length, 0));
  const jobs: MapJob[] = [];
  let at = 0;
  for (const { submission, source } of group) {
    bytes.set(submission.bytes, at);
    const end = at + submission.bytes.length;
    jobs.push({
      sourceId: source.id,
      format: source.format,
      zone: source.zone ?? zone,
      framing: submission.framing,
      start: at,
      end,
      lengths: submission.lengths ?? null,
      notes: submission.notes ?? [],
      receivedMs: submission.receivedMs,
      labels: [`source:${source.id}`, ...(submission.labels ?? [])],
    });
    at = end;
  }
  return { bytes, jobs };
}

function split({ heads, own, jobs, tapped }: Mapped): Outcome[] {
  const all = unpackEntries({ heads, own, area: null }, NO_AREAS);
  let at = 0;
  let nextTapped = 0;
  return jobs.map((result) => {
    const first = at;
    at += result.entries;
    const said = new Map<number, unknown>();
    for (; nextTapped < tapped.length; nextTapped += 1) {
      const [index, value] = tapped[nextTapped] ?? [Infinity, null];
      if (index >= at) break;
      said.set(index - first, value);
    }
    if (result.isTooLarge)
      return new LiveError('too_large', 'this is more than can become durable at once', {
        advice: 'send it in smaller parts',
      });
    return { entries: all.slice(first, at), tapped: said, result };
  });
}
