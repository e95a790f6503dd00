import { ConsoleError } from './errors.ts';
import { HUNTS_MAX, HUNTS_PER_CALLER_MAX } from './limits.ts';

/** Lets a few hunts run at a time. */
export interface HuntTurns {
  /** @throws {ConsoleError} `rate_limited` */
  run<T>(callerId: string, work: () => Promise<T>): Promise<T>;
}

export function createHuntTurns(): HuntTurns {
  const running = new Map<string, number>();
  let all = 0;
  return {
    async run(callerId, work) {
      const own = running.get(callerId) ?? 0;
      if (own >= HUNTS_PER_CALLER_MAX || all >= HUNTS_MAX)
        throw new ConsoleError('rate_limited', 'other hunts are still running', {
          advice: 'wait for them, or narrow them to fewer days',
        });
      running.set(callerId, own + 1);
      all += 1;
      try {
        return await work();
      } finally {
        all -= 1;
        if (own === 0 && running.get(callerId) === 1) running.delete(callerId);
        else running.set(callerId, (running.get(callerId) ?? 1) - 1);
      }
    },
  };
}
