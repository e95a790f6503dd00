import type { OcsfEvent } from '#ingest';

const WHO = ['actor.user.name', 'user.name', 'actor.process.user.name'];
const WHERE = ['device.hostname', 'src_endpoint.hostname', 'src_endpoint.ip'];

/** The person and the machine that an event names, in words. */
export function actorsOf(event: OcsfEvent): string[] {
  const who = WHO.map((path) => textAt(event, path)).find((text) => text !== null);
  const where = WHERE.map((path) => textAt(event, path)).find((text) => text !== null);
  return [
    ...(who === undefined || who === null ? [] : [who]),
    ...(where === undefined || where === null ? [] : [`on ${where}`]),
  ];
}

function textAt(event: unknown, path: string): string | null {
  let value: unknown = event;
  for (const key of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}
