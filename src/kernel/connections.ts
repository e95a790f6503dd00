import type { Server, Socket } from 'node:net';
import type { Log } from './log.ts';

export interface ConnectionLimits {
  /** Connections in all. */
  most: number;
  /** Connections of one address. */
  mostPerAddress: number;
  /** Addresses that speak for many, as a proxy does: only the limit of all holds for them. */
  speaksForMany?: (address: string) => boolean;
}

/** Turning away is said at once, and then no more than once in so long: it may come from thousands of peers. */
const SAID_EVERY_MS = 10 * 60_000;
/** Connections above the limit for which room is made; those beyond are closed by Node itself. */
const HEADROOM = 16;

/**
 * Keeps the connections of a server within limits. Who comes while all places are taken gets the place of the one that has
 * waited longest without saying anything that was understood (`heard`): idle peers shut nobody out. Where all have said
 * something, the newcomer is turned away.
 */
export class ConnectionGuard {
  readonly #limits: ConnectionLimits;
  readonly #say: (turnedAway: number) => void;
  readonly #byAddress = new Map<string, number>();
  /** Those that have a place, and whose they were: a socket that has ended may not say so any more. */
  readonly #all = new Map<Socket, { address: string; peer: string }>();
  /** Those that have said nothing yet, by peer, oldest first. */
  readonly #silent = new Map<string, Socket>();
  #saidAt = Number.NEGATIVE_INFINITY;
  /** Connections that were turned away, or gave their place to another, since the start. */
  turnedAway = 0;

  /** `name`: what is listened for, for the log. */
  constructor(server: Server, { name, limits, log }: { name: string; limits: ConnectionLimits; log: Log }) {
    this.#limits = limits;
    this.#say = (turnedAway) =>
      log.warn('connections are turned away: too many are open', {
        listener: name,
        turnedAway,
        most: limits.most,
        mostPerAddress: limits.mostPerAddress,
      });
    server.maxConnections = limits.most + HEADROOM;
    server.prependListener('connection', (socket: Socket) => this.#enter(socket));
    server.on('drop', () => this.#turnAway(null));
  }

  /** This connection has said something of use, and keeps its place. A TLS socket counts for the one below it. */
  heard(socket: Socket): void {
    this.#silent.delete(peerOf(socket));
  }

  /** Whether it has a place. */
  holds(socket: Socket): boolean {
    return this.#all.has(socket);
  }

  #enter(socket: Socket): void {
    const { remoteAddress: address = '' } = socket;
    const open = this.#byAddress.get(address) ?? 0;
    const { most, mostPerAddress, speaksForMany } = this.#limits;
    if (open >= mostPerAddress && speaksForMany?.(address) !== true) return this.#turnAway(socket);
    if (this.#all.size >= most) {
      const [longest] = this.#silent.values();
      this.#turnAway(longest ?? socket);
      if (longest === undefined) return;
    }
    const peer = peerOf(socket);
    this.#all.set(socket, { address, peer });
    this.#silent.set(peer, socket);
    this.#byAddress.set(address, open + 1);
    socket.once('close', () => this.#leave(socket));
  }

  #leave(socket: Socket): void {
    const place = this.#all.get(socket);
    if (place === undefined) return;
    const { address, peer } = place;
    this.#all.delete(socket);
    if (this.#silent.get(peer) === socket) this.#silent.delete(peer);
    const open = (this.#byAddress.get(address) ?? 1) - 1;
    if (open === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, open);
  }

  #turnAway(socket: Socket | null): void {
    this.turnedAway += 1;
    if (socket !== null) {
      this.#leave(socket);
      socket.on('error', () => undefined);
      // Others are told of it in this turn, and look at its handle.
      process.nextTick(() => socket.destroy());
    }
    if (performance.now() - this.#saidAt < SAID_EVERY_MS) return;
    this.#saidAt = performance.now();
    this.#say(this.turnedAway);
  }
}

/** What tells a connection from all others that are open to the same port. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
