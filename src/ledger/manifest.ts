import { LedgerError } from './errors.ts';
import { readOptional, replaceFile } from './files.ts';
import { FORMAT_VERSION } from './layout.ts';
import { isRecord, parseJson } from './json.ts';
import type { MasterKey } from './master-key.ts';
import type { RetentionClass } from './types.ts';

/** One generation of signing keys: the public halves, for `ledger keys` and for verification. */
export interface SigningGeneration {
  generation: number;
  ed25519: string;
  mldsa: string;
  createdMs: number;
  /** When the private halves were destroyed; null for the generation that signs. */
  retiredMs: number | null;
}

/** A legal hold: while it stands, no body in its range is erased or expires. */
export interface Hold {
  /** Case or file number; stands in clear, so it must name no patient. */
  name: string;
  /** First and last receive day (`YYYY-MM-DD`, inclusive); null is open. */
  fromDay: string | null;
  toDay: string | null;
  placedMs: number;
}

/** What a ledger is: `ledger/ledger.json`. Nothing secret stands in it; the master key authenticates it. */
export interface Manifest {
  format: number;
  origin: string;
  createdMs: number;
  /** Absolute path of the master key when the ledger was made. */
  keyFile: string;
  /** Where a copy of each published checkpoint goes, or null. */
  anchor: string | null;
  signing: SigningGeneration[];
  retentionDays: Record<RetentionClass, number>;
  holds: Hold[];
  /** The log whose place this one takes. */
  predecessor: { origin: string; checkpoint: string } | null;
  /** Set when the log has ended: no entry follows. */
  closed: { size: number; closedMs: number } | null;
}

interface StoredManifest extends Manifest {
  mac: string;
}

const PURPOSE = 'manifest';

export function writeManifest(path: string, manifest: Manifest, key: MasterKey): void {
  const { ...plain } = manifest;
  const mac = key.mac(PURPOSE, Buffer.from(JSON.stringify(plain))).toString('hex');
  replaceFile(path, `${JSON.stringify({ ...plain, mac }, null, 2)}\n`);
}

/**
 * Reads the manifest; its authenticity is a question of its own (`manifestIsAuthentic`), because a
 * stranger without the key may verify the tree as well.
 * @throws {LedgerError} `missing`, `newer_format`, `corrupt`.
 */
export function readManifest(path: string, dir: string): StoredManifest {
  const bytes = readOptional(path);
  if (bytes === null) {
    throw new LedgerError('missing', `there is no ledger in ${dir}`, {
      advice: `make one with: wardkeep ledger init --data ${dir}`,
    });
  }
  const value = parseJson(bytes);
  refuseNewer(value, path);
  if (!isManifest(value)) throw new LedgerError('corrupt', `the file ${path} does not describe a ledger`);
  return value;
}

/** Whether the holder of the master key wrote this manifest. */
export function manifestIsAuthentic(stored: StoredManifest, key: MasterKey): boolean {
  const { mac, ...plain } = stored;
  return key.macMatches(PURPOSE, Buffer.from(JSON.stringify(plain)), Buffer.from(mac, 'hex'));
}

/** The manifest without its authentication code. */
export function plainManifest(stored: StoredManifest): Manifest {
  const { mac: _mac, ...plain } = stored;
  return plain;
}

function refuseNewer(value: unknown, path: string): void {
  const format = isRecord(value) ? value['format'] : undefined;
  if (typeof format === 'number' && format > FORMAT_VERSION) throw newerFormat(path, format);
}

export function newerFormat(path: string, format: number): LedgerError {
  return new LedgerError(
    'newer_format',
    `the file ${path} has format ${format}; this version knows ${FORMAT_VERSION}`,
    {
      advice: 'it was written by a newer Wardkeep: use that version or a later one; nothing has been changed',
    },
  );
}

function isManifest(value: unknown): value is StoredManifest {
  if (!isRecord(value) || !isRecord(value['retentionDays']) || !Array.isArray(value['signing'])) return false;
  if (!Array.isArray(value['holds']) || value['format'] !== FORMAT_VERSION) return false;
  const texts = ['origin', 'keyFile', 'mac'].every((name) => typeof value[name] === 'string');
  const retention = value['retentionDays'];
  const days = ['record', 'telemetry'].every((name) => {
    const count = retention[name];
    return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0;
  });
  const signing = value['signing'].every(
    (one: unknown) => isRecord(one) && typeof one['ed25519'] === 'string' && typeof one['mldsa'] === 'string',
  );
  const anchor = value['anchor'] === null || typeof value['anchor'] === 'string';
  return texts && days && signing && anchor && value['signing'].length > 0;
}
