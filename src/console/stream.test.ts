import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#kernel';
import type { StreamEvent } from './api.ts';
import { setUp, signInAs } from './client.fixture.ts';
import { NOW, openWorld, statusOf } from './console.fixture.ts';
import { ConsoleError } from './errors.ts';
import { STREAMS_PER_CALLER_MAX, STREAM_BACKLOG_BYTES_MAX, STREAM_RING } from './limits.ts';
import { createLook } from './live-news.ts';
import { type StreamHub, createStreamHub } from './stream.ts';

interface Told {
  id: string | null;
  event: string;
  data: unknown;
}

/** Reads a stream as a browser does, until so many events came. */
async function read(stream: ReadableStream<Uint8Array>, count: number): Promise<Told[]> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const blocks = (): string[] => text.split('\n\n').slice(0, -1);
  while (blocks().length < count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return blocks().map((block) => {
    const field = (name: string): string | null => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
    return { id: field('id'), event: field('event') ?? 'message', data: JSON.parse(field('data') ?? 'null') };
  });
}

const news = (size: number): StreamEvent => ({ kind: 'ledger', size });
const subscriber = { callerId: 'a', seesPatients: true, lastId: null, isGood: async () => true };

function withHub(work: (hub: StreamHub) => Promise<void>): () => Promise<void> {
  return async () => {
    using hub = createStreamHub(new ManualClock(NOW));
    await work(hub);
  };
}

test(
  'a browser that comes back is told what it missed, each event once and in order',
  withHub(async (hub) => {
    const first = read(hub.open(subscriber), 3);
    hub.publish(news(1));
    hub.publish(news(2));
    const [hello, one] = await first;
    assert.equal(hello?.event, 'hello');
    assert.deepEqual(one?.data, news(1));
    hub.publish(news(3));
    const again = await read(hub.open({ ...subscriber, lastId: one?.id ?? null }), 3);
    assert.deepEqual(
      again.map(({ data }) => data),
      [news(2), news(3), {}],
    );
    const none = await read(hub.open({ ...subscriber, lastId: again[1]?.id ?? null }), 1);
    assert.deepEqual(
      none.map(({ event }) => event),
      ['hello'],
    );
  }),
);

test(
  'who missed more than is kept, or comes from another run, is told to read everything anew',
  withHub(async (hub) => {
    hub.publish(news(0));
    const [hello] = await read(hub.open(subscriber), 1);
    for (let n = 1; n <= STREAM_RING + 1; n += 1) hub.publish(news(n));
    for (const lastId of [hello?.id ?? '', 'other-1', '', '-', 'x', `${hello?.id?.split('-')[0]}-99999999`]) {
      const told = await read(hub.open({ ...subscriber, lastId }), 2);
      assert.deepEqual(
        told.map(({ event }) => event),
        ['hello', 'reset'],
        lastId,
      );
    }
  }),
);

test(
  'who does not read is let go, who opens too many is refused',
  withHub(async (hub) => {
    const slow = hub.open({ ...subscriber, callerId: 'slow' });
    const title = 'x'.repeat(1_000);
    for (let n = 0; n * 1_000 < STREAM_BACKLOG_BYTES_MAX * 2; n += 1)
      hub.publish({ kind: 'finding', index: n, level: 'low', title });
    assert.equal(hub.count(), 0);
    await slow.cancel();
    const streams = Array.from({ length: STREAMS_PER_CALLER_MAX }, () => hub.open(subscriber));
    assert.throws(() => hub.open(subscriber), ConsoleError);
    hub.open({ ...subscriber, callerId: 'b' });
    await streams[0]?.cancel();
    hub.open(subscriber);
  }),
);

test('an incident is told with a stand-in to those who may not see patients', async (t) => {
  const world = await openWorld(t);
  await setUp(world);
  const told = async (seesPatients: boolean): Promise<Told | undefined> => {
    const client = await signInAs(world, 'analyst', { seesPatients });
    const response = await client.call('GET', '/stream');
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const [incident] = (await world.incidents.list({ limit: 1 })).items;
    const both = read(response.body ?? new ReadableStream(), 2);
    await world.incidents.change(incident?.id ?? '', { title: 'Somebody read MRN 4711' }, 'ada');
    return (await both)[1];
  };
  await world.find();
  assert.match(JSON.stringify((await told(false))?.data), /Somebody read patient-[0-9a-f]{12}"/);
  assert.match(JSON.stringify((await told(true))?.data), /Somebody read MRN 4711"/);
});

test('what changed since the last look is told, and nothing else', () => {
  const sources = [
    statusOf({ id: 's1', name: 'Firewall', kind: 'syslog', format: 'auto', zone: null, silentAfterMs: null }),
  ];
  const seen: StreamEvent[] = [];
  const ledger = { size: 5 };
  const troubles: { code: string; text: string; advice: string }[] = [];
  using hub = createStreamHub(new ManualClock(NOW));
  const parts = {
    stream: { ...hub, publish: (event: StreamEvent) => void seen.push(event) },
    intake: { sources: () => sources },
    ledger,
    troubles: () => troubles,
  };
  const look = createLook(parts as unknown as Parameters<typeof createLook>[0]);
  look();
  assert.deepEqual(seen.splice(0), [{ kind: 'sources', changed: ['s1'] }]);
  look();
  assert.deepEqual(seen, []);
  ledger.size = 6;
  troubles.push({ code: 'disk', text: 'The disk is full.', advice: 'Free space.' });
  sources.pop();
  look();
  assert.deepEqual(
    seen.map(({ kind }) => kind),
    ['sources', 'ledger', 'trouble'],
  );
});
