import type { CliIo } from '../io.ts';

/** Objects for programs: NDJSON (one a line) or JSON (one array). */
export function printObjects(objects: readonly object[], form: 'json' | 'ndjson', io: CliIo): void {
  if (form === 'json') io.stdout(`${JSON.stringify(objects, null, 2)}\n`);
  else for (const one of objects) io.stdout(`${JSON.stringify(one)}\n`);
}

/** As `printObjects`, one after the other as they come. */
export async function printEach(objects: AsyncIterable<object>, form: 'json' | 'ndjson', io: CliIo): Promise<void> {
  let between = '[\n';
  for await (const one of objects) {
    // The item of an array of one, with its indentation and without the brackets.
    io.stdout(form === 'json' ? between + JSON.stringify([one], null, 2).slice(2, -2) : `${JSON.stringify(one)}\n`);
    between = ',\n';
  }
  if (form === 'json') io.stdout(between === ',\n' ? '\n]\n' : '[]\n');
}
