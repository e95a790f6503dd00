import { REQUEST_RECORDS_MAX } from '../limits.ts';
import { type Exchange, type Protocol, bodyOf, reply, sourceOf, submitted } from './exchange.ts';
import { type Span, concatenatedValues, membersOf } from './json-spans.ts';
import { noteOf } from './hec-notes.ts';
import { HttpProblem } from './problem.ts';
import { isObject, jsonOf, recordsOf } from './records.ts';
import type { LiveIntake, RecordNote } from '../types.ts';

const BASE = '/services/collector';
const CHANNEL = 'x-splunk-request-channel';
/** Acknowledgement ids asked for at once. */
const ACKS_MAX = 10_000;

/** Below it no id was ever given out here: Splunk counts its own from 0, and they say nothing of this ledger. */
const ACK_IDS_FROM = 1e15;
/** Ids of one millisecond of the clock, from which each run counts on. */
const ACK_IDS_PER_MS = 1_000;

/**
 * The next id of each run. Answers come after durability, so that whatever id was given out is acknowledged: a run begins
 * above all ids of earlier runs, and a sender that asks for one of those after a restart is told the truth. (By a clock that
 * was set back it is told `false`, and sends again.)
 */
const nextAckIds = new WeakMap<LiveIntake, number>();

/** The HTTP Event Collector as Splunk has it, with its reply bodies and codes. */
export const hec: Protocol = {
  kind: 'splunk-hec',
  handlerOf(method, path) {
    if (!path.startsWith(BASE)) return null;
    const rest = path.slice(BASE.length).replace(/\/1\.0$/, '');
    if (rest === '/health') return health;
    if (method === 'OPTIONS') return options;
    if (method !== 'POST') return null;
    if (rest === '' || rest === '/' || rest === '/event') return takeEvents;
    if (rest === '/raw') return takeRaw;
    return rest === '/ack' ? acks : null;
  },
  refuse: ({ status, code, message }) => ({ body: { text: message, code: code ?? CODES[status] ?? 8 } }),
};

/** By status, where the problem has no code of its own: token required, invalid token, invalid data, busy. */
const CODES: Readonly<Record<number, number>> = { 400: 6, 401: 2, 403: 4, 408: 6, 413: 6, 415: 6, 422: 6, 503: 9 };

/** Without a token it tells of the collector, with one of the token, too: Vector asks so before it sends. */
async function health({ request, response, intake }: Exchange): Promise<void> {
  if (request.headers.authorization !== undefined && !isOurs({ request, intake }))
    throw new HttpProblem(400, 'Invalid token', 4);
  const { shut } = intake.load();
  if (shut !== null || intake.isFull()) reply(response, 503, { text: 'HEC is unhealthy, queues are full', code: 18 });
  else reply(response, 200, { text: 'HEC is healthy', code: 17 });
}

function isOurs(exchange: Pick<Exchange, 'request' | 'intake'>): boolean {
  try {
    sourceOf(exchange, 'splunk-hec');
    return true;
  } catch (error) {
    if (error instanceof HttpProblem) return false;
    throw error;
  }
}

/** Docker's logging driver asks so whether there is a collector, before it starts a container. */
async function options({ response }: Exchange): Promise<void> {
  response.setHeader('allow', 'POST, OPTIONS');
  reply(response, 200, { text: 'Success', code: 0 });
}

async function takeEvents(exchange: Exchange): Promise<void> {
  const source = sourceOf(exchange, 'splunk-hec');
  const text = (await bodyOf(exchange)).toString('utf8');
  const spans = concatenatedValues(text, REQUEST_RECORDS_MAX + 1);
  if (spans === null) throw new HttpProblem(400, 'Invalid data format', 6);
  if (spans.length > REQUEST_RECORDS_MAX)
    throw new HttpProblem(413, `a request has at most ${REQUEST_RECORDS_MAX} events: send fewer at once`);
  if (spans.length === 0) throw new HttpProblem(400, 'No data', 5);
  const records = spans.map((span) => eventOf(text, span));
  const notes = records.map(({ note }) => note);
  const stated = notes.some((note) => note !== null) ? { notes } : {};
  await submitted(exchange, source, { ...recordsOf(records.map(({ event }) => event)), ...stated });
  succeed(exchange);
}

/** One record a line; what is stated of all of them stands in the query. */
async function takeRaw(exchange: Exchange): Promise<void> {
  const source = sourceOf(exchange, 'splunk-hec');
  const bytes = await bodyOf(exchange);
  if (bytes.length === 0) throw new HttpProblem(400, 'No data', 5);
  const note = noteOf(Object.fromEntries(exchange.query));
  await submitted(exchange, source, { framing: 'lines', bytes, ...(note === null ? {} : { notes: [note] }) });
  succeed(exchange);
}

async function acks(exchange: Exchange): Promise<void> {
  sourceOf(exchange, 'splunk-hec');
  const asked = jsonOf((await bodyOf(exchange)).toString('utf8'));
  const ids = isObject(asked) ? asked['acks'] : null;
  if (!Array.isArray(ids) || ids.length > ACKS_MAX) throw new HttpProblem(400, 'Invalid data format', 6);
  const end = ackIdsTo(exchange);
  const answer = ids.map((id) => [String(id), Number.isSafeInteger(id) && id >= ACK_IDS_FROM && id < end] as const);
  reply(exchange.response, 200, { acks: Object.fromEntries(answer) });
}

function succeed(exchange: Exchange): void {
  const { request, response, query } = exchange;
  const hasChannel = request.headers[CHANNEL] !== undefined || query.has('channel');
  reply(response, 200, { text: 'Success', code: 0, ...(hasChannel ? { ackId: takeAckId(exchange) } : {}) });
}

function ackIdsTo({ clock, intake }: Exchange): number {
  const next = nextAckIds.get(intake) ?? Math.max(ACK_IDS_FROM, clock.nowMs() * ACK_IDS_PER_MS);
  nextAckIds.set(intake, next);
  return next;
}

function takeAckId(exchange: Exchange): number {
  const id = ackIdsTo(exchange);
  nextAckIds.set(exchange.intake, id + 1);
  return id;
}

/** The event inside the envelope, as it was sent (an object's own bytes, a text's content), and what is stated beside it. */
function eventOf(text: string, span: Span): { event: string; note: RecordNote | null } {
  const envelope = jsonOf(text.slice(span.start, span.end));
  if (!isObject(envelope)) throw new HttpProblem(400, 'Invalid data format', 6);
  const { event } = envelope;
  if (event === undefined) throw new HttpProblem(400, 'Event field is required', 12);
  if (event === '' || event === null) throw new HttpProblem(400, 'Event field cannot be blank', 13);
  const note = noteOf(envelope);
  if (typeof event === 'string') return { event: withHeader(event, envelope), note };
  const inner = membersOf(text, span).get('event');
  return { event: inner === undefined ? JSON.stringify(event) : text.slice(inner.start, inner.end), note };
}

/** What begins a text that says by itself when and where it was written. */
const OWN_HEADER = /^(?:<\d|[{[<]|\d{4}[-/]|[A-Z][a-z]{2} [ \d]\d |(?:CEF|LEEF):)/;
const WORD = /^[\x21-\x7e]{1,48}$/;

/** A bare message gets time, host and kind, which the envelope states, as the header that syslog has for them. */
function withHeader(event: string, { time, host, sourcetype }: Record<string, unknown>): string {
  const seconds = Number(time);
  const isDated = time !== undefined && Number.isFinite(seconds) && Math.abs(seconds) < 1e11;
  if (OWN_HEADER.test(event) || !isDated || typeof host !== 'string' || !WORD.test(host)) return event;
  const app = typeof sourcetype === 'string' && WORD.test(sourcetype) ? sourcetype : '-';
  return `<13>1 ${new Date(Math.round(seconds * 1000)).toISOString()} ${host} ${app} - - - ${event}`;
}
