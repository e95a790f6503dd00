import type { CliIo } from '../io.ts';
import { bytes, count, duration } from './numbers.ts';

const REDRAW_MS = 200;

/** One line on a terminal that is redrawn while work goes on, and erased at its end; nothing where there is no terminal. */
export class ProgressLine implements Disposable {
  readonly #io: CliIo;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #drawnMs = 0;
  #shown = false;

  constructor(io: CliIo, nowMs: () => number = Date.now) {
    this.#io = io;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
  }

  /** `done` and `total` in bytes; `total` 0 when it is not known. */
  update(done: number, total: number, events: number): void {
    this.#draw((seconds) => {
      const rate = done / seconds;
      const share = total > 0 ? `${Math.min(100, Math.floor((done / total) * 100))} %  ` : '';
      const left = total > done && rate > 0 ? `, ${duration((total - done) / rate)} left` : '';
      return `${share}${bytes(done)}, ${count(events)} events, ${count(events / seconds)} events/s${left}`;
    });
  }

  /** The same where the entries of a ledger are counted. */
  entries(done: number, total: number): void {
    this.#draw((seconds) => {
      const share = Math.floor((done / Math.max(1, total)) * 100);
      const left = total > done && done > 0 ? `, ${duration(((total - done) / done) * seconds)} left` : '';
      return `${share} %  ${count(done)} of ${count(total)} entries${left}`;
    });
  }

  /** The same where bytes alone are counted. */
  bytes(done: number, total: number): void {
    this.#draw((seconds) => {
      const share = total > 0 ? `${Math.min(100, Math.floor((done / total) * 100))} %  ` : '';
      return `${share}${bytes(done)} of ${bytes(total)}, ${bytes(done / seconds)}/s`;
    });
  }

  /** Words while something goes on that cannot be measured. */
  say(words: string): void {
    this.#draw(() => words);
  }

  #draw(line: (seconds: number) => string): void {
    const now = this.#nowMs();
    if (!this.#io.interactive || now - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = now;
    const seconds = Math.max(0.001, (now - this.#startedMs) / 1000);
    this.#io.stderr(`\r\u001B[2K${line(seconds).slice(0, this.#io.columns - 1)}`);
    this.#shown = true;
  }

  [Symbol.dispose](): void {
    if (this.#shown) this.#io.stderr('\r\u001B[2K');
    this.#shown = false;
  }
}
