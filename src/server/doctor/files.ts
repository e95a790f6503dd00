import { access, constants } from 'node:fs/promises';
import { type Config } from '#kernel/config';
import { scanPath } from '#ingest/live';
import { type Diagnosis, good, warn } from './types.ts';

/** Files of one watched path that are tried; who may read these may read the rest. */
const TRIED_MAX = 1_000;
/** Names of files that are said. */
const NAMED_MAX = 3;

/** Whether the watched files can be read by the user that runs this. */
export async function checkFiles({ intake }: Pick<Config, 'intake'>): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const { path } of intake.files) found.push(await checkPath(path));
  return found;
}

async function checkPath(path: string): Promise<Diagnosis> {
  const code = 'watched-files';
  const { files, problems } = await scanPath(path);
  const own = files.filter(({ isSibling }) => !isSibling);
  const closed: string[] = [];
  for (const file of own.slice(0, TRIED_MAX)) if (!(await mayRead(file.path))) closed.push(file.path);
  const advice =
    'let the user that Wardkeep runs as read it (setfacl -m u:wardkeep:r, or its group); it is tried again by itself';
  if (closed.length > 0) {
    const names = closed.slice(0, NAMED_MAX).join(', ');
    return warn(
      code,
      `${path}: ${closed.length} of ${own.length} files may not be read by this user (${names})`,
      advice,
    );
  }
  if (problems.length > 0)
    return warn(code, `${path}: ${problems.join('; ')}`, `check intake.files in wardkeep.json, or ${advice}`);
  return good(code, `${path}: ${own.length === 1 ? 'one file' : `${own.length} files`} can be read`);
}

async function mayRead(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
