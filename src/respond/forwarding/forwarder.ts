import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { DETECTION_FINDING, FINDING_FORMAT } from '#detect/sigma';
import type { OcsfEvent } from '#ingest';
import { type Clock, type Log, messageOf } from '#kernel';
import type { Ledger, StoredEntry } from '#ledger';
import { type Forwarded, type Sender, createSender } from './senders.ts';
import { ForwardingStore, type ForwardingTables } from './store.ts';
import { parseTarget } from './target.ts';

/** Entries read at once; of them those that are wanted go out together. */
const BATCH_ENTRIES = 2_000;
/** Pause between two looks for something new, ms. */
const IDLE_MS = 1_000;
/** Pauses after a failure grow up to this, ms. */
const PAUSE_MS_MAX = 5 * 60_000;

export interface Forwarding {
  kind: 'syslog-cef' | 'ocsf-http';
  target: string;
  what: 'findings' | 'events';
}

export interface ForwarderOptions {
  ledger: Ledger;
  /** Opened with `FORWARDING_MIGRATIONS`. */
  state: Kysely<ForwardingTables>;
  version: string;
  clock: Clock;
  log: Log;
  /** Pause after the first failure, ms; each further one doubles it. */
  pauseMs?: number;
}

export interface ForwarderStatus {
  /** Entries that were not looked at yet. */
  behind: number;
  sent: number;
  /** Why nothing goes out; null when it does. */
  problem: string | null;
}

/**
 * Sends findings or all events on to another system, in the order of the ledger and at least once: a cursor on the ledger
 * moves when a batch has gone out, so that a stop, a crash or an unreachable receiver loses nothing. A new target begins
 * with what comes from then on.
 */
export class Forwarder implements AsyncDisposable {
  readonly #options: ForwarderOptions;
  readonly #store: ForwardingStore;
  #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #status: ForwarderStatus = { behind: 0, sent: 0, problem: null };

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#store = new ForwardingStore(options.state);
  }

  status(): ForwarderStatus {
    return this.#status;
  }

  /** Begins anew with these settings; null ends forwarding. A target that makes no sense is a `problem` of the status. */
  configure(forwarding: Forwarding | null, token: string | null): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#work = this.#work.then(async () => {
      this.#status = { behind: 0, sent: 0, problem: null };
      if (forwarding === null || signal.aborted) return;
      try {
        await using sender = createSender(parseTarget(forwarding.kind, forwarding.target), {
          token,
          version: this.#options.version,
        });
        await this.#run(forwarding, sender, signal);
      } catch (error) {
        this.#status.problem = messageOf(error);
        this.#options.log.error('forwarding has stopped', error);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #run(forwarding: Forwarding, sender: Sender, signal: AbortSignal): Promise<void> {
    const { ledger, log, pauseMs = 1_000 } = this.#options;
    const name = `${forwarding.kind} ${forwarding.target} ${forwarding.what}`;
    let position = await this.#store.position(name);
    if (position === null) await this.#store.setPosition(name, (position = ledger.size));
    let pause = pauseMs;
    while (!signal.aborted) {
      this.#status.behind = ledger.size - position;
      if (this.#status.behind === 0) {
        await pausing(IDLE_MS, signal);
        continue;
      }
      const to = Math.min(ledger.size, position + BATCH_ENTRIES);
      const batch = await this.#batch(position, to, forwarding.what);
      try {
        if (batch.length > 0) await sender.send(batch);
      } catch (error) {
        if (this.#status.problem === null)
          log.error('events could not be forwarded; they wait', error, { kind: forwarding.kind });
        this.#status.problem = messageOf(error);
        await pausing(pause, signal);
        pause = Math.min(pause * 2, PAUSE_MS_MAX);
        continue;
      }
      await this.#store.setPosition(name, to);
      position = to;
      pause = pauseMs;
      this.#status = { behind: ledger.size - to, sent: this.#status.sent + batch.length, problem: null };
    }
  }

  async #batch(from: number, to: number, what: Forwarding['what']): Promise<Forwarded[]> {
    const batch: Forwarded[] = [];
    for await (const entries of this.#options.ledger.read({ from, to }))
      for (const entry of entries) {
        const event = wanted(entry, what);
        if (event !== null) batch.push({ index: entry.index, event });
      }
    return batch;
  }
}

/** The event of an entry, or null when it is not wanted or its body is gone. */
function wanted(entry: StoredEntry, what: Forwarding['what']): OcsfEvent | null {
  if (entry.state !== 'present' || (what === 'findings' && entry.classUid !== DETECTION_FINDING)) return null;
  const event = JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfEvent;
  return what === 'events' || event.metadata.log_format === FINDING_FORMAT ? event : null;
}

async function pausing(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
