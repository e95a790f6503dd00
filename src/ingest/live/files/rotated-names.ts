import { basename, extname } from 'node:path';

const COMPRESSED = /\.(?:gz|bz2|xz|zst|lz4|zip|z)$/i;
/** What rotation puts behind a name: `.1`, `-20261124`, `.2026-11-24T03:00`, `.old`. */
const GENERATION = /^[._-]?(?:\d[\d._T:Z-]*|old|bak|prev(?:ious)?)$/i;
/** What it puts in front of the extension. `worker-2.log` is the log of another worker, so that a date is asked for here. */
const BEFORE_EXTENSION = /^(?:\.\d{1,3}|[._-]\d{4}[._-]?\d{2}[._-]?\d{2}[\d._T:Z-]*)$/;

/**
 * Whether a file may be a rotated log of `live` (both are names, without folders), as logrotate, newsyslog, logback and their like
 * name them: `app.log.1`, `app.log-20261124.gz`, `app-2026-11-24.log`. Position and lock files of other readers are none.
 */
export function isRotatedName(name: string, live: string): boolean {
  if (name === live) return false;
  const plain = name.replace(COMPRESSED, '');
  if (plain.startsWith(live)) return plain === live || GENERATION.test(plain.slice(live.length));
  const extension = extname(live);
  const stem = live.slice(0, live.length - extension.length);
  if (extension === '' || !plain.startsWith(stem) || !plain.endsWith(extension)) return false;
  return BEFORE_EXTENSION.test(plain.slice(stem.length, plain.length - extension.length));
}

/** Whether a path's name is that of `live`'s, or one that rotation or a copy makes of it. */
export function isRelatedPath(path: string, live: string): boolean {
  const [name, of] = [basename(path), basename(live)];
  return name.startsWith(of) || isRotatedName(name, of);
}
