import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { type EntityKind, IndexMaker, putIndexesTogether } from '../store.ts';
import type { EventQuery } from '../types.ts';
import { placeFile, removeFile } from './files.ts';

/** Where the index of a Parquet file lies. */
export function indexPath(parquet: string): string {
  return parquet.replace(/\.parquet$/, '.sqlite');
}

const NAMED: readonly { column: string; kind: EntityKind }[] = [
  { column: 'user_name', kind: 'user' },
  { column: 'user_uid', kind: 'user' },
  { column: 'target_user', kind: 'user' },
  { column: 'patient', kind: 'patient' },
  { column: 'src_ip', kind: 'ip' },
  { column: 'dst_ip', kind: 'ip' },
  { column: 'device_ip', kind: 'ip' },
  { column: 'device', kind: 'device' },
  { column: 'src_host', kind: 'device' },
  { column: 'dst_host', kind: 'device' },
];

interface IndexPlace {
  /** Of what it is the index, as a FROM clause. */
  from: string;
  /** Parquet files that were put together whole to make it; their indexes are, too, which is quicker than reading it. */
  mergedFrom?: readonly string[];
  temporary: string;
  path: string;
}

/** Makes the index of a Parquet file beside it; without one the file is read whole, so a failure is not fatal. */
export async function buildIndex(
  connection: DuckDBConnection,
  { from, mergedFrom, temporary, path }: IndexPlace,
): Promise<void> {
  removeFile(temporary);
  if (mergedFrom !== undefined && areTogether(mergedFrom.map(indexPath), temporary)) {
    placeFile(temporary, path);
    return;
  }
  try {
    {
      using maker = new IndexMaker(temporary);
      const columns = NAMED.map(({ column }) => column).join(', ');
      const result = await connection.stream(`SELECT "index", ${columns} FROM ${from}`);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        addChunk(maker, chunk.getColumns());
      }
      maker.finish();
    }
    placeFile(temporary, path);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
}

/** False where one of them is missing or damaged: then the file itself is read. */
function areTogether(sources: readonly string[], temporary: string): boolean {
  try {
    putIndexesTogether(sources, temporary);
    return true;
  } catch {
    removeFile(temporary);
    return false;
  }
}

function addChunk(maker: IndexMaker, columns: readonly (readonly DuckDBValue[])[]): void {
  const indexes = columns[0] ?? [];
  NAMED.forEach(({ kind }, n) => {
    const values = columns[n + 1] ?? [];
    for (let row = 0; row < indexes.length; row += 1) {
      const value = values[row];
      if (typeof value !== 'string') continue;
      const index = Number(indexes[row]);
      for (const name of namesOf(kind, value)) maker.add(kind, name, index);
    }
  });
}

/** Under which names a value is found: users and devices in any case, patients with and without their authority. */
function namesOf(kind: EntityKind, value: string): string[] {
  if (kind === 'ip') return [value];
  if (kind !== 'patient') return [value.toLowerCase()];
  const id = value.slice(value.lastIndexOf('|') + 1);
  return id === value ? [value] : [value, id];
}

/** The entities that a query asks for, as the index names them. */
export function entitiesOf(query: EventQuery): { kind: EntityKind; name: string }[] {
  const asked: { kind: EntityKind; name: string | undefined }[] = [
    { kind: 'user', name: query.user?.toLowerCase() },
    { kind: 'patient', name: query.patient },
    { kind: 'ip', name: query.ip },
    { kind: 'device', name: query.device?.toLowerCase() },
  ];
  return asked.flatMap(({ kind, name }) => (name === undefined ? [] : [{ kind, name }]));
}
