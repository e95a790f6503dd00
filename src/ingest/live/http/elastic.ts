import { REQUEST_RECORDS_MAX } from '../limits.ts';
import { type Exchange, type Protocol, bodyOf, reply, sourceOf, submitted } from './exchange.ts';
import { HttpProblem } from './problem.ts';
import { isObject, jsonOf, recordsOf } from './records.ts';

/** The version that senders are told: one whose bulk interface this is. */
const VERSION = '8.17.0';
const JSON_TYPE = 'application/json';
/** Elastic's own clients talk only to what says that it is Elasticsearch. */
const PRODUCT = { 'x-elastic-product': 'Elasticsearch' };
/** What senders set up before they send; nothing here needs it, so it is taken and forgotten. */
const SET_UP =
  /^\/(?:_ilm|_index_template|_component_template|_template|_ingest|_data_stream|_lifecycle|_slm|_xpack|_alias)(?:\/|$)/;
const BULK = /^\/(?:([^/_][^/]{0,255})\/)?_bulk\/?$/;
const INDEX = /^\/[^/_][^/]{0,255}$/;

/**
 * What is sent again once it is mended. rsyslog's omelasticsearch, which names no user agent, throws away whatever got an
 * answer without items, of any status; a connection that is closed it takes for an outage: it keeps what it has, and waits.
 */
const SENT_AGAIN: ReadonlySet<number> = new Set([401, 403, 500, 503]);

/** As much of Elasticsearch as Beats, Fluent Bit, Vector and Logstash need to send. */
export const elastic: Protocol = {
  kind: 'elastic-bulk',
  handlerOf(method, path) {
    const isRead = method === 'GET' || method === 'HEAD';
    if (path === '/' && isRead) return about;
    if (BULK.test(path) && (method === 'POST' || method === 'PUT')) return bulk;
    if ((path === '/_license' || path === '/_xpack/license') && isRead) return license;
    if (path === '/_cluster/health' && isRead) return clusterHealth;
    if (path === '/_cat/health' && isRead) return catHealth;
    if (SET_UP.test(path)) return setUp;
    return method === 'HEAD' && INDEX.test(path) ? setUp : null;
  },
  refuse({ status: own, message }, { headers }) {
    // Elasticsearch has no 408: Vector and others throw away what was answered with it, and send again after a 503.
    const status = own === 408 ? 503 : own;
    const isHungUp = headers['user-agent'] === undefined && SENT_AGAIN.has(status);
    const error = { type: TYPES[status] ?? 'exception', reason: message };
    return { status, body: { error, status }, headers: PRODUCT, isHungUp };
  },
};

const TYPES: Readonly<Record<number, string>> = {
  400: 'illegal_argument_exception',
  401: 'security_exception',
  403: 'security_exception',
  413: 'content_too_long_exception',
  503: 'es_rejected_execution_exception',
};

async function about(exchange: Exchange): Promise<void> {
  answer(exchange, {
    name: 'wardkeep',
    cluster_name: 'wardkeep',
    cluster_uuid: 'd2FyZGtlZXAtaW50YWtlMA',
    version: {
      number: VERSION,
      build_flavor: 'default',
      build_type: 'tar',
      build_hash: '0',
      build_date: '2024-12-11T12:08:05.663969764Z',
      build_snapshot: false,
      lucene_version: '9.12.0',
      minimum_wire_compatibility_version: '7.17.0',
      minimum_index_compatibility_version: '7.0.0',
    },
    tagline: 'You Know, for Search',
  });
}

async function license(exchange: Exchange): Promise<void> {
  const uid = '00000000-0000-4000-8000-000000000000';
  answer(exchange, { license: { status: 'active', uid, type: 'basic', mode: 'basic', issued_to: 'wardkeep' } });
}

async function clusterHealth(exchange: Exchange): Promise<void> {
  const status = exchange.intake.load().shut === null ? 'green' : 'red';
  answer(exchange, { cluster_name: 'wardkeep', status, timed_out: false, number_of_nodes: 1 });
}

/** One line of columns (epoch, time, cluster, status, nodes), as rsyslog asks for it before it sends. */
async function catHealth({ request, response, intake, clock }: Exchange): Promise<void> {
  sourceOf({ request, intake }, 'elastic-bulk');
  const now = new Date(clock.nowMs()).toISOString();
  const status = intake.load().shut === null ? 'green' : 'red';
  response.setHeader('x-elastic-product', PRODUCT['x-elastic-product']);
  reply(
    response,
    200,
    `${Math.floor(clock.nowMs() / 1000)} ${now.slice(11, 19)} wardkeep ${status} 1 1\n`,
    'text/plain',
  );
}

async function setUp(exchange: Exchange): Promise<void> {
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') await bodyOf(exchange);
  answer(exchange, method === 'GET' || method === 'HEAD' ? {} : { acknowledged: true });
}

function answer({ request, response, intake }: Exchange, body: unknown): void {
  sourceOf({ request, intake }, 'elastic-bulk');
  response.setHeader('x-elastic-product', PRODUCT['x-elastic-product']);
  reply(response, 200, body, JSON_TYPE);
}

interface BulkItem {
  action: 'index' | 'create' | 'update' | 'delete';
  index: string;
  id: string | null;
  /** Null for what is not taken. */
  document: string | null;
}

/**
 * Fluent Bit reads 512,000 bytes of an answer (`Buffer_Size`), takes a longer one for a failure, and sends all of it again,
 * and again; of items it looks only where `errors` is set.
 */
const READS_LITTLE = /^fluent-?bit/i;

async function bulk(exchange: Exchange): Promise<void> {
  const source = sourceOf(exchange, 'elastic-bulk');
  const text = (await bodyOf(exchange)).toString('utf8');
  const items = bulkItems(text, BULK.exec(exchange.path)?.[1] ?? 'wardkeep');
  const documents = items.flatMap(({ document }) => document ?? []);
  const started = exchange.clock.nowMs();
  const { firstIndex } = await submitted(exchange, source, recordsOf(documents));
  const isShort = exchange.query.get('filter_path') !== null;
  let index = firstIndex ?? 0;
  const errors = items.some(({ document }) => document === null);
  const readsLittle = READS_LITTLE.test(exchange.request.headers['user-agent'] ?? '');
  const told = readsLittle && !errors ? [] : items;
  const results = told.map((item) => {
    const result = item.document === null ? refusedItem(item) : takenItem(item, index++, isShort);
    return { [item.action]: result };
  });
  exchange.response.setHeader('x-elastic-product', PRODUCT['x-elastic-product']);
  const took = exchange.clock.nowMs() - started;
  reply(exchange.response, 200, isShort ? { errors, items: results } : { took, errors, items: results });
}

/** @throws {HttpProblem} 400 where a line is no action, as Elasticsearch says it: nothing of the request is taken. */
function bulkItems(text: string, defaultIndex: string): BulkItem[] {
  const lines = text.split('\n');
  const items: BulkItem[] = [];
  for (let n = 0; n < lines.length; n += 1) {
    const line = lines[n]?.trim() ?? '';
    if (line === '') continue;
    const { action, index, id } = actionOf(line, n + 1);
    if (action === 'delete') {
      items.push({ action, index: index ?? defaultIndex, id, document: null });
      continue;
    }
    n += 1;
    const document = lines[n]?.trim() ?? '';
    if (document === '') throw new HttpProblem(400, `The bulk request must have a document behind line ${n}`);
    items.push({ action, index: index ?? defaultIndex, id, document: action === 'update' ? null : document });
    if (items.length > REQUEST_RECORDS_MAX)
      throw new HttpProblem(413, `a bulk request has at most ${REQUEST_RECORDS_MAX} items`);
  }
  if (items.length === 0) throw new HttpProblem(400, 'request body is required');
  return items;
}

function actionOf(
  line: string,
  number: number,
): { action: BulkItem['action']; index: string | null; id: string | null } {
  const value = jsonOf(line);
  const [entry, ...others] = isObject(value) ? Object.entries(value) : [];
  const [action, meta] = entry ?? [];
  const isAction = action === 'index' || action === 'create' || action === 'update' || action === 'delete';
  if (!isAction || others.length > 0 || !isObject(meta))
    throw new HttpProblem(400, `Malformed action/metadata line [${number}]`);
  const { _index: index, _id: id } = meta;
  return { action, index: typeof index === 'string' ? index : null, id: typeof id === 'string' ? id : null };
}

function takenItem({ index: _index, id }: BulkItem, entry: number, isShort: boolean): Record<string, unknown> {
  if (isShort) return { status: 201 };
  return {
    _index,
    _id: id ?? `wardkeep-${entry}`,
    _version: 1,
    result: 'created',
    _shards: { total: 1, successful: 1, failed: 0 },
    _seq_no: entry,
    _primary_term: 1,
    status: 201,
  };
}

/** A ledger neither changes nor forgets. */
function refusedItem({ action, index: _index, id: _id }: BulkItem): Record<string, unknown> {
  const reason = `events are only added here: ${action} is not possible`;
  return { _index, _id, status: 400, error: { type: 'illegal_argument_exception', reason } };
}
