import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Log } from '#kernel';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIRECTORY = fileURLToPath(new URL('../../dist/web', import.meta.url));
const BUILD = fileURLToPath(new URL('../../scripts/build-web.ts', import.meta.url));

/** The built pages of the console. `npm ci` builds them; where it ran without scripts, they are built now. Null when that fails. */
export async function webDirectory(log: Log): Promise<string | null> {
  const page = fileURLToPath(new URL('../../dist/web/index.html', import.meta.url));
  if (existsSync(page)) return DIRECTORY;
  if (!existsSync(BUILD)) return null;
  log.info('the pages of the console are built; this is done once');
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(process.execPath, [BUILD], { cwd: ROOT, stdio: 'ignore' });
    child.on('error', () => resolve(null)).on('close', resolve);
  });
  if (code === 0 && existsSync(page)) return DIRECTORY;
  log.warn('the pages of the console could not be built; the console answers programs only', { advice: 'npm ci' });
  return null;
}
