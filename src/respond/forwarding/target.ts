import { ForwardingError } from './errors.ts';

/** Where findings or events go, taken apart. */
export type Target =
  | { kind: 'syslog'; transport: 'tcp' | 'tls' | 'udp'; host: string; port: number }
  | { kind: 'http'; url: string };

const PORTS = { tcp: 601, tls: 6514, udp: 514 } as const;

/**
 * A target out of its setting: `tcp://`, `tls://` or `udp://host:port` for syslog with CEF, `https://…` for OCSF.
 * @throws {ForwardingError} `bad_target`
 */
export function parseTarget(kind: 'syslog-cef' | 'ocsf-http', text: string): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw bad(kind, error);
  }
  if (kind === 'ocsf-http') {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw bad(kind);
    return { kind: 'http', url: url.href };
  }
  const transport = url.protocol.slice(0, -1);
  if ((transport !== 'tcp' && transport !== 'tls' && transport !== 'udp') || url.hostname === '') throw bad(kind);
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  return { kind: 'syslog', transport, host, port: url.port === '' ? PORTS[transport] : Number(url.port) };
}

function bad(kind: string, cause?: unknown): ForwardingError {
  const advice =
    kind === 'ocsf-http' ? 'write https://host/path' : 'write tcp://host:port, tls://host:port or udp://host:port';
  return new ForwardingError('bad_target', 'this is no target that can be forwarded to', { advice, cause });
}
