import type { Hospital } from './riverside/types.ts';
import type { Story } from './stories/story.ts';
import type { Message } from './traffic/message.ts';
import { quietMinute } from './traffic/quiet.ts';

const MINUTE = 60_000;

export interface StreamOptions {
  hospital: Hospital;
  /** First and last (exclusive) moment, ms; rounded down to the minute. */
  fromMs: number;
  toMs: number;
  /** Stories and when they begin. */
  stories?: readonly { story: Story; fromMs: number }[];
  /** Of ordinary minutes one in so many is played, so that weeks fit into a demo; stories are always whole. Default 1. */
  thinnedBy?: number;
}

/** What the hospital's systems send, a minute at a time, in order of time. Minutes without a message are left out. */
export function* hospitalStream(options: StreamOptions): Generator<Message[]> {
  const { hospital, stories = [], thinnedBy = 1 } = options;
  const byMinute = new Map<number, Message[]>();
  for (const { story, fromMs } of stories)
    for (const message of story.messages(hospital, fromMs)) {
      const minute = minuteOf(message.ms);
      const there = byMinute.get(minute);
      if (there === undefined) byMinute.set(minute, [message]);
      else there.push(message);
    }
  for (let minute = minuteOf(options.fromMs); minute < options.toMs; minute += MINUTE) {
    const told = byMinute.get(minute) ?? [];
    const quiet = (minute / MINUTE) % thinnedBy === 0 ? quietMinute(hospital, minute) : [];
    if (told.length + quiet.length > 0) yield [...quiet, ...told].toSorted((a, b) => a.ms - b.ms);
  }
}

function minuteOf(ms: number): number {
  return ms - (ms % MINUTE);
}
