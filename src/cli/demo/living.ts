import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createLog, silentLog } from '#kernel';
import { parseConfig } from '#kernel/config';
import { HOST_ACTOR } from '#protect/accounts';
import { STORIES, type Story, createHospital, hospitalStream, openWires, play } from '#sample';
import { type RunningServer, startServer } from '#server';
import { type CliIo, EXIT } from '../io.ts';
import { count, duration } from '../output/numbers.ts';
import { ProgressLine } from '../output/progress.ts';
import { paint } from '../output/style.ts';
import { stopSignal } from '../stop-signal.ts';
import { UsageError } from '../usage.ts';
import { version } from '../version.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HISTORY_MS = 30 * DAY;
/** Of the month's ordinary minutes one in so many is played: enough to look at, and little enough for a minute's wait. */
const HISTORY_THINNED_BY = 45;
const USER = 'demo';

/** How long before now each story ends. */
const ENDS_BEFORE_MS: Readonly<Record<string, number>> = {
  intrusion: 5 * HOUR,
  vendor: 3 * DAY + 5 * HOUR,
  snooping: DAY + 7 * HOUR,
  export: 2 * DAY + HOUR,
  tablet: 9 * HOUR,
  worm: 2 * MINUTE,
};

/** The server with the sample hospital, a month of it at once and then live, until it is stopped. */
export async function livingDemo({ base, port }: { base: string; port: number }, io: CliIo): Promise<number> {
  const stopped = stopSignal();
  const config = parseConfig('{"zone":"UTC"}', 'the demo');
  const anyPort = { http: 0, syslogUdp: null, syslogTcp: 0, syslogTls: null, mllp: 0 };
  await using server = await startServer({
    dir: join(base, 'data'),
    keyFile: join(base, 'master.key'),
    config: { ...config, http: { ...config.http, port }, intake: { ...config.intake, ...anyPort } },
    version: await version(),
    env: io.env,
    log: io.env['WARDKEEP_LOG'] === undefined ? silentLog : createLog(),
  });
  const password = await signInFor(server);
  io.stdout(greeting(server, { base, password }, io));
  const abort = new AbortController();
  void stopped.then(() => abort.abort());
  await playHospital(server, abort.signal, io);
  await stopped;
  io.stderr(`\nStopped. All of it lies in ${base}; delete that folder when you are done.\n`);
  return EXIT.ok;
}

/** An administrator of the demo who sees patients; all of them are made up. */
async function signInFor({ accounts, setup, consoleUrl }: RunningServer): Promise<string> {
  const password = randomBytes(9).toString('base64url');
  const token = setup === null ? null : new URL(setup.url).searchParams.get('token');
  if (token === null) throw new UsageError('--dir takes a new or empty folder');
  const hospital = 'Riverside Community Hospital';
  const response = await fetch(`${consoleUrl}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-wardkeep': '1' },
    body: JSON.stringify({ token, hospital, zone: 'UTC', user: USER, password }),
  });
  const { user } = (await response.json()) as { user: { id: string } };
  await accounts.users.change(HOST_ACTOR, user.id, { seesPatients: true });
  return password;
}

async function playHospital(server: RunningServer, signal: AbortSignal, io: CliIo): Promise<void> {
  const hospital = createHospital();
  await using wires = openWires(await endpointsOf(server));
  const nowMs = Date.now();
  const stories = STORIES.map((story) => ({ story, fromMs: beginOf(story, nowMs) }));
  const history = hospitalStream({
    hospital,
    fromMs: nowMs - HISTORY_MS,
    toMs: nowMs,
    stories,
    thinnedBy: HISTORY_THINNED_BY,
  });
  const started = performance.now();
  let sent = 0;
  {
    using progress = new ProgressLine(io);
    await play({
      stream: history,
      wires,
      speed: null,
      signal,
      onMinute: (ms, messages) => {
        sent += messages;
        progress.say(`a month of the hospital: ${new Date(ms).toISOString().slice(0, 10)}, ${count(sent)} events`);
      },
    });
  }
  await server.flow.intake.settled();
  await server.flow.detector.settled();
  const { open } = await server.flow.incidents.counts();
  const seconds = (performance.now() - started) / 1_000;
  io.stdout(
    `A month of the hospital, ${count(sent)} events, came in within ${duration(seconds)}: ${count(open)} incidents.\n` +
      'It goes on live. Ctrl+C ends the demo.\n',
  );
  const live = hospitalStream({ hospital, fromMs: nowMs, toMs: nowMs + 365 * DAY });
  await play({ stream: live, wires, speed: 1, signal });
}

function beginOf({ id, lengthMs }: Story, nowMs: number): number {
  const fromMs = nowMs - (ENDS_BEFORE_MS[id] ?? HOUR) - lengthMs;
  return fromMs - (fromMs % MINUTE);
}

async function endpointsOf({ flow, ports }: RunningServer) {
  const silentAfterMs = HOUR;
  const tokenOf = async (name: string, kind: 'fhir-auditevent' | 'elastic-bulk' | 'ndjson' | 'splunk-hec') => {
    const { token } = await flow.intake.createSource({ name, kind, format: 'auto', zone: null, silentAfterMs });
    return token ?? '';
  };
  const host = '127.0.0.1';
  return {
    http: `http://${host}:${ports.http ?? 0}`,
    tokens: {
      ehr: await tokenOf('EHR audit', 'fhir-auditevent'),
      windows: await tokenOf('Windows (Winlogbeat)', 'elastic-bulk'),
      zeek: await tokenOf('Zeek', 'ndjson'),
      entra: await tokenOf('Microsoft Entra', 'splunk-hec'),
    },
    mllp: { host, port: ports.mllp ?? 0 },
    syslog: { host, port: ports.syslogTcp ?? 0 },
  };
}

function greeting(
  { consoleUrl }: RunningServer,
  { base, password }: { base: string; password: string },
  io: CliIo,
): string {
  return `${paint(io, 'Riverside Community, a made-up hospital of 60 beds', 'bold')}

Open      ${paint(io, consoleUrl, 'bold')}
Sign in   ${USER} / ${password}     (made for this demo)

What was laid into its traffic
${STORIES.map(({ title }) => `  - ${title}`).join('\n')}

Everything lies in ${base}.
`;
}
