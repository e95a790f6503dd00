import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import type { Channel } from './traffic/message.ts';

/** Where the hospital's systems send to. */
export interface Endpoints {
  /** `http://127.0.0.1:8481` */
  http: string;
  /** Token of each channel that comes over HTTP. */
  tokens: Readonly<Record<'ehr' | 'windows' | 'zeek' | 'entra', string>>;
  mllp: { host: string; port: number };
  syslog: { host: string; port: number };
}

/** How one system sends: resolves when what it sent was accepted. */
export type Wire = (texts: readonly string[]) => Promise<void>;

/** Waits before what was refused is sent again, and how often. */
const RETRY_MS = 250;
const RETRIES_MAX = 240;

/** Each system in its own way: FHIR, Elastic `_bulk`, NDJSON, Splunk HEC, MLLP and syslog over TCP. */
export function openWires(endpoints: Endpoints): Record<Channel, Wire> & AsyncDisposable {
  const { http, tokens, mllp, syslog } = endpoints;
  const hl7 = new MllpWire(mllp.host, mllp.port);
  const lines = new SyslogWire(syslog.host, syslog.port);
  return {
    ehr: (texts) => post(`${http}/fhir`, `Bearer ${tokens.ehr}`, 'application/fhir+json', bundleOf(texts)),
    windows: (texts) => post(`${http}/_bulk`, apiKey(tokens.windows), 'application/x-ndjson', bulkOf(texts)),
    zeek: (texts) => post(`${http}/ingest/ndjson`, `Bearer ${tokens.zeek}`, 'application/x-ndjson', texts.join('\n')),
    entra: (texts) =>
      post(`${http}/services/collector/event`, `Splunk ${tokens.entra}`, 'application/json', hecOf(texts)),
    adt: (texts) => hl7.send(texts),
    syslog: (texts) => lines.send(texts),
    async [Symbol.asyncDispose]() {
      hl7.close();
      lines.close();
    },
  };
}

/** As Beats send it: id and key, in base64. */
function apiKey(token: string): string {
  return `ApiKey ${Buffer.from(`wardkeep:${token}`).toString('base64')}`;
}

function bundleOf(texts: readonly string[]): string {
  const entries = texts.map((text) => `{"resource":${text},"request":{"method":"POST","url":"AuditEvent"}}`);
  return `{"resourceType":"Bundle","type":"batch","entry":[${entries.join(',')}]}`;
}

function bulkOf(texts: readonly string[]): string {
  return texts.map((text) => `{"create":{"_index":"winlogbeat"}}\n${text}\n`).join('');
}

function hecOf(texts: readonly string[]): string {
  return texts.map((text) => `{"event":${text}}`).join('');
}

async function post(url: string, authorization: string, type: string, body: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const response = await fetch(url, { method: 'POST', headers: { authorization, 'content-type': type }, body });
    await response.arrayBuffer();
    if (response.ok) return;
    // A full queue asks to wait; anything else will not get better.
    const isBusy = response.status === 429 || response.status === 503;
    if (!isBusy || tries >= RETRIES_MAX) throw new Error(`${url} answered ${response.status}`);
    await new Promise((resolve) => void setTimeout(resolve, RETRY_MS));
  }
}

/** HL7 over MLLP: one message, then its acknowledgement. */
class MllpWire {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null = null;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  async send(texts: readonly string[]): Promise<void> {
    this.#socket ??= await open(this.#host, this.#port);
    for (const text of texts) {
      this.#socket.write(`\u000b${text}\u001c\r`);
      const answer = await replyOf(this.#socket);
      if (!/\rMSA\|A?A/.test(answer)) throw new Error('an HL7 message was not accepted');
    }
  }

  close(): void {
    this.#socket?.destroy();
  }
}

async function replyOf(socket: Socket): Promise<string> {
  let text = '';
  while (!text.includes('\u001c')) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    text += piece.toString('latin1');
  }
  return text;
}

/** Syslog over TCP with octet counts (RFC 6587); nothing comes back. */
class SyslogWire {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null = null;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  async send(texts: readonly string[]): Promise<void> {
    this.#socket ??= await open(this.#host, this.#port);
    const framed = texts.map((text) => `${Buffer.byteLength(text)} ${text}`).join('');
    if (!this.#socket.write(framed)) await once(this.#socket, 'drain');
  }

  close(): void {
    this.#socket?.end();
  }
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  return socket;
}
