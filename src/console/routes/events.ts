import { z } from 'zod';
import type { EventQuery, EventRow } from '#archive';
import { PARTS, type Part, type StoredEntry } from '#ledger';
import { recordLook } from '../acts.ts';
import type { EventDetail, Incident } from '../api.ts';
import { ConsoleError } from '../errors.ts';
import { mayConcernPatient, rowMayConcernPatient, rowShown, summaryOfEvent } from '../event-shown.ts';
import { IndexParams, Limit, Whole, Words } from '../query.ts';
import { type Asked, type Route, callerIn, route } from '../route.ts';
import { EventDetailSchema, EventSummarySchema, ReceiptWithOpeningsSchema } from '../schemas/events.ts';
import { pageOf } from '../schemas/schema.ts';
import type { Services } from '../services.ts';
import { findingShown, incidentOf } from './incidents.ts';

const READER = { right: 'read', scope: 'read' } as const;
/** Findings shown with an event. */
const FINDINGS_MAX = 50;

const EventsQuery = z.strictObject({
  since: Whole.exactOptional(),
  until: Whole.exactOptional(),
  class: Whole.exactOptional(),
  user: Words.exactOptional(),
  patient: Words.exactOptional(),
  ip: Words.exactOptional(),
  device: Words.exactOptional(),
  source: Words.exactOptional(),
  severity: z.enum(['1', '2', '3', '4', '5', '6']).transform(Number).exactOptional(),
  outcome: z.enum(['success', 'failure']).exactOptional(),
  incident: Words.exactOptional(),
  text: Words.exactOptional(),
  before: Whole.exactOptional(),
  limit: Limit,
});
type EventsQuery = z.output<typeof EventsQuery>;

export const EVENT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/events',
    summary:
      'Events, newest first, by time, class, user, patient, address, device, source, outcome, least OCSF severity, words, or as the evidence of an incident.',
    access: READER,
    query: EventsQuery,
    reply: pageOf(EventSummarySchema),
    run: (asked) => search(asked),
  }),
  route({
    method: 'GET',
    path: '/events/:index',
    summary: 'An event: as stored, as received, and the findings that rest on it.',
    access: READER,
    params: IndexParams,
    reply: EventDetailSchema,
    run: (asked) => detail(asked),
  }),
  route({
    method: 'GET',
    path: '/events/:index/receipt',
    summary: 'The receipt of an event, a C2SP tlog-proof; with `open`, JSON that holds the opened parts, too.',
    access: READER,
    params: IndexParams,
    query: z.strictObject({
      open: z
        .string()
        .regex(/^(?:normal|raw|patient)(?:,(?:normal|raw|patient)){0,2}$/, 'normal, raw, patient with commas')
        .exactOptional(),
      compact: z.literal('1').exactOptional(),
    }),
    reply: ReceiptWithOpeningsSchema,
    run: (asked) => receipt(asked),
  }),
];

async function search(asked: Asked<unknown, EventsQuery, unknown>) {
  const { services, query } = asked;
  const caller = callerIn(asked);
  if (query.patient !== undefined && !caller.seesPatients)
    throw new ConsoleError('forbidden', 'this account may not look for patients', {
      advice: 'it needs the right "see-patients": ask an administrator',
    });
  await recordLook(services, { caller, address: asked.address }, searchAct(query));
  const rows = await services.archive.events(await archiveQuery(services, query));
  // Words that are found in what is hidden would tell what stands there.
  const shown =
    caller.seesPatients || query.text === undefined ? rows : rows.filter((row) => !rowMayConcernPatient(row));
  const last = rows.length < query.limit ? undefined : rows.at(-1);
  return {
    items: shown.map((row) => rowShown(services, caller, row)),
    next: last === undefined ? null : String(last.index),
  };
}

/** The archive's question for a request; an incident stands for the events that its findings rest on. */
async function archiveQuery(services: Services, query: EventsQuery): Promise<EventQuery> {
  const { since, until, class: classUid, source, severity, incident, ...rest } = query;
  return {
    ...rest,
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
    ...(classUid === undefined ? {} : { classUid }),
    ...(source === undefined ? {} : { sourceId: source }),
    ...(severity === undefined ? {} : { severityMin: severity }),
    ...(incident === undefined ? {} : { indexes: evidenceOf(await incidentOf(services, incident)) }),
  };
}

function evidenceOf({ timeline }: Incident): number[] {
  return [...new Set(timeline.flatMap(({ events }) => events))];
}

/** What was searched by, and for whom; words that were looked for stay out. */
function searchAct(query: EventsQuery) {
  const by = Object.keys(query).filter((name) => name !== 'limit' && name !== 'before');
  return {
    operation: 'event.search',
    activity: 'read' as const,
    outcome: 'success' as const,
    detail: { by },
    patient: query.patient === undefined ? undefined : { uid: query.patient },
  };
}

async function detail(asked: Asked<{ index: number }, unknown, unknown>): Promise<EventDetail> {
  const { services, params } = asked;
  const caller = callerIn(asked);
  const { entry, event } = await entryOf(services, params.index);
  await recordView(asked, event, 'event.view');
  const { items } = await services.incidents.findings({ event: params.index, limit: FINDINGS_MAX });
  const row = await rowOf(services, entry, event);
  const mayConcern = event !== null && mayConcernPatient(event);
  const isHidden = mayConcern && !caller.seesPatients;
  return {
    ...rowShown(services, caller, row, mayConcern),
    state: entry.state,
    event: isHidden ? null : event,
    raw: isHidden ? null : rawOf(entry.raw),
    findings: items.map((one) => findingShown(services, caller, one)),
  };
}

async function receipt(asked: Asked<{ index: number }, { open?: string; compact?: '1' }, unknown>) {
  const { services, params, query } = asked;
  const open = PARTS.filter((part: Part) => query.open?.split(',').includes(part) === true);
  if (open.length > 0) {
    const { event } = await entryOf(services, params.index);
    if (event !== null && mayConcernPatient(event) && !callerIn(asked).seesPatients)
      throw new ConsoleError('forbidden', 'this account may not open an event that may concern a patient', {
        advice: 'the receipt without opened parts is for everybody',
      });
    await recordView(asked, event, 'event.open');
  }
  const { proof, openings } = await services.ledger.prove(params.index, { open, compact: query.compact === '1' });
  if (open.length > 0) return { receipt: proof, openings };
  return new Response(proof, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="event-${params.index}.tlog-proof"`,
    },
  });
}

type OcsfObject = Readonly<Record<string, unknown>>;

/** @throws {ConsoleError} `not_found` */
async function entryOf({ ledger }: Services, index: number): Promise<{ entry: StoredEntry; event: OcsfObject | null }> {
  const entry = await ledger.entry(index);
  if (entry === null) throw new ConsoleError('not_found', 'the ledger has no event of this index');
  const event =
    entry.state === 'present' ? (JSON.parse(Buffer.from(entry.normal).toString('utf8')) as OcsfObject) : null;
  return { entry, event };
}

/** The archive's row of an entry, so that lists and pages say the same; else one out of the event. */
async function rowOf({ archive }: Services, entry: StoredEntry, event: OcsfObject | null): Promise<EventRow> {
  const { index, receivedMs, classUid } = entry;
  // The body is gone, so nothing that was derived from it may be shown either.
  if (event === null)
    return { ...summaryOfEvent(index, receivedMs, { class_uid: classUid }), text: `The body is ${entry.state}` };
  const [row] = await archive.events({ before: index + 1, limit: 1 });
  return row?.index === index ? row : summaryOfEvent(index, receivedMs, event);
}

async function recordView(
  asked: Asked<{ index: number }, unknown, unknown>,
  event: OcsfObject | null,
  operation: string,
) {
  const caller = callerIn(asked);
  await recordLook(
    asked.services,
    { caller, address: asked.address },
    {
      operation,
      activity: 'read',
      outcome: 'success',
      resource: { type: 'event', uid: String(asked.params.index) },
      patient: caller.seesPatients ? patientIn(event) : undefined,
    },
  );
}

/** Whom an event is about, as the event names them. */
function patientIn(event: OcsfObject | null): Record<string, unknown> | undefined {
  const patient = event?.['patient'];
  if (typeof patient !== 'object' || patient === null) return undefined;
  const { uid, hash } = patient as Record<string, unknown>;
  const named = { ...(typeof uid === 'string' ? { uid } : {}), ...(typeof hash === 'string' ? { hash } : {}) };
  return Object.keys(named).length === 0 ? undefined : named;
}

/** As received: text where it is UTF-8, else base64. */
function rawOf(raw: Uint8Array): EventDetail['raw'] {
  if (raw.length === 0) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw), base64: null };
  } catch {
    return { text: null, base64: Buffer.from(raw).toString('base64') };
  }
}
