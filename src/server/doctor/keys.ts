import { existsSync, statSync } from 'node:fs';
import { type Diagnosis, fail, good, warn } from './types.ts';

export interface KeyFacts {
  keyFile: string;
  anchor: string | null;
}

/** The master key and the anchor: what makes the ledger readable, and a rollback noticeable. */
export function checkKeys({ keyFile, anchor }: KeyFacts): Diagnosis[] {
  return [checkMasterKey(keyFile), checkAnchor(anchor)];
}

function checkMasterKey(keyFile: string): Diagnosis {
  const code = 'master-key';
  if (!existsSync(keyFile))
    return fail(
      code,
      `the master key ${keyFile} is missing`,
      'put the copy back; without it nothing in the ledger can be read, and nothing can be appended',
    );
  if (process.platform !== 'win32' && (statSync(keyFile).mode & 0o077) !== 0)
    return fail(code, `the master key ${keyFile} is open to other users`, `chmod 600 ${keyFile}`);
  return good(code, `the master key lies in ${keyFile}; keep a copy of it elsewhere`);
}

function checkAnchor(anchor: string | null): Diagnosis {
  const code = 'anchor';
  if (anchor === null)
    return warn(
      code,
      'there is no anchor: a rollback of the whole data directory could not be noticed',
      'make the ledger with `wardkeep ledger init --anchor FILE`, a place on another disk or machine',
    );
  if (!existsSync(anchor)) return fail(code, `the anchor ${anchor} is missing`, 'is its disk mounted?');
  return good(code, `the last checkpoint lies in ${anchor}, too`);
}
