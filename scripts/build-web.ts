/**
 * Builds the console's pages into `dist/web`. npm runs it after an install (`prepare`), and `wardkeep up` when the folder is
 * missing. An install without development tools has no bundler: then it says so and leaves what is there.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

if (existsSync(`${ROOT}/node_modules/vite`)) {
  const { build } = await import('vite');
  const started = Date.now();
  await build({ configFile: `${ROOT}/vite.config.ts`, logLevel: 'warn' });
  console.log(`the console's pages are in dist/web (${((Date.now() - started) / 1000).toFixed(1)} s)`);
} else {
  console.log("the console's pages were not built: vite is not installed; run npm ci without --omit=dev");
}
