import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The rules that come with Wardkeep. */
export function shippedRulesDir(): string {
  return fileURLToPath(new URL('../../../rules', import.meta.url));
}

/**
 * Where `wardkeep rules import` puts rules: in the data directory when there is one, else under `$XDG_DATA_HOME`
 * (default `~/.local/share`).
 */
export function importedRulesDir(env: Readonly<Record<string, string | undefined>>, dataDir?: string): string {
  if (dataDir !== undefined) return join(dataDir, 'rules');
  const home = env['XDG_DATA_HOME'];
  return join(home === undefined || home === '' ? join(homedir(), '.local', 'share') : home, 'wardkeep', 'rules');
}
