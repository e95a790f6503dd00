import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipOf } from './support/archives.ts';
import { rawsOf, temporaryPlace, wardkeep } from './support/cli.ts';
import { logLine } from './support/log-lines.ts';

const RULE = `title: Line seen\nid: 0f0f0f0f-0000-4000-8000-000000000001\nlevel: high
logsource: {category: firewall}\ndetection:\n  keywords: ['connection']\n  condition: keywords\n`;

const NAMES = ['first.log', '../../etc/cron.d/planted', 'last.log'];

test('a zip with a planted name is scanned and ingested all the same: the name is said, the others are read', async (t) => {
  const place = temporaryPlace(t);
  const lines = NAMES.map((_name, n) => logLine(n));
  const zip = join(place.base, 'evidence.zip');
  writeFileSync(zip, zipOf(NAMES.map((name, n) => ({ name, bytes: Buffer.from(`${lines[n]}\n`) }))));
  const rules = join(place.base, 'rule.yml');
  writeFileSync(rules, RULE);

  const scanned = await wardkeep(place, ['scan', '--rules', rules, '--output', 'ndjson', zip]);
  const told = scanned.stderr.replaceAll(/\s+/g, ' ');
  assert.equal(scanned.code, 1, told);
  assert.match(told, /Read 2 records/);
  assert.match(
    told,
    /Not read to its end: \S+ \(\.\.\/\.\.\/etc\/cron\.d\/planted\): its name leads out of the archive/,
  );

  const ingested = await wardkeep(place, ['ingest', '--data', place.data, '--json', zip]);
  assert.equal(ingested.code, 1, ingested.stderr);
  const { events, problems } = JSON.parse(ingested.stdout) as { events: number; problems: { member: string }[] };
  assert.deepEqual([events, problems.map(({ member }) => member)], [2, [NAMES[1]]]);
  assert.deepEqual(await rawsOf(place), [lines[0], lines[2]]);

  const again = await wardkeep(place, ['ingest', '--data', place.data, '--json', zip]);
  assert.deepEqual([again.code, (JSON.parse(again.stdout) as { events: number }).events], [1, 0]);
});
