import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { systemErrorCode } from '#kernel';
import type { Config } from '#kernel/config';
import { type Diagnosis, fail, good } from './types.ts';

/** A place that the server listens on. */
export interface PortUse {
  name: string;
  protocol: 'tcp' | 'udp';
  bind: string;
  port: number;
}

/** Every place that this configuration listens on. */
export function portsOf({ http, intake }: Pick<Config, 'http' | 'intake'>): PortUse[] {
  const listeners: [string, 'tcp' | 'udp', number | null][] = [
    ['intake over HTTP', 'tcp', intake.http],
    ['syslog over UDP', 'udp', intake.syslogUdp],
    ['syslog over TCP', 'tcp', intake.syslogTcp],
    ['syslog over TLS', 'tcp', intake.syslogTls],
    ['HL7 over MLLP', 'tcp', intake.mllp],
  ];
  const taken = listeners.flatMap(([name, protocol, port]) =>
    port === null ? [] : [{ name, protocol, bind: intake.bind, port }],
  );
  return [{ name: 'console', protocol: 'tcp', bind: http.bind, port: http.port }, ...taken];
}

/** Whether each port can be had. Not to be asked while our own server holds them. */
export async function checkPorts(ports: readonly PortUse[]): Promise<Diagnosis[]> {
  return Promise.all(ports.map(checkPort));
}

async function checkPort(use: PortUse): Promise<Diagnosis> {
  const place = `${use.bind}:${use.port}/${use.protocol} (${use.name})`;
  const code = await tried(use);
  if (code === null) return good('port', `${place} is free`);
  return fail('port', `${place} cannot be had (${code})`, adviceFor(code, use));
}

function adviceFor(code: string, { port }: PortUse): string {
  if (code === 'EADDRINUSE') return 'another program listens there; choose another port in wardkeep.json';
  if (code === 'EACCES' && port < 1024)
    return 'ports below 1024 need a right: see "systemd" in docs/operating.md (AmbientCapabilities=CAP_NET_BIND_SERVICE)';
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address; correct `bind` in wardkeep.json';
  return 'correct `bind` and the port in wardkeep.json';
}

/** Null when it could be had, else the system's error code. */
function tried({ protocol, bind, port }: PortUse): Promise<string | null> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve(systemErrorCode(error) ?? 'unknown');
    if (protocol === 'udp') {
      const socket = createSocket(bind.includes(':') ? 'udp6' : 'udp4').once('error', failed);
      socket.bind(port, bind, () => void socket.close(() => resolve(null)));
      return;
    }
    const server = createServer().once('error', failed);
    server.listen({ host: bind, port }, () => void server.close(() => resolve(null)));
  });
}
