import { z } from 'zod';
import type { LiveSourceStatus, SourceKind } from '#ingest/live';
import type { Language } from '#respond/incidents';
import type { SourceDetail, SourceStatus } from '../api.ts';
import { ConsoleError } from '../errors.ts';
import { languageOf } from '../language.ts';
import { IdParams } from '../query.ts';
import { type Route, route } from '../route.ts';
import {
  SourceChangeSchema,
  SourceCreateSchema,
  SourceDetailSchema,
  SourceSecretSchema,
  SourceStatusSchema,
} from '../schemas/sources.ts';
import type { Services } from '../services.ts';
import { consoleWordsIn, phraseIn } from '../words/words.ts';

const READER = { right: 'read', scope: 'read' } as const;
const ADMINISTRATOR = { right: 'administer', scope: 'administer' } as const;

/** Those that can be made here; watched files are named in the configuration. */
const KINDS: readonly SourceKind[] = [
  'syslog',
  'ndjson',
  'splunk-hec',
  'elastic-bulk',
  'fhir-auditevent',
  'atna',
  'mllp',
];

export const SOURCE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/sources',
    summary: 'All systems that send to us, and how they do.',
    access: READER,
    reply: z.array(SourceStatusSchema),
    run: async ({ services, request }) => services.intake.sources().map((one) => statusOf(one, languageOf(request))),
  }),
  route({
    method: 'GET',
    path: '/sources/:id',
    summary: 'One system: rates, gaps, what could not be read, and how to set its sender up.',
    access: READER,
    params: IdParams,
    reply: SourceDetailSchema,
    run: async ({ services, params, request }) => detailOf(services, params.id, request),
  }),
  route({
    method: 'POST',
    path: '/sources',
    summary: 'A new source; its token is shown once.',
    access: ADMINISTRATOR,
    body: SourceCreateSchema,
    reply: SourceSecretSchema,
    status: 201,
    records: 'source.create',
    async run({ services, body, request }) {
      const { name, format = 'auto', zone = null, silentAfterMs = null } = body;
      const kind = KINDS.find((one) => one === body.kind);
      if (kind === undefined)
        throw new ConsoleError('invalid', 'the body: kind: is none that is known', {
          advice: `one of ${KINDS.join(', ')}`,
        });
      const { source, token } = await services.intake.createSource({ name, kind, format, zone, silentAfterMs });
      return { source: detailOf(services, source.id, request), token };
    },
  }),
  route({
    method: 'PATCH',
    path: '/sources/:id',
    summary: 'Changes name, format, zone, or after how long it counts as silent.',
    access: ADMINISTRATOR,
    params: IdParams,
    body: SourceChangeSchema,
    reply: SourceDetailSchema,
    records: 'source.change',
    async run({ services, params, body, request }) {
      await services.intake.changeSource(params.id, body);
      return detailOf(services, params.id, request);
    },
  }),
  route({
    method: 'DELETE',
    path: '/sources/:id',
    summary: 'Removes a source; what it sent stays.',
    access: ADMINISTRATOR,
    params: IdParams,
    reply: null,
    records: 'source.delete',
    async run({ services, params }) {
      await services.intake.removeSource(params.id);
      return null;
    },
  }),
  route({
    method: 'POST',
    path: '/sources/:id/token',
    summary: 'A new token; the old one ends.',
    access: ADMINISTRATOR,
    params: IdParams,
    reply: SourceSecretSchema,
    records: 'source.renew-token',
    async run({ services, params, request }) {
      const token = await services.intake.renewToken(params.id);
      return { source: detailOf(services, params.id, request), token };
    },
  }),
];

function statusOf(status: LiveSourceStatus, language: Language): SourceStatus {
  const { source, health, lastEventMs, events, rejected, rate, gaps, lost } = status;
  const { id, name, kind, format } = source;
  const problem = status.problem === null ? null : phraseIn(status.problem, consoleWordsIn(language));
  // `events` counts all records that were kept, the ones that could not be read among them.
  const parseShare = events === 0 ? null : Math.min(1, Math.max(0, (events - rejected) / events));
  return { id, name, kind, format, health, problem, lastEventMs, events, rejected, rate, parseShare, gaps, lost };
}

/** @throws {ConsoleError} `not_found` */
function detailOf({ intake, snippets }: Services, id: string, request: Request): SourceDetail {
  const status = intake.source(id);
  if (status === null) throw new ConsoleError('not_found', 'there is no such source');
  const { source, createdMs, clockOffsetS, rejects, rates } = status;
  return {
    ...statusOf(status, languageOf(request)),
    zone: source.zone,
    silentAfterMs: source.silentAfterMs,
    createdMs,
    clockOffsetS,
    rejects: Object.entries(rejects).map(([code, count]) => ({ code, count })),
    rates: [...rates],
    snippets: snippets(source),
  };
}
