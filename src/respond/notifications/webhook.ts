import { createHmac } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { NotificationsError } from './errors.ts';
import { ANSWER_BYTES_MAX, SEND_MS_MAX } from './limits.ts';
import { type TargetOptions, checkedLookup, webhookUrl } from './target.ts';
import { type TextOptions, harmless, incidentUrl } from './texts.ts';
import type { Message, NotifiedIncident } from './types.ts';

export interface Delivery extends TargetOptions {
  url: string;
  /** Key of the signature; null sends without one. */
  secret: string | null;
  /** JSON. */
  body: string;
  /** Stays the same when the message is sent again. */
  id: string;
  nowMs: number;
}

/**
 * Posts a message. It is signed in the header `wardkeep-signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA-256 of
 * `SECONDS.BODY` under the secret. Redirects are not followed, and the answer is not looked at.
 * @throws {NotificationsError} `not_set_up`, `unreachable`, `refused`
 */
export async function postWebhook(delivery: Delivery): Promise<void> {
  const url = webhookUrl(delivery.url, delivery);
  const status = await statusOf(url, delivery);
  if (status >= 200 && status < 300) return;
  const isRedirect = status >= 300 && status < 400;
  throw new NotificationsError('refused', `the webhook answers with status ${status}`, {
    advice: isRedirect ? 'redirects are not followed: set the final address' : 'look into the log of the receiver',
  });
}

function statusOf(url: URL, delivery: Delivery): Promise<number> {
  const body = Buffer.from(delivery.body);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(SEND_MS_MAX);
  return new Promise((resolve, reject) => {
    const request: ClientRequest = send(url, {
      method: 'POST',
      agent: false,
      signal,
      lookup: checkedLookup(delivery),
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        'user-agent': 'Wardkeep',
        'wardkeep-delivery': delivery.id,
        ...signature(delivery, body),
      },
    });
    request.on('error', (error) => reject(asError(error)));
    request.on('response', (response) => {
      discard(response, request);
      resolve(response.statusCode ?? 0);
    });
    request.end(body);
  });
}

/** Reads a little of the answer, so that the other side can close in peace, and no more. */
function discard(response: IncomingMessage, request: ClientRequest): void {
  let bytes = 0;
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) request.destroy();
  });
}

export function signature({ secret, nowMs }: Pick<Delivery, 'secret' | 'nowMs'>, body: Uint8Array) {
  if (secret === null || secret === '') return {};
  const seconds = Math.floor(nowMs / 1_000);
  const mac = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return { 'wardkeep-signature': `t=${seconds},v1=${mac}` };
}

function asError(error: Error): NotificationsError {
  if (error instanceof NotificationsError) return error;
  return new NotificationsError('unreachable', 'the receiver of the webhook does not answer', {
    advice: 'check its address, and that this machine may reach it',
  });
}

/** A message as JSON for programs. */
export function webhookBody(message: Message, nowMs: number, options: TextOptions): string {
  const head = { version: 1, kind: message.kind, id: message.id, sentMs: nowMs, hospital: options.hospital };
  const told = (incident: NotifiedIncident) => ({
    ...incident,
    title: harmless(incident.title),
    url: options.consoleUrl === '' ? null : incidentUrl(options.consoleUrl, incident.id),
  });
  if (message.kind === 'incidents')
    return JSON.stringify({ ...head, incidents: message.incidents.map(told), leftOut: message.leftOut });
  if (message.kind === 'digest') {
    const { open, bySeverity, fresh, troubles } = message.facts;
    return JSON.stringify({ ...head, day: message.day, open, bySeverity, incidents: fresh.map(told), troubles });
  }
  return JSON.stringify(head);
}
