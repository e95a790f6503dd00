/** Made events (seeded, about 800 bytes, 2,000 users, 50,000 patients, 3,000 devices) for figures about many of them. */
import type { StoredEntry } from '#ledger';

const DAY_MS = 86_400_000;

/** xorshift32: the same events in each run. */
function generator(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** What the made events are like. */
export interface Making {
  many: number;
  days: number;
  /** When the last one was received, ms. */
  endMs: number;
}

/** The event at this index: the same in each run. */
export function madeEntry(index: number, { many, days, endMs }: Making): StoredEntry {
  const random = generator(index * 2_654_435_761 + 1);
  const pick = (count: number, skew = 2): number => Math.floor(random() ** skew * count);
  const receivedMs = endMs - days * DAY_MS + Math.floor((index / many) * days * DAY_MS);
  const kind = random();
  const [classUid, retention] =
    kind < 0.3
      ? [6005, 'record' as const]
      : kind < 0.4
        ? [3002, 'record' as const]
        : [kind < 0.7 ? 4001 : kind < 0.85 ? 4003 : 1007, 'telemetry' as const];
  const user = `user${pick(2_000)}`;
  const event = {
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1000),
    type_uid: classUid * 100 + 1,
    activity_id: 1,
    severity_id: 1 + pick(4, 6),
    status_id: random() < 0.97 ? 1 : 2,
    time: receivedMs - Math.floor(random() * 5_000),
    actor: { user: { name: user, uid: `S-1-5-21-${pick(1e9, 1)}-${user}` }, session: { uid: String(pick(1e9, 1)) } },
    device: { hostname: `PC-${pick(3_000)}`, ip: `10.${pick(16)}.${pick(256, 1)}.${pick(256, 1)}`, type_id: 2 },
    src_endpoint: { ip: `10.${pick(16)}.${pick(256, 1)}.${pick(256, 1)}`, port: 1024 + pick(60_000, 1) },
    dst_endpoint: { ip: `192.0.2.${pick(256)}`, port: 443, hostname: `host${pick(5_000)}.example` },
    ...(classUid === 6005
      ? {
          patient: { uid: `urn:oid:1.2.3|P${pick(50_000)}` },
          purpose_of_use: 'TREAT',
          record_types: ['Observation', 'Encounter'],
          record_count: 1 + pick(20),
        }
      : {}),
    ...(classUid === 4003 ? { query: { hostname: `host${pick(20_000)}.example`, type: 'A' } } : {}),
    ...(classUid === 1007
      ? {
          process: {
            name: 'svchost.exe',
            cmd_line: `C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s ${pick(1e6, 1)}`,
            pid: pick(30_000, 1),
          },
        }
      : {}),
    message: `made event ${index} of ${user} on host ${pick(5_000)}, outcome ${pick(1e9, 1).toString(36)}`,
    metadata: {
      version: '1.8.0',
      log_format: 'made/up',
      product: { name: 'Made', vendor_name: 'Up' },
      logged_time: receivedMs,
      labels: [`source:s${pick(12)}`],
    },
  };
  const normal = Buffer.from(JSON.stringify(event));
  return { index, classUid, receivedMs, retention, state: 'present', normal, raw: new Uint8Array(0), patient: null };
}
