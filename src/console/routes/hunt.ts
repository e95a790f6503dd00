import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { recordLook } from '../acts.ts';
import type { HuntRequest, SavedHunt } from '../api.ts';
import { ConsoleError } from '../errors.ts';
import { SAVED_HUNTS_MAX } from '../limits.ts';
import { IdParams } from '../query.ts';
import { type Asked, type Route, callerIn, route } from '../route.ts';
import {
  HUNT_ROWS_MAX,
  HuntRequestSchema,
  HuntResultSchema,
  HuntViewSchema,
  SavedHuntSchema,
} from '../schemas/events.ts';
import type { HuntRow } from '../store.ts';

const READER = { right: 'read', scope: 'read' } as const;
const HUNTER = { right: 'respond', scope: 'hunt' } as const;
const ROWS_DEFAULT = 1_000;

const EXPORT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
} as const;

export const HUNT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/hunt/views',
    summary: 'The tables that a hunt may read, with their columns.',
    access: READER,
    reply: z.array(HuntViewSchema),
    run: async ({ services }) => services.archive.views(),
  }),
  route({
    method: 'POST',
    path: '/hunt',
    summary: 'Runs one SELECT over all stored events.',
    access: HUNTER,
    body: HuntRequestSchema,
    reply: HuntResultSchema,
    async run(asked) {
      const { sql, limit = ROWS_DEFAULT } = asked.body;
      const caller = callerIn(asked);
      return hunting(asked, 'hunt.run', () =>
        asked.services.archive.hunt(sql, { limit, seesPatients: caller.seesPatients, signal: asked.request.signal }),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/hunt/export',
    summary: 'Runs one SELECT and answers with a file.',
    access: HUNTER,
    query: z.strictObject({ format: z.enum(['csv', 'json', 'parquet']) }),
    body: HuntRequestSchema,
    reply: { type: 'application/octet-stream', description: 'A file of the format asked for.' },
    run: (asked) => hunting(asked, 'hunt.export', () => exported(asked)),
  }),
  route({
    method: 'GET',
    path: '/hunt/saved',
    summary: 'Saved hunts, by name.',
    access: READER,
    reply: z.array(SavedHuntSchema),
    run: async ({ services }) => (await services.store.hunts()).map(huntOf),
  }),
  route({
    method: 'PUT',
    path: '/hunt/saved/:id',
    summary: 'Saves a hunt; author and time are set here.',
    access: HUNTER,
    params: IdParams,
    body: SavedHuntSchema,
    reply: SavedHuntSchema,
    records: 'hunt.save',
    async run(asked) {
      const { services, params, body } = asked;
      const others = (await services.store.hunts()).filter(({ id }) => id !== params.id);
      if (others.length >= SAVED_HUNTS_MAX)
        throw new ConsoleError('conflict', `there are ${SAVED_HUNTS_MAX} saved hunts, the most there may be`);
      const { name, sql, picture } = body;
      const author = callerIn(asked).actor.name;
      const row = { id: params.id, name, sql, picture, author, changed_ms: services.clock.nowMs() };
      await services.store.saveHunt(row);
      return huntOf(row);
    },
  }),
  route({
    method: 'DELETE',
    path: '/hunt/saved/:id',
    summary: 'Removes a saved hunt.',
    access: HUNTER,
    params: IdParams,
    reply: null,
    records: 'hunt.delete',
    async run({ services, params }) {
      if (!(await services.store.deleteHunt(params.id)))
        throw new ConsoleError('not_found', 'there is no such saved hunt');
      return null;
    },
  }),
];

function huntOf({ changed_ms: changedMs, picture, ...row }: HuntRow): SavedHunt {
  return { ...row, picture: picture as SavedHunt['picture'], changedMs };
}

/** Records what is asked, then asks it, a few at a time. The query itself may name a patient, so its hash stands for it. */
async function hunting<T>(
  asked: Asked<unknown, unknown, HuntRequest>,
  operation: string,
  work: () => Promise<T>,
): Promise<T> {
  const caller = callerIn(asked);
  await recordLook(
    asked.services,
    { caller, address: asked.address },
    {
      operation,
      activity: 'read',
      outcome: 'success',
      detail: {
        sql_sha256: createHash('sha256').update(asked.body.sql).digest('hex'),
        sees_patients: caller.seesPatients,
      },
    },
  );
  return asked.services.hunting.run(caller.actor.id, work);
}

/** Writes the result to a file of its own, and gives it out as it is read; the file is gone when it was sent. */
async function exported(asked: Asked<unknown, { format: keyof typeof EXPORT_TYPES }, HuntRequest>): Promise<Response> {
  const { services, query, body, request } = asked;
  const folder = await mkdtemp(join(tmpdir(), 'wardkeep-export-'));
  const path = join(folder, `hunt.${query.format}`);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { seesPatients } = callerIn(asked);
    const options = { limit: body.limit ?? HUNT_ROWS_MAX, seesPatients, signal: request.signal, format: query.format };
    await services.archive.exportTo(path, body.sql, options);
    const { size } = await stat(path);
    const file = createReadStream(path);
    file.once('close', () => void remove());
    return new Response(Readable.toWeb(file) as ReadableStream<Uint8Array>, {
      headers: {
        'content-type': EXPORT_TYPES[query.format],
        'content-length': String(size),
        'content-disposition': `attachment; filename="hunt.${query.format}"`,
      },
    });
  } catch (error) {
    await remove();
    throw error;
  }
}
