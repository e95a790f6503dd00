import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MIB, silentLog } from '#kernel';
import { openLedger } from '#ledger';
import type { RunningServer } from '#server';
import { HOSTILE_PEERS, type Target } from './support/hostile-peers.ts';
import { logLine } from './support/log-lines.ts';
import { Visitor, sendLines, serverPlace, startAt, until } from './support/server.ts';
import { byForm } from './support/shared.ts';

/** Each port gets a fourth of the idle ones. In the long form that is more than a listener takes in all (1,000). */
const IDLE = byForm({ quick: 1_240, ordinary: 1_240, long: 5_200 });
const EACH = byForm({ quick: 2, ordinary: 2, long: 4 });
/** Requests and bursts that the honest ones get through while the others are at it. */
const ROUNDS = byForm({ quick: 2, ordinary: 2, long: 300 });
/** Files that a process needs beside its connections. */
const FILES_BESIDE = 600;
/** What may remain of memory and files is far below what thousands of peers take. */
const HEAP_LEFT_MAX = 64 * MIB;
const RSS_LEFT_MAX = 384 * MIB;
const FILES_LEFT_MAX = 40;

const skip =
  process.platform === 'linux' ? false : 'needs root to give this system’s loopback the many addresses of the peers';

test(
  'hostile peers of all kinds at once: honest senders lose nothing, limits hold, and nothing of it stays',
  { skip },
  async (t) => {
    const place = serverPlace(t);
    const warnings: string[] = [];
    const log = {
      ...silentLog,
      warn: (message: string, fields = {}) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
    };
    const server = await startAt(t, place, { log, syslogTls: true });
    const visitor = await Visitor.settingUp(server);
    const honest = new Honest(server, await visitor.newSource('ndjson'));
    await honest.rounds(3);
    const before = await remains();

    const leave = await hostilePeers(t, server, await visitor.newSource('splunk-hec'));
    const newcomer = honest.comes();
    for (let n = 0; n < ROUNDS; n += 1) {
      await honest.rounds(1);
      await answers(server, visitor);
    }
    await newcomer;
    // They are let in one by one, between all else that there is to do.
    await until(async () => {
      const { syslogTcp = 0 } = await turnedAway(server);
      return syslogTcp >= IDLE / 4 - idleMost(IDLE / 4);
    }, 'those beyond the limits are turned away');
    // One line of the log for each port, however many peers it was.
    const said = warnings.filter((line) => line.startsWith('connections are turned away'));
    const listeners = said.map((line) => /"listener":"(?<name>\w+)"/.exec(line)?.groups?.['name']);
    assert.ok(listeners.includes('tcp'));
    assert.equal(new Set(listeners).size, listeners.length, said.join('\n'));
    await leave();

    await until(async () => (await remains()).files <= before.files + FILES_LEFT_MAX, 'their connections are gone');
    const after = await remains();
    t.diagnostic(`${honest.sent.size} honest events; ${JSON.stringify(await turnedAway(server))} turned away`);
    t.diagnostic(`left: heap ${mib(after.heap - before.heap)}, resident ${mib(after.rss - before.rss)}`);
    assert.ok(after.heap - before.heap < HEAP_LEFT_MAX, `heap: ${before.heap} → ${after.heap}`);
    assert.ok(after.rss - before.rss < RSS_LEFT_MAX, `resident: ${before.rss} → ${after.rss}`);
    await honest.rounds(1);
    await honest.leave();
    await server[Symbol.asyncDispose]();
    await eachOnce(place, honest.sent);
  },
);

/** Sends over HTTP and over one syslog connection; what was acknowledged, or written to the end, is `sent`. */
class Honest {
  readonly #server: RunningServer;
  readonly #token: string;
  readonly #sockets: Socket[] = [];
  readonly #broken: string[] = [];
  readonly sent = new Set<string>();
  #line = 0;

  constructor(server: RunningServer, token: string) {
    this.#server = server;
    this.#token = token;
    this.#connect();
  }

  /** So many requests, each sent again until it is taken, and as many bursts on every syslog connection. */
  async rounds(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      const lines = this.#lines('http');
      await until(async () => {
        const status = await sendLines(this.#server, this.#token, lines);
        assert.ok(status === 200 || status === 503, `answered with ${status}`);
        return status === 200;
      }, 'a request is taken');
      for (const line of lines) this.sent.add(line);
      for (const socket of this.#sockets) this.#burst(socket);
    }
    assert.deepEqual(this.#broken, []);
  }

  /** A further syslog sender that comes while all places may be taken. */
  async comes(): Promise<void> {
    const socket = this.#connect();
    if (socket.connecting) await once(socket, 'connect');
    this.#burst(socket);
  }

  async leave(): Promise<void> {
    for (const socket of this.#sockets) {
      this.#burst(socket);
      socket.end();
      if (!socket.closed) await once(socket, 'close');
    }
    assert.deepEqual(this.#broken, []);
  }

  #burst(socket: Socket): void {
    const lines = this.#lines('tcp');
    socket.write(`${lines.join('\n')}\n`);
    for (const line of lines) this.sent.add(line);
  }

  #connect(): Socket {
    const socket = connect(Number(this.#server.ports.syslogTcp), '127.0.0.1').resume();
    socket.on('error', ({ message }) => this.#broken.push(message));
    this.#sockets.push(socket);
    return socket;
  }

  #lines(way: string): string[] {
    return Array.from({ length: 20 }, () => logLine((this.#line += 1), way));
  }
}

/** All of them are at work when this resolves; call what it gives to let them go. */
async function hostilePeers(t: TestContext, server: RunningServer, token: string): Promise<() => Promise<void>> {
  const { ports, consoleUrl } = server;
  const filesMax = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 0);
  const idle = Math.min(IDLE, filesMax - FILES_BESIDE);
  if (idle < IDLE) t.diagnostic(`${idle} idle connections in place of ${IDLE}: a process may open ${filesMax} files`);
  const target = { ...ports, console: Number(new URL(consoleUrl).port), idle, each: EACH, token } as Target;
  const child = fork(HOSTILE_PEERS, [JSON.stringify(target)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const gone = once(child, 'exit');
  t.after(() => void child.kill('SIGKILL'));
  const begun = once(child, 'message') as Promise<[{ idle: number }]>;
  const failed = gone.then(() => assert.fail('the hostile peers ended before they began'));
  const [ready] = await Promise.race([begun, failed]);
  failed.catch(() => undefined);
  t.diagnostic(`${ready.idle} idle connections and ${EACH} peers of each other kind`);
  return async () => {
    child.disconnect();
    await gone;
  };
}

/** The console and the places for probes. */
async function answers(server: RunningServer, visitor: Visitor): Promise<void> {
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const response = await fetch(server.consoleUrl + path);
    assert.equal(response.status, 200, path);
    await response.arrayBuffer();
  }
  await visitor.ask('GET', '/overview');
}

/** By listener, from the figures that everybody sees. */
async function turnedAway(server: RunningServer): Promise<Record<string, number>> {
  const text = await (await fetch(`${server.consoleUrl}/metrics`)).text();
  const found = text.matchAll(/^wardkeep_listener_turned_away_total\{listener="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, name, count]) => [name, Number(count)]));
}

/** How many of so many idle ones a listener keeps: 250 of each address's 300, and 1,000 in all. */
function idleMost(count: number): number {
  return Math.min(1_000, Math.floor(count / 300) * 250 + Math.min(250, count % 300));
}

async function remains(): Promise<{ heap: number; rss: number; files: number }> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Twice: what the first one finalises is free after the second.
  for (let n = 0; n < 2; n += 1) {
    collect();
    await pause(20);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss, files: readdirSync('/proc/self/fd').length };
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

async function eachOnce(place: { dir: string; keyFile: string }, sent: ReadonlySet<string>): Promise<void> {
  await using ledger = await openLedger(place);
  const times = new Map<string, number>();
  for await (const entries of ledger.read({ from: 0, to: ledger.size }))
    for (const { raw } of entries) {
      const text = Buffer.from(raw).toString();
      if (sent.has(text)) times.set(text, (times.get(text) ?? 0) + 1);
    }
  assert.deepEqual(
    [...sent].filter((line) => times.get(line) !== 1),
    [],
    'events that are not there exactly once',
  );
}
