import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { ConnectionGuard, type ConnectionLimits } from './connections.ts';
import { silentLog } from './log.ts';

interface Guarded {
  server: Server;
  guard: ConnectionGuard;
  said: string[];
  /** Connects from a loopback address; resolves when the server has seen it. */
  come: (from?: string) => Promise<Socket>;
}

async function guarded(t: { after: (done: () => void) => void }, limits: ConnectionLimits): Promise<Guarded> {
  const said: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => guard.heard(socket));
  });
  const guard = new ConnectionGuard(server, {
    name: 'test',
    limits,
    log: { ...silentLog, warn: (message) => void said.push(message) },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open: Socket[] = [];
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const come = async (from = '127.0.0.1'): Promise<Socket> => {
    const seen = once(server, 'connection');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    socket.on('error', () => undefined).resume();
    open.push(socket);
    await seen;
    return socket;
  };
  return { server, guard, said, come };
}

async function heard({ server }: Guarded, socket: Socket): Promise<void> {
  socket.write('x');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(server.listening);
}

test('one address gets no more than its share, and a place that became free is given again', async (t) => {
  const place = await guarded(t, { most: 10, mostPerAddress: 2 });
  const first = await place.come();
  await place.come();
  const third = await place.come();
  await once(third, 'close');
  assert.equal(place.guard.turnedAway, 1);
  first.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const fourth = await place.come();
  await heard(place, fourth);
  assert.deepEqual([fourth.destroyed, place.guard.turnedAway], [false, 1]);
});

test('a proxy that is known to speak for many has no limit of its own', async (t) => {
  const speaksForMany = (address: string): boolean => address === '127.0.0.9';
  const place = await guarded(t, { most: 10, mostPerAddress: 2, speaksForMany });
  const all = [];
  for (let n = 0; n < 5; n += 1) all.push(await place.come('127.0.0.9'));
  await heard(place, all[4] as Socket);
  assert.deepEqual(
    all.map(({ destroyed }) => destroyed),
    Array(5).fill(false),
  );
  assert.equal(place.guard.turnedAway, 0);
});

test('when all places are taken the longest silent one gives its own; those that spoke keep theirs', async (t) => {
  const place = await guarded(t, { most: 3, mostPerAddress: 3 });
  const speaking = await place.come();
  await heard(place, speaking);
  const silent = await place.come();
  const later = await place.come();
  const gone = once(silent, 'close');
  const newcomer = await place.come('127.0.0.2');
  await gone;
  await heard(place, later);
  await heard(place, newcomer);
  assert.deepEqual([speaking.destroyed, later.destroyed, newcomer.destroyed], [false, false, false]);
  const late = await place.come('127.0.0.3');
  await once(late, 'close');
  assert.deepEqual([place.guard.turnedAway, place.said.length], [2, 1]);
});
