import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { naiveMatches } from '../../../test/support/naive-sigma.ts';
import { byForm, sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { zipMembers } from '#ingest';
import { createEngine } from './engine.ts';
import { loadRules } from './load.ts';
import type { Rule } from './types.ts';

/** Events of each file, spread over the file. */
const SAMPLE = byForm({ quick: 4, ordinary: 25, long: Infinity });
/** One in so many archives is opened. */
const ARCHIVE_EVERY = byForm({ quick: 3, ordinary: 1, long: 1 });

interface Archive {
  readonly name: string;
  readonly path: string;
}

function archives(): Archive[] {
  return ['windows', 'windows/atomic'].flatMap((folder) =>
    readdirSync(sharedPath(folder))
      .filter((name) => name.endsWith('.zip') && !name.startsWith('pcap'))
      .filter((_name, n) => n % ARCHIVE_EVERY === 0)
      .map((name) => ({ name, path: sharedPath(`${folder}/${name}`) })),
  );
}

function wanted(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('__MACOSX');
}

async function* windowsEvents(path: string): AsyncGenerator<Record<string, unknown>> {
  for await (const { name, bytes } of zipMembers(path, (error) => assert.fail(error))) {
    if (!wanted(name)) continue;
    const lines = Buffer.concat(await Array.fromAsync(bytes()))
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'));
    const step = Math.max(1, Math.floor(lines.length / SAMPLE));
    for (let i = 0; i < lines.length; i += step) {
      const event = JSON.parse(lines[i] ?? '{}') as Record<string, unknown>;
      if (typeof event['Channel'] === 'string') yield event;
    }
  }
}

test(
  'the indexed engine gives exactly the matches of the naive evaluator on real Windows events',
  skipWithoutShared,
  async (t) => {
    const { rules } = await loadRules([sharedPath('sigma/sigma-rules-8eaafff.tgz')]);
    const engine = createEngine({ rules });
    let events = 0;
    let matches = 0;
    for (const { name, path } of archives()) {
      for await (const event of windowsEvents(path)) {
        const indexed = engine.match('windows', event).map((match) => match.rule.id);
        assert.deepEqual(indexed, naiveMatches(applicable(rules, event), event), `${name}, event ${events}`);
        events++;
        matches += indexed.length;
      }
    }
    assert.ok(
      events > byForm({ quick: 50, ordinary: 1_000, long: 100_000 }) &&
        matches > byForm({ quick: 0, ordinary: 10, long: 100 }),
      `${events} events, ${matches} matches`,
    );
    t.diagnostic(`${events} events, ${matches} matches, ${rules.length} rules`);
  },
);

/** Rules that are for other products never apply to a Windows event; leaving them out is only for the time it takes. */
function applicable(rules: readonly Rule[], event: Record<string, unknown>): readonly Rule[] {
  const key = `${(event['Channel'] as string).toLowerCase()}\n${JSON.stringify(event['EventID'])}`;
  const known = BY_KIND.get(key);
  if (known !== undefined) return known;
  const chosen = rules.filter(
    (rule) => naiveMatches([{ ...rule, detection: { kind: 'and', parts: [] } }], event).length > 0,
  );
  BY_KIND.set(key, chosen);
  return chosen;
}

const BY_KIND = new Map<string, readonly Rule[]>();
