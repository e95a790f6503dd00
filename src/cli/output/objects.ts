import type { CliIo } from '../io.ts';

/** Objects for programs: NDJSON (one a line) or JSON (one array). */
export function printObjects(objects: readonly object[], form: 'json' | 'ndjson', io: CliIo): void {
  if (form === 'json') io.stdout(`${JSON.stringify(objects, null, 2)}\n`);
  else for (const one of objects) io.stdout(`${JSON.stringify(one)}\n`);
}
