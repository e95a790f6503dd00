import type { DurableFinding } from '#detect/live';
import type { Level } from '#detect/sigma';

/** When findings happen that state no time. */
export const START = Date.UTC(2026, 10, 24, 2, 13);

let index = 0;

/** Where the finding stands that was made last. */
export function lastIndex(): number {
  return index;
}

export interface Made {
  rule?: string;
  level?: Level;
  tags?: string[];
  atMs?: number;
  user?: string;
  device?: string;
  ip?: string;
  patient?: string;
}

/** A finding of its own index that names these. */
export function finding({
  rule = 'r1',
  level = 'high',
  tags = [],
  atMs = START,
  user,
  device,
  ip,
  patient,
}: Made): DurableFinding {
  index += 10;
  const event = {
    ...(user === undefined ? {} : { actor: { user: { name: user } } }),
    ...(device === undefined ? {} : { device: { hostname: device } }),
    ...(ip === undefined ? {} : { src_endpoint: { ip } }),
    ...(patient === undefined ? {} : { patient: { uid: patient } }),
  };
  const head = { references: [], falsepositives: [], fields: [], file: '', version: '1' };
  return {
    index,
    uid: `u${index}`,
    rule: { ...head, id: rule, title: `Rule ${rule}`, level, tags },
    level,
    kind: 'event',
    indexes: [index - 5],
    total: 1,
    firstMs: atMs,
    atMs,
    match: { field: 'value' },
    group: null,
    events: [{ index: index - 5, event }],
  };
}
