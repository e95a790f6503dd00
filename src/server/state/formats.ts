import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { archiveFormat } from '#archive';
import { type Clock, MIB, messageOf, systemErrorCode } from '#kernel';
import { readConfig } from '#kernel/config';
import { formatSteps } from '#kernel/database';
import { LEDGER_FORMAT } from '#ledger';
import { lastBackupMs } from '#recover/backups';
import { STATE_MIGRATIONS } from './steps.ts';
import { freeBytes } from '../doctor/disk.ts';
import { readStatus } from '../status-file.ts';
import { statePath } from './files.ts';

/** In which format one part of a data directory is. */
export interface PartFormat {
  part: 'ledger' | 'state' | 'archive' | 'configuration';
  /** `newer`: a newer version wrote it, and this one must not touch it. */
  state: 'current' | 'older' | 'newer' | 'missing' | 'damaged';
  /** What is so, and what an upgrade does about it; a sentence. */
  text: string;
}

export interface UpgradeCheck {
  parts: PartFormat[];
  /** Steps of the state that will be made, by name. */
  steps: string[];
  freeBytes: number;
  neededBytes: number;
  /** When it was backed up last; null where nothing is known of it. */
  backupMs: number | null;
  isRunning: boolean;
  /** Why it cannot be upgraded as it stands, each a sentence. */
  hindrances: string[];
}

/** Room beside two copies of the state. */
const ROOM_BYTES = 64 * MIB;

/** What an upgrade of a data directory to this version would change. Changes nothing; also beside a running server. */
export function checkUpgrade(dir: string, clock: Clock): UpgradeCheck {
  const { part: state, steps } = stateFormat(dir);
  const parts = [ledgerFormat(dir), state, archivePart(dir), configurationPart(dir)];
  const free = existsSync(dir) ? freeBytes(dir) : 0;
  const neededBytes = steps.length === 0 ? 0 : 3 * sizeOf(statePath(dir)) + ROOM_BYTES;
  const isRunning = readStatus(dir, clock).kind === 'running';
  const hindrances = parts.filter((one) => isHindrance(one)).map(({ text }) => text);
  if (free < neededBytes) hindrances.push(`${neededBytes} bytes of free disk are needed, and ${free} are there`);
  if (isRunning) hindrances.push('a server is running on this directory: stop it first');
  return { parts, steps, freeBytes: free, neededBytes, backupMs: lastBackupMs(dir), isRunning, hindrances };
}

/** An archive is made anew from the ledger, whatever it was. */
function isHindrance({ part, state }: PartFormat): boolean {
  if (part === 'ledger' && state === 'missing') return true;
  return part !== 'archive' && (state === 'newer' || state === 'damaged');
}

function ledgerFormat(dir: string): PartFormat {
  const part = 'ledger';
  try {
    const { format } = JSON.parse(readFileSync(join(dir, 'ledger', 'ledger.json'), 'utf8')) as { format?: unknown };
    if (typeof format !== 'number')
      return { part, state: 'damaged', text: 'ledger/ledger.json does not say its format' };
    if (format > LEDGER_FORMAT)
      return {
        part,
        state: 'newer',
        text: `the ledger has format ${format}; this version knows ${LEDGER_FORMAT}: run the newer one`,
      };
    return { part, state: 'current', text: `the ledger has format ${format} and stays as it is` };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return { part, state: 'missing', text: `there is no ledger in ${dir}` };
    return {
      part,
      state: 'damaged',
      text: `ledger/ledger.json cannot be read (${systemErrorCode(error) ?? 'no JSON'})`,
    };
  }
}

function stateFormat(dir: string): { part: PartFormat; steps: string[] } {
  const part = 'state';
  const of = (state: PartFormat['state'], text: string, steps: string[] = []) => ({
    part: { part, state, text } as const,
    steps,
  });
  try {
    const found = formatSteps(statePath(dir), STATE_MIGRATIONS);
    if (found === null)
      return of(
        'missing',
        'there is no state.sqlite: the next start makes one; `wardkeep rebuild state` makes it from the ledger',
      );
    const { done, pending, unknown } = found;
    if (unknown.length > 0)
      return of(
        'newer',
        `the state was written by a newer Wardkeep (${unknown.join(', ')}): run that version, or restore a backup of before`,
      );
    if (pending.length === 0) return of('current', `the state is up to date (${done.length} steps)`);
    return of(
      'older',
      `the state lacks ${pending.length} of ${done.length + pending.length} steps: ${pending.join(', ')}`,
      pending,
    );
  } catch (error) {
    return of('damaged', `${messageOf(error)}; make it anew with: wardkeep rebuild state`);
  }
}

function archivePart(dir: string): PartFormat {
  const part = 'archive';
  const found = archiveFormat(dir);
  if (found === null)
    return { part, state: 'missing', text: 'there is no archive; the next start makes it from the ledger' };
  const { schema, known } = found;
  if (schema === null)
    return { part, state: 'damaged', text: 'the archive cannot be read: wardkeep rebuild makes it anew' };
  if (schema > known)
    return {
      part,
      state: 'newer',
      text: `the archive has version ${schema}, this Wardkeep knows ${known}: wardkeep rebuild makes it anew`,
    };
  if (schema < known)
    return {
      part,
      state: 'older',
      text: `the archive has version ${schema}; wardkeep rebuild makes it anew in version ${known}`,
    };
  return { part, state: 'current', text: `the archive has version ${schema} and stays as it is` };
}

function configurationPart(dir: string): PartFormat {
  const part = 'configuration';
  try {
    readConfig(dir);
    const isThere = existsSync(join(dir, 'wardkeep.json'));
    return isThere
      ? { part, state: 'current', text: 'wardkeep.json says nothing that this version does not know' }
      : { part, state: 'missing', text: 'there is no wardkeep.json: the defaults hold' };
  } catch (error) {
    return { part, state: 'damaged', text: messageOf(error) };
  }
}

function sizeOf(path: string): number {
  return ['', '-wal'].reduce(
    (sum, tail) => sum + (existsSync(`${path}${tail}`) ? statSync(`${path}${tail}`).size : 0),
    0,
  );
}
