import type { TlsOptions } from 'node:tls';
import { type Listener, type ListenOptions, listenStream } from './stream-listener.ts';
import { SyslogFramer } from './syslog-framer.ts';

/** Syslog over TCP (RFC 6587). @throws {LiveError} `cannot_listen` */
export function listenSyslogTcp(options: ListenOptions): Promise<Listener> {
  return listenStream({ ...options, kind: 'syslog', transport: 'tcp', framer: () => new SyslogFramer() });
}

/** Syslog over TLS (RFC 5425), ATNA with it; `tls` as for `node:tls`. @throws {LiveError} `cannot_listen` */
export function listenSyslogTls(options: ListenOptions & { tls: TlsOptions }): Promise<Listener> {
  return listenStream({ ...options, kind: 'syslog', transport: 'tls', framer: () => new SyslogFramer() });
}
