import type { Archive } from '#archive';
import type { Trouble } from '#console';
import type { Intake } from '#ingest/live';
import { type Clock, GIB, MIB } from '#kernel';
import type { ClockWatch } from './clock-watch.ts';

/** Below the first the operator is warned, below the second intake will soon have to stop. */
const FREE_WARN = 2 * GIB;
const FREE_ACT = 500 * MIB;
/** Before a certificate ends the operator is told, ms. */
const CERTIFICATE_WARN_MS = 14 * 86_400_000;

export interface TroubleSources {
  /** Free bytes on the volume of the data directory. */
  freeBytes: () => number;
  clock: Clock;
  clockWatch: ClockWatch;
  intake: Pick<Intake, 'load' | 'sources'>;
  archive: Pick<Archive, 'status'>;
  ledgerSize: () => number;
  /** When the console's certificate ends; null without TLS. */
  certificateEndsMs: number | null;
}

/** Entries that the archive may lag behind before that is worth a word. */
const ARCHIVE_LAG_ENTRIES = 200_000;

/** Watches disk, clock, archive and certificate. `look()` measures; `now()` gives what was seen last. */
export class TroubleWatch {
  readonly #sources: TroubleSources;
  #last: readonly Trouble[] = [];

  constructor(sources: TroubleSources) {
    this.#sources = sources;
  }

  now(): readonly Trouble[] {
    return this.#last;
  }

  look(): readonly Trouble[] {
    const found = [this.#door(), this.#mapping(), this.#disk(), this.#clock(), this.#archive(), this.#certificate()];
    this.#last = found.filter((trouble) => trouble !== null);
    return this.#last;
  }

  #door(): Trouble | null {
    const { shut } = this.#sources.intake.load();
    if (shut === null) return null;
    return {
      code: 'intake-shut',
      text: `Events are not accepted at the moment: ${shut}.`,
      advice: 'Senders that can wait keep their events. Mend the cause; intake opens by itself.',
    };
  }

  #mapping(): Trouble | null {
    if (!this.#sources.intake.load().diesOften) return null;
    return {
      code: 'mapping-dies',
      text: 'What comes in is read with difficulty: the thread that reads it dies again and again.',
      advice: 'What was acknowledged is safe. Look into the log for the source it dies of, and switch that one off.',
    };
  }

  #disk(): Trouble | null {
    const free = this.#sources.freeBytes();
    if (free >= FREE_WARN) return null;
    const size = `${(free / GIB).toFixed(1)} GiB`;
    return {
      code: 'disk-space',
      text: `Only ${size} are free on the disk of the data directory.`,
      advice:
        free < FREE_ACT
          ? 'Make room now: when it is full, no event is accepted any more.'
          : 'Make room, or shorten the retention of telemetry.',
    };
  }

  /** The clock against one that nobody can set. */
  #clock(): Trouble | null {
    const stepMs = this.#sources.clockWatch.stepMs();
    if (stepMs === 0) return null;
    return {
      code: 'clock-step',
      text: `The clock was set ${stepMs > 0 ? 'forward' : 'back'} by ${Math.round(Math.abs(stepMs) / 1_000)} s since the start.`,
      advice: 'No retention is applied meanwhile. Keep the clock right with NTP, and restart Wardkeep once it is.',
    };
  }

  #archive(): Trouble | null {
    const { damaged, seenTo, state, problem } = this.#sources.archive.status();
    if (state === 'degraded')
      return {
        code: 'archive-degraded',
        text: `Searches are not to be relied on: the archive's thread dies again and again${problem === null ? '' : ` (${problem})`}.`,
        advice: 'Events are taken and rules run all the same. Look into the log; then run: wardkeep rebuild archive',
      };
    if (state === 'restarting')
      return {
        code: 'archive-restarting',
        text: `Searches fail or lack the newest events: the archive is started anew${problem === null ? '' : ` (${problem})`}.`,
        advice: 'It reads from the ledger what it had in memory; nothing is lost. If this stays, look into the log.',
      };
    if (damaged.length > 0)
      return {
        code: 'archive-damaged',
        text: `${damaged.length === 1 ? 'One file' : `${damaged.length} files`} of the archive cannot be read and are passed over.`,
        advice: 'Nothing is lost, the ledger has it all. Run: wardkeep rebuild archive',
      };
    if (this.#sources.ledgerSize() - seenTo < ARCHIVE_LAG_ENTRIES) return null;
    return {
      code: 'archive-behind',
      text: 'The archive is behind: searches do not show the newest events yet.',
      advice: 'It catches up by itself. If it does not, the machine is too slow for this much traffic.',
    };
  }

  #certificate(): Trouble | null {
    const { certificateEndsMs, clock } = this.#sources;
    if (certificateEndsMs === null || certificateEndsMs - clock.nowMs() > CERTIFICATE_WARN_MS) return null;
    return {
      code: 'certificate-ends',
      text: `The TLS certificate ends on ${new Date(certificateEndsMs).toISOString().slice(0, 10)}.`,
      advice: 'Put a new one in its place and restart Wardkeep; its own certificate is renewed at a restart.',
    };
  }
}
