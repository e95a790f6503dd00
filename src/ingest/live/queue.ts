import { LiveError } from './errors.ts';
import {
  GROUP_BYTES_TARGET,
  GROUP_SUBMISSIONS_MAX,
  QUEUE_BYTES_MAX,
  QUEUE_SUBMISSIONS_MAX,
  QUEUE_WAITERS_MAX,
} from './limits.ts';
import type { LiveSource, Submission, SubmissionResult } from './types.ts';

/** A submission that was let in. */
export interface Ticket {
  submission: Submission;
  source: LiveSource;
  resolve: (result: SubmissionResult) => void;
  reject: (error: unknown) => void;
}

/** What was let in and is not durable yet; who comes while it is full waits, in order. */
export class SubmissionQueue {
  readonly #waiting: Ticket[] = [];
  readonly #doors: { bytes: number; enter: () => void; refuse: (error: unknown) => void }[] = [];
  readonly #idle: (() => void)[] = [];
  #count = 0;
  #bytes = 0;

  /** Submissions that are not durable yet. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#count >= QUEUE_SUBMISSIONS_MAX || this.#bytes >= QUEUE_BYTES_MAX;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves when there is room for a submission, which then counts until `leave`. */
  async enter(bytes: number): Promise<void> {
    if (!this.isFull && this.#doors.length === 0) {
      this.#enter(bytes);
      return;
    }
    if (this.#doors.length >= QUEUE_WAITERS_MAX)
      throw new LiveError('unavailable', 'too many senders wait at once', { advice: 'send again in a moment' });
    await new Promise<void>((enter, refuse) => this.#doors.push({ bytes, enter, refuse }));
  }

  /** To be called once for each that entered, when it is durable or refused. */
  leave(bytes: number): void {
    this.#count -= 1;
    this.#bytes -= bytes;
    while (!this.isFull) {
      const next = this.#doors.shift();
      if (next === undefined) break;
      this.#enter(next.bytes);
      next.enter();
    }
    if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** To be mapped, in order. It has entered. */
  add(ticket: Ticket): void {
    this.#waiting.push(ticket);
  }

  /** The next submissions that are mapped together. */
  take(): Ticket[] {
    let bytes = 0;
    let count = 0;
    for (const { submission } of this.#waiting) {
      bytes += submission.bytes.length;
      if (count > 0 && (bytes > GROUP_BYTES_TARGET || count >= GROUP_SUBMISSIONS_MAX)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Refuses all that wait; what is under way goes on. */
  refuse(error: LiveError): void {
    for (const door of this.#doors.splice(0)) door.refuse(error);
    for (const ticket of this.#waiting.splice(0)) {
      this.leave(ticket.submission.bytes.length);
      ticket.reject(error);
    }
  }

  /** Resolves when all that was let in is durable or refused. */
  settled(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #enter(bytes: number): void {
    this.#count += 1;
    this.#bytes += bytes;
  }
}
