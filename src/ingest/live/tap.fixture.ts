import type { Tap } from './types.ts';

/** Says the name of the user, or dies where it is told to. */
export function createTap(options: unknown): Tap {
  let { word } = options as { word: string };
  return {
    observe({ fields }) {
      const user = fields?.['TargetUserName'];
      if (user === 'killer') process.exit(1);
      return user === 'user1' ? { word } : null;
    },
    update(next) {
      word = (next as { word: string }).word;
    },
  };
}
