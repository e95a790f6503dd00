import { systemErrorCode } from './errors.ts';

/** A refusal of the operating system in words: what could not be done where and why, and what to do about it. */
export interface SystemErrorWords {
  /** A lower-case sentence with the path, where the system names one, and its code. */
  sentence: string;
  advice: string;
}

interface Explanation {
  reason: string;
  advice: string;
}

const NO_RIGHT: Explanation = {
  reason: 'this user has no right to it',
  advice: 'run this as the user that owns it, or give this user the right to it and to the folders above it',
};

const FULL: Explanation = {
  reason: 'there is no room left on its disk, or in the share of this user',
  advice: 'free space on that volume, or name a place on another, and run the command again',
};

const TOO_MANY_OPEN: Explanation = {
  reason: 'too many files are open',
  advice: 'raise the limit of open files (ulimit -n 4096) and run the command again',
};

/** What an operator can mend, by the code of Node's system errors. Anything else is a fault of ours until it is understood. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  EACCES: NO_RIGHT,
  EPERM: NO_RIGHT,
  ENOENT: { reason: 'there is no such file or folder', advice: 'check the path; a folder above it may be missing' },
  ENOTDIR: {
    reason: 'a part of that path is a file, not a folder',
    advice: 'check the path, and name a folder where a folder is asked for',
  },
  EISDIR: { reason: 'it is a folder, not a file', advice: 'name a file' },
  EEXIST: {
    reason: 'something else of that name is there already',
    advice: 'name another place, or move what is there away',
  },
  EROFS: {
    reason: 'its file system takes no writes',
    advice: 'name a place that can be written, or mount that one for writing',
  },
  ENOSPC: FULL,
  EDQUOT: FULL,
  ELOOP: { reason: 'its links lead in a circle', advice: 'mend the symbolic links of that path' },
  ENAMETOOLONG: { reason: 'the name is longer than its file system allows', advice: 'choose a shorter path' },
  EMFILE: TOO_MANY_OPEN,
  ENFILE: TOO_MANY_OPEN,
  EIO: {
    reason: 'the disk or its driver reports a fault',
    advice: 'look at the log of the system, and at the health of the disk, before you try again',
  },
};

const CALLS: Readonly<Record<string, readonly string[]>> = {
  read: ['access', 'fstat', 'lstat', 'opendir', 'read', 'readlink', 'realpath', 'scandir', 'stat', 'statfs'],
  opened: ['open', 'copyfile'],
  made: ['mkdir', 'mkdtemp', 'link', 'symlink'],
  removed: ['rm', 'rmdir', 'unlink'],
  written: ['chmod', 'close', 'fchmod', 'fdatasync', 'fsync', 'ftruncate', 'futime', 'rename', 'utime', 'write'],
};

/** System call → what it would have done. The same code means something else of a port or a process. */
const VERBS: ReadonlyMap<string, string> = new Map(
  Object.entries(CALLS).flatMap(([verb, calls]) => calls.map((call) => [call, verb] as const)),
);

/** The words for an error of the file system that an operator can mend; null for every other. */
export function systemErrorWords(error: unknown): SystemErrorWords | null {
  const code = systemErrorCode(error) ?? '';
  const explanation = Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code] : undefined;
  if (explanation === undefined || !(error instanceof Error)) return null;
  const { syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: unknown };
  const verb = VERBS.get(syscall ?? '');
  if (verb === undefined) return null;
  const place = typeof dest === 'string' ? dest : typeof path === 'string' ? path : 'a file';
  return { sentence: `${place} cannot be ${verb}: ${explanation.reason} (${code})`, advice: explanation.advice };
}
