import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type TLSSocket, type TlsOptions, createServer as createTlsServer } from 'node:tls';
import { type Clock, ConnectionGuard, type Log, messageOf, silentLog, systemClock } from '#kernel';
import { LiveError } from '../errors.ts';
import { CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, CONNECTION_IDLE_MS_MAX, HANDSHAKE_MS_MAX } from '../limits.ts';
import type { LiveIntake, Sender, SourceKind } from '../types.ts';
import { Connection, type ConnectionOptions, type Framer } from './connection.ts';

const KEEP_ALIVE_MS = 60_000;

export interface ListenOptions {
  intake: LiveIntake;
  bind: string;
  /** 0 takes any that is free. */
  port: number;
  clock?: Clock;
  log?: Log;
  connectionsMax?: number;
  idleMsMax?: number;
}

/** An open port. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Records that were lost before anybody knew whose they were. */
  lost(): number;
  /** Connections that were turned away because too many were open, or gave their place to another. */
  turnedAway(): number;
}

export interface StreamOptions extends ListenOptions {
  kind: SourceKind;
  tls?: TlsOptions;
  transport: string;
  framer: () => Framer;
  answers?: (socket: Socket) => Pick<ConnectionOptions, 'framesMax' | 'onDurable' | 'onRefused'>;
}

/**
 * Listens for senders that keep a connection.
 * @throws {LiveError} `cannot_listen`
 */
export async function listenStream(options: StreamOptions): Promise<Listener> {
  const { tls, bind, port, transport, log = silentLog } = options;
  const { connectionsMax = CONNECTIONS_MAX } = options;
  const door = new StreamDoor(options, (socket) => guard.heard(socket));
  const server: Server =
    tls === undefined
      ? createServer((socket) => {
          if (guard.holds(socket)) door.enter(socket);
        })
      : createTlsServer({ handshakeTimeout: HANDSHAKE_MS_MAX, minVersion: 'TLSv1.2', ...tls }, (socket) =>
          door.enter(socket),
        );
  const limits = { most: connectionsMax, mostPerAddress: CONNECTIONS_PER_ADDRESS_MAX };
  const guard = new ConnectionGuard(server, { name: transport, limits, log });
  // Whoever fails at the handshake is nobody's source.
  server.on('tlsClientError', (error: Error) => log.debug('a TLS handshake failed', { reason: error.name }));
  server.on('connection', (socket: Socket) => door.hold(socket));
  await opened(server, bind, port);
  return {
    port: (server.address() as AddressInfo).port,
    lost: () => door.lost,
    turnedAway: () => guard.turnedAway,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      door.closeAll();
      await closed;
    },
  };
}

async function opened(server: Server, bind: string, port: number): Promise<void> {
  server.listen(port, bind);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw cannotListen({ bind, port }, cause);
  }
  server.on('error', () => undefined);
}

export function cannotListen({ bind, port }: { bind: string; port: number }, cause: unknown): LiveError {
  return new LiveError('cannot_listen', `port ${port} of ${bind} cannot be opened (${messageOf(cause)})`, {
    cause,
    advice: 'see who has it, or set another port in wardkeep.json; ports below 1024 need a right of their own',
  });
}

class StreamDoor {
  readonly #options: StreamOptions;
  readonly #onHeard: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  readonly #abort = new AbortController();
  lost = 0;

  /** `onHeard` is told when a sender has sent something whole. */
  constructor(options: StreamOptions, onHeard: (socket: Socket) => void) {
    this.#options = options;
    this.#onHeard = onHeard;
  }

  /** Every socket, also those whose handshake is not done. */
  hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
  }

  closeAll(): void {
    this.#abort.abort();
    for (const socket of this.#sockets) socket.destroy();
  }

  enter(socket: Socket): void {
    const { idleMsMax = CONNECTION_IDLE_MS_MAX, log = silentLog } = this.#options;
    socket.on('error', () => undefined);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(idleMsMax, () => socket.destroy());
    this.#admit(socket).catch((error: unknown) => {
      log.error('a sender could not be let in', error);
      socket.destroy();
    });
  }

  async #admit(socket: Socket): Promise<void> {
    const { intake, framer, transport, answers, clock = systemClock } = this.#options;
    const sender = this.#senderOf(socket);
    const source = sender === null ? null : await intake.sourceOfSender(sender);
    if (source === null) {
      this.lost += 1;
      socket.destroy();
      return;
    }
    const labels = [`transport:${transport}`];
    const { signal } = this.#abort;
    const { framesMax, onDurable, onRefused } = answers?.(socket) ?? {};
    void new Connection({
      socket,
      source,
      framer: framer(),
      intake,
      clock,
      labels,
      signal,
      onHeard: () => this.#onHeard(socket),
      ...(framesMax === undefined ? {} : { framesMax }),
      ...(onDurable === undefined ? {} : { onDurable }),
      ...(onRefused === undefined ? {} : { onRefused }),
    });
  }

  /** By certificate where one was shown and is good, else by address. */
  #senderOf(socket: Socket): Sender | null {
    const { kind, tls } = this.#options;
    const address = plainAddress(socket.remoteAddress);
    if (address === null) return null;
    if (tls === undefined) return { kind, address, name: address };
    const { authorized } = socket as TLSSocket;
    const certificate = (socket as TLSSocket).getPeerCertificate();
    if (!authorized || certificate.fingerprint256 === undefined) return { kind, address, name: address };
    const name = String(certificate.subject?.CN ?? address);
    return { kind, address: `certificate ${certificate.fingerprint256}`, name };
  }
}

/** An IPv4 address as such, also where the socket is one of IPv6. */
export function plainAddress(address: string | undefined): string | null {
  if (address === undefined) return null;
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
