import { REQUEST_RECORDS_MAX } from '../limits.ts';
import { type Exchange, type Protocol, bodyOf, reply, sourceOf, submitted } from './exchange.ts';
import { type Span, elementsOf, membersOf } from './json-spans.ts';
import { HttpProblem } from './problem.ts';
import { isObject, jsonOf, recordsOf } from './records.ts';

const FHIR_JSON = 'application/fhir+json';
const UPDATE = /^\/fhir\/AuditEvent\/[A-Za-z0-9.-]{1,64}$/;

/** FHIR's `create` of an AuditEvent, and batches and transactions of them; R4 and R5. */
export const fhir: Protocol = {
  kind: 'fhir-auditevent',
  handlerOf(method, path) {
    if (path === '/fhir/metadata' && method === 'GET') return metadata;
    // An R4 subscription with a payload sends each resource as an update (FHIR R4, Subscription, rest-hook).
    if (method === 'PUT' && UPDATE.test(path)) return create;
    if (method !== 'POST') return null;
    if (path === '/fhir/AuditEvent') return create;
    return path === '/fhir' || path === '/fhir/' ? bundle : null;
  },
  refuse: ({ status, message }) => ({ body: outcome(ISSUES[status] ?? 'exception', message), contentType: FHIR_JSON }),
};

const ISSUES: Readonly<Record<number, string>> = {
  400: 'structure',
  401: 'login',
  403: 'forbidden',
  408: 'timeout',
  413: 'too-long',
  415: 'not-supported',
  422: 'invalid',
  503: 'transient',
};

function outcome(code: string, diagnostics: string, severity = 'error') {
  return { resourceType: 'OperationOutcome', issue: [{ severity, code, diagnostics }] };
}

async function metadata({ response, clock }: Exchange): Promise<void> {
  const statement = {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(clock.nowMs()).toISOString(),
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['json'],
    rest: [
      {
        mode: 'server',
        resource: [{ type: 'AuditEvent', interaction: [{ code: 'create' }] }],
        interaction: [{ code: 'batch' }, { code: 'transaction' }],
      },
    ],
  };
  reply(response, 200, statement, FHIR_JSON);
}

async function create(exchange: Exchange): Promise<void> {
  const source = sourceOf(exchange, 'fhir-auditevent');
  const { text, value } = await jsonBody(exchange);
  if (value['resourceType'] !== 'AuditEvent') throw new HttpProblem(422, 'the resource is no AuditEvent');
  const { firstIndex, rejected } = await submitted(exchange, source, recordsOf([text]));
  exchange.response.setHeader('location', `/fhir/AuditEvent/${firstIndex ?? 0}`);
  const kept = rejected > 0 ? 'kept as it came; it could not be understood' : 'kept';
  reply(exchange.response, 201, outcome('informational', kept, 'information'), FHIR_JSON);
}

async function bundle(exchange: Exchange): Promise<void> {
  const source = sourceOf(exchange, 'fhir-auditevent');
  const { text, value } = await jsonBody(exchange);
  const { resourceType, type, entry } = value;
  if (resourceType !== 'Bundle' || (type !== 'batch' && type !== 'transaction'))
    throw new HttpProblem(422, 'the resource is no Bundle of type batch or transaction');
  if (!Array.isArray(entry) || entry.length === 0) throw new HttpProblem(400, 'the Bundle has no entries');
  if (entry.length > REQUEST_RECORDS_MAX)
    throw new HttpProblem(413, `a Bundle has at most ${REQUEST_RECORDS_MAX} entries`);
  const audits = entry.map(
    (one: unknown) => isObject(one) && isObject(one['resource']) && one['resource']['resourceType'] === 'AuditEvent',
  );
  if (type === 'transaction' && audits.includes(false))
    throw new HttpProblem(422, 'an entry of the transaction is no AuditEvent; nothing of it was kept');
  const texts = resourcesOf(text).filter((_, n) => audits[n] === true);
  const { firstIndex } = await submitted(exchange, source, recordsOf(texts.map((one) => one ?? '')));
  let index = firstIndex ?? 0;
  const entries = audits.map((isAudit) => ({ response: isAudit ? created(index++) : refused() }));
  reply(exchange.response, 200, { resourceType: 'Bundle', type: `${type}-response`, entry: entries }, FHIR_JSON);
}

function created(index: number) {
  return { status: '201 Created', location: `AuditEvent/${index}` };
}

function refused() {
  return { status: '422 Unprocessable Entity', outcome: outcome('not-supported', 'only AuditEvents are taken') };
}

async function jsonBody(exchange: Exchange): Promise<{ text: string; value: Record<string, unknown> }> {
  const text = (await bodyOf(exchange)).toString('utf8');
  const value = jsonOf(text);
  if (!isObject(value)) throw new HttpProblem(400, 'the body is no JSON object');
  return { text, value };
}

/** The resource of each entry as it was sent; null where there is none. */
function resourcesOf(text: string): (string | null)[] {
  const slice = ({ start, end }: Span): string => text.slice(start, end);
  const entries = membersOf(text, { start: text.indexOf('{'), end: text.lastIndexOf('}') + 1 }).get('entry');
  if (entries === undefined) return [];
  return elementsOf(text, entries).map((entry) => {
    if (text.charAt(entry.start) !== '{') return null;
    const resource = membersOf(text, entry).get('resource');
    return resource === undefined ? null : slice(resource);
  });
}
