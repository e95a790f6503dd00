import type { TlsOptions } from 'node:tls';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  type Endpoint,
  type LiveIntake,
  type Listener,
  intakeRoutes,
  listenMllp,
  listenSyslogTcp,
  listenSyslogTls,
  listenSyslogUdp,
} from '#ingest/live';
import { type Clock, type Log, messageOf } from '#kernel';
import type { Config } from '#kernel/config';
import { ServerError } from './errors.ts';
import { isLoopback, listenHttp } from './http.ts';
import { type TlsMaterial, tlsMaterial } from './tls.ts';

/** The ports that systems send to; null where it is off. */
export interface IntakePorts {
  http: number | null;
  syslogUdp: number | null;
  syslogTcp: number | null;
  syslogTls: number | null;
  mllp: number | null;
}

export interface Listeners extends AsyncDisposable {
  ports: IntakePorts;
  /** Where senders on other machines reach it, for what is pasted into them. */
  endpoint: Endpoint;
  /** For people: `syslog over TCP` → `tcp://127.0.0.1:5514`. */
  places: Readonly<Record<string, string>>;
  /** Connections and datagrams that could not be taken, by the names of `ports`; those that are on alone. */
  lost: () => Readonly<Record<string, number>>;
  /** Connections that were turned away because too many were open, in the same way. */
  turnedAway: () => Readonly<Record<string, number>>;
}

export interface ListenersOptions {
  dir: string;
  intake: LiveIntake;
  config: Config;
  clock: Clock;
  log: Log;
}

/**
 * Opens every port of the intake that the configuration names, and reads the files that it names.
 * @throws {ServerError} `port_taken`, `bad_certificate`; {LiveError} `cannot_listen`, `bad_option`
 */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
  const { intake, clock, log } = options;
  const config = options.config.intake;
  await using stack = new AsyncDisposableStack();
  const places: Record<string, string> = {};
  const lost: [keyof IntakePorts, () => number][] = [];
  const turnedAway: [keyof IntakePorts, () => number][] = [];
  const common = { intake, bind: config.bind, clock, log };
  const open = async (
    port: number | null,
    { key, name, scheme }: { key: keyof IntakePorts; name: string; scheme: string },
    listen: (port: number) => Promise<Listener>,
  ): Promise<number | null> => {
    if (port === null) return null;
    const listener = stack.use(await listen(port));
    lost.push([key, () => listener.lost()]);
    if (key !== 'syslogUdp') turnedAway.push([key, () => listener.turnedAway()]);
    places[name] = `${scheme}://${config.bind === '0.0.0.0' ? 'localhost' : config.bind}:${listener.port}`;
    return listener.port;
  };
  // Made only where it is needed: a first look should not have to wait for keys.
  let material: TlsMaterial | null = null;
  const tls = async (): Promise<TlsMaterial> =>
    (material ??= await tlsMaterial(options.dir, options.config.tls, clock));

  const host = isLoopback(config.bind) || !/^(?:0\.0\.0\.0|::)$/.test(config.bind) ? config.bind : hostname();
  let http: number | null = null;
  let origin: string | null = null;
  if (config.http !== null) {
    const secure = isLoopback(config.bind) ? null : await tls();
    const routes = intakeRoutes(intake, { clock, log });
    const listener = stack.use(
      await listenHttp(
        { bind: config.bind, port: config.http, tls: secure, name: 'http', log },
        (request, response) => {
          if (routes(request, response)) return;
          response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
          response.end('nothing is taken under this address; docs/connect.md lists those that are\n');
        },
      ),
    );
    http = listener.port;
    turnedAway.push(['http', listener.turnedAway]);
    origin = `${secure === null ? 'http' : 'https'}://${host}:${http}`;
    places['NDJSON, Splunk HEC, Elastic _bulk, FHIR'] = listener.url;
  }
  const ports: IntakePorts = {
    http,
    syslogUdp: await open(config.syslogUdp, { key: 'syslogUdp', name: 'syslog over UDP', scheme: 'udp' }, (port) =>
      listenSyslogUdp({ ...common, port }),
    ),
    syslogTcp: await open(config.syslogTcp, { key: 'syslogTcp', name: 'syslog over TCP', scheme: 'tcp' }, (port) =>
      listenSyslogTcp({ ...common, port }),
    ),
    syslogTls: await open(
      config.syslogTls,
      { key: 'syslogTls', name: 'syslog over TLS, ATNA', scheme: 'tls' },
      async (port) => listenSyslogTls({ ...common, port, tls: tlsOptions(await tls(), config) }),
    ),
    mllp: await open(config.mllp, { key: 'mllp', name: 'HL7 v2 over MLLP', scheme: 'mllp' }, (port) =>
      listenMllp({ ...common, port }),
    ),
  };
  const watched = config.files.map(({ path, name, format, zone }) => ({
    path,
    format,
    name: name ?? null,
    zone: zone ?? null,
  }));
  if (watched.length > 0) stack.use(await intake.watchFiles(watched));
  for (const { path, name } of watched) places[name === null ? `watched: ${path}` : `watched: ${name}`] = path;
  const opened = stack.move();
  const endpoint = { ...ports, host, http: origin };
  return {
    ports,
    places,
    endpoint,
    lost: () => counted(lost),
    turnedAway: () => counted(turnedAway),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function counted(counts: readonly (readonly [string, () => number])[]): Record<string, number> {
  return Object.fromEntries(counts.map(([key, count]) => [key, count()]));
}

function tlsOptions(material: TlsMaterial, { clientCertificates, clientAuthority }: Config['intake']): TlsOptions {
  const { certificate, key, authority } = material;
  if (clientCertificates === 'none') return { cert: certificate, key };
  const ca = clientAuthority === undefined ? authority : readAuthority(clientAuthority);
  if (ca === null)
    throw new ServerError('bad_certificate', 'client certificates are asked for, and no authority of theirs is known', {
      advice: 'set intake.clientAuthority to the PEM file of the authority that signs them',
    });
  return { cert: certificate, key, ca, requestCert: true, rejectUnauthorized: clientCertificates === 'required' };
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ServerError('bad_certificate', `${path} cannot be read (${messageOf(error)})`, { cause: error });
  }
}
