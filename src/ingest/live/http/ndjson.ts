import { type Exchange, type Protocol, bodyOf, reply, sourceOf, submitted } from './exchange.ts';

const OPENING_BRACKET = 0x5b;

/** `POST /ingest/ndjson`: one record a line, or one JSON array; answered when all of it is durable. */
export const ndjson: Protocol = {
  kind: 'ndjson',
  handlerOf: (method, path) => (method === 'POST' && path === '/ingest/ndjson' ? take : null),
  refuse: ({ message }) => ({ body: { error: message } }),
};

async function take(exchange: Exchange): Promise<void> {
  const source = sourceOf(exchange, 'ndjson');
  const bytes = await bodyOf(exchange);
  const framing = isArray(bytes) ? 'format' : 'lines';
  reply(exchange.response, 200, await submitted(exchange, source, { framing, bytes }));
}

function isArray(bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at += 1;
  return bytes[at] === OPENING_BRACKET;
}
