import { type Clock, type RandomFill, uuidv7 } from '#kernel';
import { OUTBOX_MAX } from './limits.ts';
import type { NotificationStore } from './store.ts';
import { type Channel, type DigestFacts, LEVELS, type NotificationSettings, type NotifiedIncident } from './types.ts';

interface World {
  clock: Clock;
  random: RandomFill;
}

/** The ways that are set up. */
export function channelsOf({ notifications }: NotificationSettings): Channel[] {
  return [
    ...(notifications.email === null ? [] : (['email'] as const)),
    ...(notifications.webhook === null ? [] : (['webhook'] as const)),
  ];
}

/**
 * Puts an incident into the outbox of each way, when it is serious enough and was not told at this severity before. What
 * already waits of it is replaced.
 */
export async function queueIncident(
  store: NotificationStore,
  incident: NotifiedIncident,
  { settings, clock, random }: World & { settings: NotificationSettings },
): Promise<boolean> {
  const severity = LEVELS.indexOf(incident.severity);
  if (severity < LEVELS.indexOf(settings.notifications.from)) return false;
  const told = await store.told(incident.id);
  if (told !== null && told >= severity) return false;
  await store.removeIncident(incident.id);
  await store.setTold(incident.id, severity, clock.nowMs());
  for (const channel of channelsOf(settings))
    if ((await store.waiting(channel)) >= OUTBOX_MAX) await countLeftOut(store, channel, 1);
    else
      await store.add({
        ...rowOf(channel, { clock, random }),
        kind: 'incidents',
        incident: incident.id,
        urgent: incident.severity === 'critical' ? 1 : 0,
        body: JSON.stringify(incident),
      });
  return true;
}

/** The digest of a day; a person wants it at the hour that they chose, quiet or not. */
export async function queueDigest(
  store: NotificationStore,
  digest: { day: string; facts: DigestFacts },
  { settings, clock, random }: World & { settings: NotificationSettings },
): Promise<void> {
  for (const channel of channelsOf(settings))
    await store.add({
      ...rowOf(channel, { clock, random }),
      kind: 'digest',
      incident: null,
      urgent: 1,
      body: JSON.stringify(digest),
    });
}

function rowOf(channel: Channel, { clock, random }: World) {
  const nowMs = clock.nowMs();
  return { id: uuidv7(clock, random), channel, created_ms: nowMs, due_ms: nowMs, attempts: 0 };
}

/** Incidents that found no room, told as a number in the next message. */
export async function leftOut(store: NotificationStore, channel: Channel): Promise<number> {
  return Number((await store.memory(`left-out.${channel}`)) ?? 0);
}

export async function countLeftOut(store: NotificationStore, channel: Channel, more: number): Promise<void> {
  await store.remember(`left-out.${channel}`, String(Math.max(0, (await leftOut(store, channel)) + more)));
}
