import { z } from 'zod';
import { FINDING_KEYS, INCIDENT_KEYS, type KeptFinding, type Language } from '#respond/incidents';
import type { Incident, SuppressRequest } from '../api.ts';
import type { Caller } from '../caller.ts';
import { ConsoleError } from '../errors.ts';
import { languageOf } from '../language.ts';
import { Cursor, IdParams, Limit, Whole, Words, sortBy } from '../query.ts';
import { type Asked, type Route, callerIn, route } from '../route.ts';
import { LevelSchema } from '../schemas/common.ts';
import {
  FindingSummarySchema,
  IncidentChangeSchema,
  IncidentSchema,
  IncidentSummarySchema,
  MergeSchema,
  NoteSchema,
  SplitSchema,
  SuppressPreviewSchema,
  SuppressRequestSchema,
  SuppressionSchema,
} from '../schemas/incidents.ts';
import { pageOf } from '../schemas/schema.ts';
import type { Services } from '../services.ts';
import { patientsOf, plainFinding } from '../veil.ts';

const READER = { right: 'read', scope: 'read' } as const;
const RESPONDER = { right: 'respond', scope: 'respond' } as const;

export const INCIDENT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/incidents',
    summary:
      'Incidents, newest first or by `sort` (`-severity`: the worst first); `state=unclosed` gives all that are not closed.',
    access: READER,
    query: z.strictObject({
      state: z.enum(['new', 'open', 'contained', 'closed', 'unclosed']).exactOptional(),
      severity: LevelSchema.exactOptional(),
      assignee: Words.exactOptional(),
      q: Words.exactOptional(),
      sort: sortBy(INCIDENT_KEYS),
      before: Cursor,
      limit: Limit,
    }),
    reply: pageOf(IncidentSummarySchema),
    async run(asked) {
      const { items, next } = await asked.services.incidents.list(asked.query);
      return { items: items.map((item) => shownTo(asked, item)), next };
    },
  }),
  route({
    method: 'GET',
    path: '/incidents/:id',
    summary: 'An incident: its account, what to do, its timeline with the events it rests on.',
    access: READER,
    params: IdParams,
    reply: IncidentSchema,
    run: async (asked) => shownTo(asked, await incidentOf(asked.services, asked.params.id, languageOf(asked.request))),
  }),
  route({
    method: 'PATCH',
    path: '/incidents/:id',
    summary: 'Changes state, verdict, assignee, severity or title.',
    access: RESPONDER,
    records: 'incident.change',
    params: IdParams,
    body: IncidentChangeSchema,
    reply: IncidentSchema,
    run: (asked) => changing(asked, ({ incidents }, id, by) => incidents.change(id, asked.body, by)),
  }),
  route({
    method: 'POST',
    path: '/incidents/:id/notes',
    summary: 'Adds a note.',
    access: RESPONDER,
    records: 'incident.note',
    params: IdParams,
    body: NoteSchema,
    reply: IncidentSchema,
    run: (asked) => changing(asked, ({ incidents }, id, by) => incidents.note(id, asked.body.text, by)),
  }),
  route({
    method: 'POST',
    path: '/incidents/:id/merge',
    summary: 'Takes other incidents into this one.',
    access: RESPONDER,
    records: 'incident.merge',
    params: IdParams,
    body: MergeSchema,
    reply: IncidentSchema,
    run: (asked) => changing(asked, ({ incidents }, id, by) => incidents.merge(id, asked.body.ids, by)),
  }),
  route({
    method: 'POST',
    path: '/incidents/:id/split',
    summary: 'Takes findings (by their indexes in the ledger) out into a new incident, which is the answer.',
    access: RESPONDER,
    records: 'incident.split',
    params: IdParams,
    body: SplitSchema,
    reply: IncidentSchema,
    run: (asked) => changing(asked, ({ incidents }, id, by) => incidents.split(id, asked.body.findings, by)),
  }),
  route({
    method: 'POST',
    path: '/incidents/:id/suppress/preview',
    summary: 'What a suppression would have hidden in the last 30 days.',
    access: RESPONDER,
    params: IdParams,
    body: SuppressRequestSchema,
    reply: SuppressPreviewSchema,
    async run(asked) {
      const { services, params } = asked;
      const incident = await incidentOf(services, params.id);
      const { examples, ...figures } = await services.incidents.suppressPreview(params.id, lifted(asked, incident));
      return { ...figures, examples: examples.map((one) => findingShown(services, callerIn(asked), one)) };
    },
  }),
  route({
    method: 'POST',
    path: '/incidents/:id/suppress',
    summary: 'Hides findings of a rule where these entities take part, until a day.',
    access: RESPONDER,
    records: 'incident.suppress',
    params: IdParams,
    body: SuppressRequestSchema,
    reply: SuppressionSchema,
    status: 201,
    async run(asked) {
      const { services, params } = asked;
      const caller = callerIn(asked);
      const incident = await incidentOf(services, params.id);
      const made = await services.incidents.suppress(params.id, lifted(asked, incident), caller.actor.name);
      return caller.seesPatients ? made : services.veil.suppression(made);
    },
  }),
  route({
    method: 'GET',
    path: '/suppressions',
    summary: 'Suppressions that are in force.',
    access: READER,
    reply: z.array(SuppressionSchema),
    async run(asked) {
      const all = await asked.services.incidents.suppressions();
      return callerIn(asked).seesPatients ? all : all.map((one) => asked.services.veil.suppression(one));
    },
  }),
  route({
    method: 'DELETE',
    path: '/suppressions/:id',
    summary: 'Ends a suppression.',
    access: RESPONDER,
    records: 'suppression.delete',
    params: IdParams,
    reply: null,
    async run(asked) {
      await asked.services.incidents.unsuppress(asked.params.id, callerIn(asked).actor.name);
      return null;
    },
  }),
  route({
    method: 'GET',
    path: '/findings',
    summary: 'Findings, newest first or by `sort` (`at` is event time).',
    access: READER,
    query: z.strictObject({
      rule: Words.exactOptional(),
      level: LevelSchema.exactOptional(),
      since: Whole.exactOptional(),
      until: Whole.exactOptional(),
      incident: Words.exactOptional(),
      sort: sortBy(FINDING_KEYS),
      before: Cursor,
      limit: Limit,
    }),
    reply: pageOf(FindingSummarySchema),
    async run(asked) {
      const { since: sinceMs, until: untilMs, ...rest } = asked.query;
      const times = { ...(sinceMs === undefined ? {} : { sinceMs }), ...(untilMs === undefined ? {} : { untilMs }) };
      const { items, next } = await asked.services.incidents.findings({ ...rest, ...times });
      return { items: items.map((one) => findingShown(asked.services, callerIn(asked), one)), next };
    },
  }),
];

/** A finding as this caller may see it. */
export function findingShown({ veil }: Services, caller: Caller, finding: KeptFinding) {
  return caller.seesPatients ? plainFinding(finding) : veil.finding(finding);
}

/** @throws {ConsoleError} `not_found` */
export async function incidentOf({ incidents }: Services, id: string, language?: Language): Promise<Incident> {
  const incident = await incidents.get(id, language);
  if (incident !== null) return incident;
  throw new ConsoleError('not_found', 'there is no such incident', { advice: 'it may have been merged into another' });
}

async function changing(
  asked: Asked<{ id: string }, unknown, unknown>,
  work: (services: Services, id: string, by: string) => Promise<Incident>,
): Promise<Incident> {
  const { services, params, request } = asked;
  const incident = await work(services, params.id, callerIn(asked).actor.name);
  const language = languageOf(request);
  return shownTo(asked, language === 'en' ? incident : await incidentOf(services, incident.id, language));
}

function shownTo<T extends Parameters<Services['veil']['incident']>[0]>(
  asked: Pick<Asked<unknown, unknown, unknown>, 'caller' | 'services'>,
  incident: T,
): T {
  return callerIn(asked).seesPatients ? incident : asked.services.veil.incident(incident);
}

/** A request that names patients by their stand-ins, with their names. */
function lifted({ services, body }: Asked<unknown, unknown, SuppressRequest>, incident: Incident): SuppressRequest {
  const patients = patientsOf(incident);
  const entities = body.entities.map(({ kind, name }) => ({
    kind,
    name: kind === 'patient' ? services.veil.lift(name, patients) : name,
  }));
  return { ...body, entities };
}
