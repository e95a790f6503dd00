import { type Console, createConsole } from '#console';
import { type Endpoint, snippetsFor } from '#ingest/live';
import { type Clock, type Log, type RandomFill, systemClock, systemRandom } from '#kernel';
import type { Config } from '#kernel/config';
import { type Accounts, openAccounts } from '#protect/accounts';
import { Forwarder } from '#respond/forwarding';
import { openNotifier } from '#respond/notifications';
import { ClockWatch } from './clock-watch.ts';
import { openData } from './data.ts';
import { digestFacts } from './digest.ts';
import { withHealth } from './health.ts';
import { isLoopback, listenHttp } from './http.ts';
import { type IntakePorts, openListeners } from './listeners.ts';
import { type Flow, openFlow } from './modules.ts';
import { Reporter } from './reporter.ts';
import { type TlsMaterial, tlsMaterial } from './tls.ts';
import { startUpkeep } from './upkeep.ts';
import { webDirectory } from './web.ts';

/** Before the listeners are open, nothing can be pasted anywhere. */
const NOWHERE: Endpoint = { host: '', http: null, syslogUdp: null, syslogTcp: null, syslogTls: null, mllp: null };
/** Incidents whose message a crash may have swallowed, looked at when the server starts. */
const RETOLD_MAX = 50;

export interface ServerOptions {
  /** Data directory; made when it is not there. */
  dir: string;
  keyFile?: string | undefined;
  config: Config;
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  random?: RandomFill;
  log: Log;
  /** Told while the start takes long; `total` is in entries. */
  onProgress?: (what: string, done: number, total: number) => void;
}

/** A server that takes events and answers. Disposing of it stops it: what was acknowledged is durable and looked at. */
export interface RunningServer extends AsyncDisposable {
  consoleUrl: string;
  /** Where the first administrator is made; good for a short time. Null when there is one already. */
  setup: { url: string; expiresMs: number } | null;
  /** What is listened for → where: `syslog over TCP` → `tcp://127.0.0.1:5514`. */
  places: Readonly<Record<string, string>>;
  ports: IntakePorts;
  /** The ledger was made at this start: its name, and where its master key lies. */
  madeLedger: { origin: string; keyFile: string } | null;
  /** Steps that were made on a state of an older version, and the name of the file that keeps it; null where none were. */
  migrated: { steps: string[]; kept: string } | null;
  /** The own authority's certificate, for browsers and senders; null without TLS, or with given certificates. */
  authorityFile: string | null;
  /** For those who run it in their own process: the demo, and tests. */
  flow: Flow;
  accounts: Accounts;
}

/**
 * Starts Wardkeep: opens its data, brings detection and incidents up to what the ledger holds, then opens the doors.
 * @throws {ServerError} `port_taken`, `bad_certificate`, `not_writable`; and what the modules' openings throw.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dir, config, version, clock = systemClock, random = systemRandom, log } = options;
  const world = { clock, random, log };
  await using stack = new AsyncDisposableStack();
  const data = stack.use(await openData({ dir, keyFile: options.keyFile, clock, log }));
  const { ledger, state } = data;
  const clockWatch = new ClockWatch(clock, (await ledger.entry(ledger.size - 1))?.receivedMs ?? null);
  let console: Console | null = null;
  const zone = (): string => console?.settings.values().zone ?? config.zone ?? 'UTC';
  const flow = stack.use(await openFlow({ ...options, ...world, data, zone }));
  const { intake, archive, detector, incidents, record } = flow;

  const tls = await tlsFor(dir, config, clock);
  const reporter = stack.use(
    new Reporter({ ...world, clockWatch, dir, version, ledger, flow, certificateEndsMs: tls?.expiresMs ?? null }),
  );
  const accounts = openAccounts({ ...world, state, key: ledger.deriveKey('accounts'), record });
  const forwarder = stack.use(new Forwarder({ ...world, ledger, state, version }));
  let consoleUrl = '';
  let endpoint: Endpoint = NOWHERE;
  const digest = digestFacts(incidents, reporter);
  const notifier = stack.use(openNotifier({ ...world, state, digest, consoleUrl: () => consoleUrl }));
  incidents.onChange((news) => notifier.accept(news));

  console = stack.use(
    await createConsole({
      ...world,
      state,
      accounts,
      ledger,
      intake,
      archive,
      detector,
      incidents,
      notifier,
      version,
      rules: flow.ruleDesk,
      snippets: (source) => snippetsFor(source, endpoint),
      troubles: () => reporter.troubles(),
      key: ledger.deriveKey('console'),
      dataDirectory: dir,
      webDirectory: await webDirectory(log),
      isSecure: tls !== null,
      trustedProxies: config.http.trustedProxies,
    }),
  );
  // A crash may have come between an incident and its message; what was told before is recognised.
  for (const incident of (await incidents.list({ state: 'unclosed', limit: RETOLD_MAX })).items)
    notifier.accept({ incident, isNamedByHand: true });
  const { settings } = console;
  const forward = (): void => forwarder.configure(settings.values().forwarding, settings.secret('forwarding.token'));
  forward();
  settings.onChange(forward);
  stack.use(startUpkeep({ ...world, clockWatch, ledger, archive, accounts, keepPlace: flow.keepPlace }));

  const health = {
    unready: () => reporter.unready(),
    impaired: () => reporter.impaired(),
    metrics: () => reporter.metrics(),
    mayRead: (authorization: string | undefined) => mayRead(accounts, authorization),
  };
  const http = stack.use(
    await listenHttp({ ...config.http, tls, name: 'console', log }, withHealth(health, console.listener)),
  );
  consoleUrl = http.url;
  const listeners = stack.use(await openListeners({ ...world, intake, config, dir }));
  ({ endpoint } = listeners);
  const turnedAway = () => ({ console: http.turnedAway(), ...listeners.turnedAway() });
  reporter.reachedAt(consoleUrl, { ...listeners, turnedAway });
  await reporter.write();
  const link = await accounts.setup.issue();
  const opened = stack.move();
  return {
    consoleUrl,
    setup: link === null ? null : { url: `${consoleUrl}/setup?token=${link.token}`, expiresMs: link.expiresMs },
    places: listeners.places,
    ports: listeners.ports,
    madeLedger: data.isNew ? { origin: ledger.origin, keyFile: ledger.manifest.keyFile } : null,
    migrated: data.migrated,
    authorityFile: tls?.authorityFile ?? null,
    flow,
    accounts,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** TLS as the configuration has it; by default wherever the console is reached from elsewhere. */
async function tlsFor(dir: string, config: Config, clock: Clock): Promise<TlsMaterial | null> {
  const { console: mode } = config.tls;
  if (mode === 'off' || (mode === 'auto' && isLoopback(config.http.bind))) return null;
  return tlsMaterial(dir, config.tls, clock);
}

async function mayRead(accounts: Accounts, authorization: string | undefined): Promise<boolean> {
  const secret = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
  if (secret === undefined) return false;
  const token = await accounts.tokens.find(secret);
  return token?.scopes.includes('read') === true;
}
