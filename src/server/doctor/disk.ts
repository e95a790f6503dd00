import { readFileSync, readlinkSync, readdirSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { GIB, MIB, systemErrorCode } from '#kernel';
import { type Diagnosis, fail, good, warn } from './types.ts';

/** Below this intake is at risk within hours on a busy day. */
const FREE_ADVISED = 5 * GIB;
const FREE_MIN = 500 * MIB;
const OPEN_TO_OTHERS = 0o077;

/** Room, rights and encryption of the volume that holds the data directory. */
export function checkDisk(dir: string): Diagnosis[] {
  try {
    return [checkRoom(dir), checkRights(dir), checkEncryption(dir)];
  } catch (error) {
    const reason = systemErrorCode(error) ?? 'unknown fault';
    return [
      fail('data-directory', `${dir} cannot be looked at (${reason})`, 'check that it exists and its permissions'),
    ];
  }
}

/** Free bytes for this user on the volume of `dir`. */
export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

function checkRoom(dir: string): Diagnosis {
  const free = freeBytes(dir);
  const text = `${(free / GIB).toFixed(1)} GiB free for ${dir}`;
  const advice = 'make room or move the data directory to a larger disk; intake stops accepting when the disk is full';
  if (free < FREE_MIN) return fail('disk-space', text, advice);
  if (free < FREE_ADVISED) return warn('disk-space', text, advice);
  return good('disk-space', text);
}

function checkRights(dir: string): Diagnosis {
  const { mode } = statSync(dir);
  if (process.platform === 'win32' || (mode & OPEN_TO_OTHERS) === 0)
    return good('data-directory', `${dir} is readable by its owner alone`);
  return warn('data-directory', `${dir} is open to other users of this machine`, `chmod 700 ${dir}`);
}

/** The archive and the indexes are plain files: only an encrypted volume protects them from a stolen disk. */
function checkEncryption(dir: string): Diagnosis {
  const code = 'disk-encryption';
  const encrypted = isOnEncryptedVolume(dir);
  if (encrypted === true) return good(code, 'the volume is encrypted');
  const advice = 'put the data directory on an encrypted volume (LUKS, BitLocker, FileVault)';
  if (encrypted === null) return warn(code, 'whether the volume is encrypted cannot be told here', advice);
  return warn(code, 'the volume is not encrypted', advice);
}

/** Null where it cannot be told: another system than Linux, or a volume without a block device of its own. */
function isOnEncryptedVolume(dir: string): boolean | null {
  if (process.platform !== 'linux') return null;
  const { dev } = statSync(dir);
  const major = (dev >> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  try {
    return hasCrypt(readlinkSync(`/sys/dev/block/${major}:${minor}`).split('/').at(-1) ?? '');
  } catch {
    return null;
  }
}

/** LUKS shows itself as a device-mapper target whose uuid begins with CRYPT; it may lie under LVM. */
function hasCrypt(device: string): boolean {
  const block = `/sys/class/block/${device}`;
  try {
    if (readFileSync(join(block, 'dm/uuid'), 'utf8').startsWith('CRYPT-')) return true;
    return readdirSync(join(block, 'slaves')).some(hasCrypt);
  } catch {
    return false;
  }
}
