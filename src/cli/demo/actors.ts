import type { OcsfEvent } from '#ingest';
import { textsAt } from '../event-text.ts';

const WHO = ['actor.user.name', 'user.name', 'actor.process.user.name'];
const WHERE = ['device.hostname', 'src_endpoint.hostname', 'src_endpoint.ip'];

/** The person and the machine that an event names, in words. */
export function actorsOf(event: OcsfEvent): string[] {
  const who = textsAt(event, ...WHO).slice(0, 1);
  const where = textsAt(event, ...WHERE).slice(0, 1);
  return [...who, ...where.map((name) => `on ${name}`)];
}
