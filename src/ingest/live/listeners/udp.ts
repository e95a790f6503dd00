import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { systemClock } from '#kernel';
import { UDP_BUFFER_BYTES, UDP_BYTES_MAX, UDP_DROPS_EVERY_MS, UDP_GATHER_MS } from '../limits.ts';
import type { LiveSource } from '../types.ts';
import { type ListenOptions, type Listener, cannotListen, plainAddress } from './stream-listener.ts';

/** Syslog over UDP (RFC 5426). What cannot be taken is counted, by the system too. @throws {LiveError} `cannot_listen` */
export async function listenSyslogUdp(options: ListenOptions): Promise<Listener> {
  const { bind, port } = options;
  const isV6 = isIPv6(bind);
  const socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', recvBufferSize: UDP_BUFFER_BYTES });
  const door = new UdpDoor(options);
  socket.on('message', (message, { address }) => door.take(message, address));
  try {
    socket.bind(port, bind);
    await once(socket, 'listening');
  } catch (cause) {
    throw cannotListen({ bind, port }, cause);
  }
  socket.on('error', () => undefined);
  const drops = setInterval(() => void door.noteDrops(socket), UDP_DROPS_EVERY_MS);
  drops.unref();
  return {
    port: socket.address().port,
    lost: () => door.lost,
    turnedAway: () => 0,
    async [Symbol.asyncDispose]() {
      clearInterval(drops);
      await door.noteDrops(socket);
      socket.close();
      await door.settled();
    },
  };
}

class UdpDoor {
  readonly #options: ListenOptions;
  #byAddress = new Map<string, Buffer[]>();
  #bytes = 0;
  #isUnderway = false;
  readonly #idle: (() => void)[] = [];
  #drops = 0;
  /** Those who sent since the last look at the drops. */
  #recent = new Set<string>();
  lost = 0;

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  take(message: Buffer, from: string): void {
    if (message.length === 0) return;
    if (this.#bytes + message.length > UDP_BYTES_MAX) {
      this.lost += 1;
      return;
    }
    const address = plainAddress(from) ?? from;
    const waiting = this.#byAddress.get(address);
    if (waiting === undefined) this.#byAddress.set(address, [message]);
    else waiting.push(message);
    this.#bytes += message.length;
    if (this.#isUnderway) return;
    this.#isUnderway = true;
    setTimeout(() => void this.#flush(), UDP_GATHER_MS);
  }

  settled(): Promise<void> {
    return this.#isUnderway ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** The system says how many datagrams it dropped, not whose: with one sender alone it is known. */
  async noteDrops(socket: Socket): Promise<void> {
    const total = await systemDrops(socket.address().port);
    const fresh = total === null ? 0 : total - this.#drops;
    const [only, ...others] = this.#recent;
    this.#recent = new Set();
    if (total === null || fresh <= 0) return;
    this.#drops = total;
    this.lost += fresh;
    if (only !== undefined && others.length === 0) this.#options.intake.noteLost(only, fresh);
  }

  async #flush(): Promise<void> {
    while (this.#byAddress.size > 0) {
      const taken = this.#byAddress;
      this.#byAddress = new Map();
      await Promise.all([...taken].map(([address, messages]) => this.#submit(address, messages)));
    }
    this.#isUnderway = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #submit(address: string, messages: readonly Buffer[]): Promise<void> {
    const { intake, clock = systemClock } = this.#options;
    let source: LiveSource | null = null;
    try {
      source = await intake.sourceOfSender({ kind: 'syslog', address, name: address });
      if (source === null) {
        this.lost += messages.length;
        return;
      }
      this.#recent.add(source.id);
      const lengths = Uint32Array.from(messages, ({ length }) => length);
      await intake.submit({
        sourceId: source.id,
        framing: 'records',
        bytes: Buffer.concat(messages),
        lengths,
        receivedMs: clock.nowMs(),
        labels: ['transport:udp'],
      });
    } catch {
      // A datagram cannot be asked for again.
      this.lost += messages.length;
      if (source !== null) intake.noteLost(source.id, messages.length);
    } finally {
      for (const { length } of messages) this.#bytes -= length;
    }
  }
}

/** Datagrams that the system dropped on its sockets of this port; null where it does not say (not Linux). */
async function systemDrops(port: number): Promise<number | null> {
  let total = 0;
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const path of ['/proc/net/udp', '/proc/net/udp6']) {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) continue;
    for (const line of text.split('\n')) {
      const columns = line.trim().split(/\s+/);
      if (columns[1]?.endsWith(wanted) === true) total += Number(columns.at(-1) ?? 0);
    }
  }
  return Number.isFinite(total) ? total : null;
}
