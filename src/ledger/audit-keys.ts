import type { KeyObject } from 'node:crypto';
import { messageOf, systemRandom } from '#kernel';
import type { AuditReport } from './audit-report.ts';
import { DayKeys } from './day-keys.ts';
import { LedgerError } from './errors.ts';
import type { Layout } from './layout.ts';
import type { readManifest } from './manifest.ts';
import { manifestIsAuthentic } from './manifest.ts';
import { MarkSealer } from './marks.ts';
import type { MasterKey } from './master-key.ts';
import { readMasterKey } from './master-key.ts';
import { readSigningKeys } from './signing.ts';
import { frameMacKey } from './store.ts';

/** What an audit needs to look behind the tree. */
export interface AuditKeys {
  master: MasterKey;
  macKey: KeyObject;
  markSealer: MarkSealer;
  dayKeys: DayKeys;
}

/**
 * The keys of a ledger, or null when the master key is missing or wrong: then a note says that only the tree
 * is verified. A right key under which the manifest is not authentic is a finding.
 * @throws {LedgerError} `key_open`.
 */
export function openAuditKeys(options: {
  layout: Layout;
  manifest: ReturnType<typeof readManifest>;
  keyFile: string | undefined;
  dir: string;
  report: AuditReport;
}): AuditKeys | null {
  const { layout, manifest, report } = options;
  let master: MasterKey;
  try {
    master = readMasterKey(options.keyFile ?? manifest.keyFile);
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'key_open') throw error;
    report.note(`bodies were not checked: ${messageOf(error)}`);
    return null;
  }
  if (!manifestIsAuthentic(manifest, master)) {
    if (!isRightKey(master, options)) {
      report.note('bodies were not checked: the master key does not belong to this ledger');
      return null;
    }
    report.bad(null, 'the manifest was not written by the holder of the key');
  }
  const dayKeys = new DayKeys({ dir: layout.keys, master, random: systemRandom });
  return { master, macKey: frameMacKey(master), markSealer: new MarkSealer(master, systemRandom), dayKeys };
}

/** Whether a key opens the signing keys, whatever the manifest says. */
function isRightKey(
  master: MasterKey,
  options: { layout: Layout; manifest: ReturnType<typeof readManifest> },
): boolean {
  const { origin, signing } = options.manifest;
  return signing.some((publicKeys) => {
    try {
      readSigningKeys({ keysDir: options.layout.keys, origin, publicKeys, master });
      return true;
    } catch {
      return false;
    }
  });
}
