import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Trouble } from '#console';
import type { Clock, Log } from '#kernel';
import type { Ledger } from '#ledger';
import type { ClockWatch } from './clock-watch.ts';
import { moduleMetrics } from './figures.ts';
import { metricsText, processMetrics } from './metrics.ts';
import type { Listeners } from './listeners.ts';
import type { Flow } from './modules.ts';
import { STATUS_EVERY_MS, type ServerStatus, removeStatus, writeStatus } from './status-file.ts';
import { freeBytes } from './doctor/disk.ts';
import { TroubleWatch } from './troubles.ts';

/** How finely the lateness of timers is measured, ms. */
const DELAY_RESOLUTION_MS = 20;

export interface ReporterOptions {
  dir: string;
  version: string;
  ledger: Ledger;
  flow: Flow;
  /** When the certificate ends; null without TLS. */
  certificateEndsMs: number | null;
  clock: Clock;
  clockWatch: ClockWatch;
  log: Log;
}

/** Says how the server is doing: to `wardkeep status`, to a scraper, and to the console. */
export class Reporter implements Disposable {
  readonly #options: ReporterOptions;
  readonly #watch: TroubleWatch;
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  readonly #startedMs: number;
  readonly #timer: NodeJS.Timeout;
  #places: { consoleUrl: string; intake: Record<string, string> } = { consoleUrl: '', intake: {} };
  #listenersLost: () => Readonly<Record<string, number>> = () => ({});
  #turnedAway: () => Readonly<Record<string, number>> = () => ({});

  constructor(options: ReporterOptions) {
    const { dir, clock, clockWatch, flow, ledger, certificateEndsMs } = options;
    const { intake, archive } = flow;
    this.#options = options;
    this.#startedMs = clock.nowMs();

    this.#delay.enable();
    this.#watch = new TroubleWatch({
      freeBytes: () => freeBytes(dir),
      clock,
      clockWatch,
      intake,
      archive,
      ledgerSize: () => ledger.size,
      certificateEndsMs,
    });
    this.#timer = setInterval(() => void this.write(), STATUS_EVERY_MS);
    this.#timer.unref();
  }

  /** Where it is reached, once that is known, and what its listeners could not take or turned away. */
  reachedAt(consoleUrl: string, { places, lost, turnedAway }: Pick<Listeners, 'places' | 'lost' | 'turnedAway'>): void {
    this.#places = { consoleUrl, intake: { ...places } };
    this.#listenersLost = lost;
    this.#turnedAway = turnedAway;
  }

  troubles(): readonly Trouble[] {
    return this.#watch.now();
  }

  /** Null when events are taken, else why not. */
  unready(): string | null {
    return this.#options.flow.intake.load().shut;
  }

  /** What works less well than it should while events are taken; one line each. */
  impaired(): string[] {
    const { state } = this.#options.flow.archive.status();
    return state === 'up' ? [] : [`the archive is ${state}: searches may fail or lack events`];
  }

  async metrics(): Promise<string> {
    const { ledger, flow } = this.#options;
    const { bySeverity } = await flow.incidents.counts();
    const modules = await moduleMetrics({
      ledger,
      intake: flow.intake,
      archive: flow.archive,
      findings: flow.findings,
      listenersLost: this.#listenersLost,
      turnedAway: this.#turnedAway,
      openIncidents: async () => bySeverity,
      detectedTo: () => flow.detector.position,
    });
    return metricsText([...processMetrics(this.#startedMs, this.#delay.percentile(99) / 1e9), ...modules]);
  }

  /** Looks around and writes the status file; a fault of the disk must not end the server. */
  async write(): Promise<void> {
    try {
      this.#watch.look();
      writeStatus(this.#options.dir, await this.#status());
    } catch (error) {
      this.#options.log.error('the status could not be written', error);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#delay.disable();
    removeStatus(this.#options.dir);
  }

  async #status(): Promise<ServerStatus> {
    const { version, ledger, flow, clock } = this.#options;
    const sources = flow.intake.sources();
    const sum = (value: (source: (typeof sources)[number]) => number): number =>
      sources.reduce((total, source) => total + value(source), 0);
    const { open, bySeverity } = await flow.incidents.counts();
    return {
      pid: process.pid,
      version,
      startedMs: this.#startedMs,
      writtenMs: clock.nowMs(),
      ...this.#places,
      ready: this.unready() === null,
      ledger: { origin: ledger.origin, size: ledger.size, checkpointMs: null },
      events: {
        total: sum(({ events }) => events),
        rejected: sum(({ rejected }) => rejected),
        perSecond: sum(({ rate }) => rate),
        queued: flow.intake.load().queued,
        lost: sum(({ lost }) => lost),
      },
      sources: {
        total: sources.length,
        silent: sources.filter(({ health }) => health === 'silent').length,
        troubled: sources.filter(({ health }) => health === 'troubled').length,
      },
      listenersLost: sums(this.#listenersLost(), this.#turnedAway()),
      archive: flow.archive.status().state,
      findings: flow.findings(),
      incidents: { open, critical: bySeverity.critical, high: bySeverity.high },
      memoryBytes: process.memoryUsage.rss(),
      troubles: [...this.troubles()],
    };
  }
}

function sums(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const [name, value] of counts.flatMap((one) => Object.entries(one))) all[name] = (all[name] ?? 0) + value;
  return all;
}
