import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#kernel';
import { LiveError } from '../errors.ts';
import { CONNECTION_BYTES_MAX, CONNECTION_FRAMES_MAX, SUBMIT_AGAIN_MS } from '../limits.ts';
import type { LiveIntake, LiveSource, SubmissionResult } from '../types.ts';

export interface Framer {
  push(chunk: Buffer): { frames: Buffer[]; isBroken: boolean };
  end(): Buffer | null;
}

export interface ConnectionOptions {
  socket: Socket;
  source: LiveSource;
  framer: Framer;
  intake: LiveIntake;
  clock: Clock;
  labels: readonly string[];
  /** Frames of one submission; 1 where each is answered by itself. */
  framesMax?: number;
  /** Called when the frames are durable. */
  onDurable?: (frames: readonly Buffer[], result: SubmissionResult) => void;
  /**
   * Called when they could not be taken now; without it they are tried again until they are, and the sender is not read
   * meanwhile.
   */
  onRefused?: (frames: readonly Buffer[]) => void;
  /** Called at the first whole frame. */
  onHeard: () => void;
  signal: AbortSignal;
}

/** Reads one sender: cuts frames, submits them in order, and does not read on while too much waits. */
export class Connection {
  readonly #options: ConnectionOptions;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isFlushing = false;
  #isHeard = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, framer } = options;
    socket.on('data', (chunk: Buffer) => {
      const { frames, isBroken } = framer.push(chunk);
      this.#add(frames);
      if (isBroken) this.#break();
    });
    socket.on('end', () => {
      const rest = framer.end();
      if (rest !== null) this.#add([rest]);
    });
  }

  /** What cannot be cut any more: the sender is told by the end of the connection, and the loss is counted. */
  #break(): void {
    const { socket, source, intake } = this.#options;
    intake.noteLost(source.id, 1);
    socket.destroy();
  }

  #add(frames: readonly Buffer[]): void {
    if (!this.#isHeard && frames.length > 0) {
      this.#isHeard = true;
      this.#options.onHeard();
    }
    for (const frame of frames) {
      this.#waiting.push(frame);
      this.#bytes += frame.length;
    }
    if (this.#bytes > CONNECTION_BYTES_MAX) this.#options.socket.pause();
    if (!this.#isFlushing && this.#waiting.length > 0) void this.#flush();
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true;
    const { socket, framesMax = CONNECTION_FRAMES_MAX } = this.#options;
    while (this.#waiting.length > 0) {
      const frames = this.#waiting.splice(0, framesMax);
      await this.#submit(frames);
      for (const frame of frames) this.#bytes -= frame.length;
      if (this.#bytes <= CONNECTION_BYTES_MAX && socket.isPaused() && !socket.destroyed) socket.resume();
    }
    this.#isFlushing = false;
  }

  async #submit(frames: readonly Buffer[]): Promise<void> {
    const { intake, source, clock, labels, signal, onDurable, onRefused } = this.#options;
    const bytes = frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames);
    const lengths = Uint32Array.from(frames, (frame) => frame.length);
    const receivedMs = clock.nowMs();
    for (;;) {
      try {
        const submission = { sourceId: source.id, framing: 'records', bytes, lengths, receivedMs, labels } as const;
        const result = await intake.submit(submission);
        onDurable?.(frames, result);
        return;
      } catch (error) {
        const isPassing = error instanceof LiveError && error.code === 'unavailable';
        if (onRefused !== undefined) {
          onRefused(frames);
          return;
        }
        if (!isPassing || signal.aborted) {
          intake.noteLost(source.id, frames.length);
          return;
        }
        await sleep(SUBMIT_AGAIN_MS, null, { signal }).catch(() => undefined);
      }
    }
  }
}
