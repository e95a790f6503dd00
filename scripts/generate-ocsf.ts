// npm run generate:ocsf -- <ocsf-schema.tar.xz>
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { emitTables, emitTypes } from './ocsf/emit-schema.ts';
import { readSchema } from './ocsf/read-schema.ts';
import { resolveSchema } from './ocsf/resolve-schema.ts';

const OCSF = new URL('../src/ingest/ocsf/', import.meta.url);

/** The two generated files as text, from the schema's archive and our extension. */
export function generateOcsf(archive: string): { tables: string; types: string } {
  const schema = resolveSchema(readSchema({ archive, extension: fileURLToPath(new URL('extension', OCSF)) }));
  return { tables: emitTables(schema), types: emitTypes(schema) };
}

if (import.meta.main) {
  const [archive] = process.argv.slice(2);
  if (archive === undefined) throw new Error('usage: npm run generate:ocsf -- <ocsf-schema.tar.xz>');
  const { tables, types } = generateOcsf(archive);
  writeFileSync(new URL('schema.generated.ts', OCSF), tables);
  writeFileSync(new URL('events.generated.ts', OCSF), types);
}
