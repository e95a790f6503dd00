/** How quickly the archive of made events answers. */
import type { Archive } from '#archive';

const DAY_MS = 86_400_000;

async function median(what: string, run: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
  const [best = 0, , middle = 0, , worst = 0] = times.toSorted((a, b) => a - b);
  console.log(`${what}: ${middle.toFixed(0)} ms (best ${best.toFixed(0)}, worst ${worst.toFixed(0)})`);
}

/** Asks what people ask, each five times, and prints the median. `endMs` is when the last event came. */
export async function huntFigures(archive: Archive, endMs: number): Promise<void> {
  const hunt = (sql: string): Promise<unknown> =>
    archive.hunt(sql, { limit: 10_000, seesPatients: true, timeMs: 120_000 });
  const since = new Date(endMs - 30 * DAY_MS).toISOString().slice(0, 10);
  const patient = 'urn:oid:1.2.3|P777';
  await median('hunt: count by hour x class', () =>
    hunt("SELECT date_trunc('hour', time), class, count(*) FROM events GROUP BY ALL"),
  );
  await median('hunt: a patient, last 30 days', () =>
    hunt(
      `SELECT time, user_name, text FROM phi_access WHERE patient = '${patient}' AND day >= DATE '${since}' ORDER BY time DESC`,
    ),
  );
  await median('hunt: the same by event time alone', () =>
    hunt(
      `SELECT time, user_name, text FROM phi_access WHERE patient = '${patient}' AND time >= TIMESTAMP '${since}' ORDER BY time DESC`,
    ),
  );
  await median('look-up: a patient, last 30 days', () =>
    archive.events({ patient, sinceMs: endMs - 30 * DAY_MS, limit: 1_000 }),
  );
  await median('look-up: last 100 of a user', () => archive.events({ user: 'user1500', limit: 100 }));
  await median('look-up: newest 100', () => archive.events({ limit: 100 }));
  await median('look-up: newest 100 with a text', () => archive.events({ text: 'outcome zz', limit: 100 }));
  await median('activity of 24 hours', () => archive.activity(24));
  await median('hunt: 20 users with most patients', () =>
    hunt('SELECT user_name, count(DISTINCT patient) AS n FROM phi_access GROUP BY ALL ORDER BY n DESC LIMIT 20'),
  );
}
