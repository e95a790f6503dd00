/** A tap that cannot be loaded while the file that its options name is there. */
import { existsSync } from 'node:fs';
import type { Tap } from './index.ts';

export function createTap(options: unknown): Tap {
  if (existsSync(String(options))) throw new Error('made to fail');
  return { observe: () => null };
}
