/** The receiving side of intake-rate.ts and steady-load.ts, which start it: `intake-serve.ts MODE DIR`. */
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openLiveDetector, tapUrl } from '#detect/live';
import { DETECT_MIGRATIONS, type DetectTables, importRules, importedRulesDir, loadRules } from '#detect/sigma';
import { INGEST_MIGRATIONS, type IngestTables } from '#ingest';
import { INTAKE_MIGRATIONS, type IntakeTables, type LiveIntake, intakeRoutes, openIntake } from '#ingest/live';
import { createLog, silentLog, systemClock } from '#kernel';
import { parseConfig } from '#kernel/config';
import { openState } from '#kernel/database';
import { createLedger, openLedger } from '#ledger';
import { startServer } from '#server';
import { sharedPath } from '../test/support/shared.ts';

const RULES = sharedPath('sigma/sigma-rules-8eaafff.tgz');
const [mode = 'plain', dir = ''] = process.argv.slice(2);
const place = { dir: join(dir, 'data'), keyFile: join(dir, 'key') };

interface Served {
  port: number;
  /** Syslog over TCP; null where there is no listener. */
  tcpPort: number | null;
  token: string;
  close: () => Promise<void>;
}

const served = await (mode === 'bare' ? serveBare() : mode === 'server' ? serveAll() : serveIntake(mode === 'tap'));
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => {
  served.close().then(
    () => process.exit(),
    () => process.exit(1),
  );
});
process.send?.({ port: served.port, tcpPort: served.tcpPort, token: served.token });

async function tokenOf(intake: LiveIntake): Promise<string> {
  const source = { name: 'bench', kind: 'ndjson', format: 'auto', zone: null, silentAfterMs: null } as const;
  return (await intake.createSource(source)).token ?? '';
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function serveIntake(hasTap: boolean): Promise<Served> {
  await createLedger({ ...place, origin: 'bench.invalid/intake' });
  const ledger = await openLedger(place);
  const state = await openState<IntakeTables & IngestTables & DetectTables>(place.dir, {
    ...INGEST_MIGRATIONS,
    ...INTAKE_MIGRATIONS,
    ...DETECT_MIGRATIONS,
  });
  const intake = await openIntake({ ledger, state, dir: place.dir, ...(hasTap ? { tap: await tapOf() } : {}) });
  const routes = intakeRoutes(intake);
  const server = createServer((request, response) => void routes(request, response));
  return {
    port: await listen(server),
    tcpPort: null,
    token: await tokenOf(intake),
    async close() {
      server.close();
      await intake[Symbol.asyncDispose]();
      await ledger[Symbol.asyncDispose]();
    },
  };

  async function tapOf(): Promise<{ module: URL; options: unknown }> {
    const ruleSet = await loadRules([RULES], {});
    const record = (): Promise<number> => Promise.resolve(0);
    const detector = openLiveDetector({ ledger, state, ruleSet, record, clock: systemClock, log: silentLog });
    return { module: tapUrl, options: detector.tapOptions() };
  }
}

async function serveAll(): Promise<Served> {
  await importRules(RULES, importedRulesDir({}, place.dir), new Date());
  const ports = { http: 18_481, syslogUdp: null, syslogTcp: 18_482, syslogTls: null, mllp: null };
  const config = parseConfig(JSON.stringify({ http: { port: 18_480 }, intake: ports }), 'bench');
  const log = createLog({ level: 'error' });
  const server = await startServer({ ...place, config, version: '0', env: {}, log });
  const token = await tokenOf(server.flow.intake);
  server.flow.incidents.onChange(({ incident }) => {
    process.send?.({ incident: JSON.stringify(incident), atMs: Date.now() });
  });
  const { http, syslogTcp } = server.ports;
  return { port: http ?? 0, tcpPort: syslogTcp, token, close: async () => server[Symbol.asyncDispose]() };
}

async function serveBare(): Promise<Served> {
  const file = await open(join(dir, 'bare'), 'a');
  const append = async (bytes: Buffer): Promise<void> => {
    await file.write(bytes);
    await file.datasync();
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      let count = 0;
      for (const line of body.toString().split('\n'))
        if (line !== '' && (JSON.parse(line) as object | null) !== null) count += 1;
      const answer = (): void => void response.end(JSON.stringify({ events: count }));
      void append(body).then(answer);
    });
  });
  return { port: await listen(server), tcpPort: null, token: '', close: () => file.close() };
}
